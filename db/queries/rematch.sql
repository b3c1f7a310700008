-- Matches that are to be judged again, because something came in after they were made.

-- name: overtake(since, until, unseen, oldest, held_up, window, settle, reach_deg, heard_deg, late, now)!
-- Fixes recorded in (:since, :until] that were held up on their way, by gate and minute of their own
-- time; the matches of fusion that they would have borne on are to be judged again. A match that
-- was judged :unseen after such a fix has seen it.
with held_up as materialized (
    select t, lon, lat, flags & :late = 0 as tracked, recorded_at
    from vessel_position
    where recorded_at > :since and recorded_at <= :until
      and t > :oldest and recorded_at > t + :held_up::interval),
about as (
    select c.checkpoint_id, date_trunc('minute', h.t) as minute,
           h.tracked and abs(h.lat - c.lat) <= :reach_deg::float8
               and abs(h.lon - c.lon) * cos(radians(c.lat)) <= :reach_deg::float8 as near,
           max(h.recorded_at) as newest
    from held_up h
    join checkpoint c on abs(h.lat - c.lat) <= :heard_deg::float8
        and abs(h.lon - c.lon) * cos(radians(c.lat)) <= :heard_deg::float8
    group by 1, 2, 3)
update reading_match m
set again_at = :now
from about a
join reading r on r.checkpoint_id = a.checkpoint_id
    and r.t >= a.minute - :settle::interval
    and r.t <= a.minute + interval '1 minute'
        + case when a.near then :window::interval else :settle::interval end
where m.reading_id = r.reading_id and r.t > :oldest and m.again_at is null
  and coalesce(m.judged_at, m.matched_at) < a.newest + :unseen::interval
  and m.undone_at is null and (m.mmsi is null or m.score is not null);

-- name: carry_on(reading_id, first, vessels, oldest, exclusive, clock_back, second_sensor, window, settle, reach_deg, now)!
-- A reading was judged the :first time or otherwise than before: matches that rest on it are to be
-- judged again. Those are later ones of its gate, by its clock or for the tracks, and later ones of
-- gates where its :vessels sailed by; of earlier ones only those that did not know of it at all.
update reading_match m
set again_at = :now
from reading o, reading r
where o.reading_id = :reading_id and m.reading_id = r.reading_id
  and r.t > :oldest and m.again_at is null
  and m.undone_at is null and (m.mmsi is null or m.score is not null)
  and (r.checkpoint_id = o.checkpoint_id and r.t between o.t and o.t + :clock_back::interval
           and (r.t, r.source_key) > (o.t, o.source_key)
       or :first::boolean and r.checkpoint_id = o.checkpoint_id
           and r.t between o.t - :exclusive::interval and o.t and r.reading_id <> o.reading_id
           and coalesce(m.judged_at, m.matched_at) < o.recorded_at
       or r.checkpoint_id <> o.checkpoint_id and r.t > o.t and r.t <= o.t + :second_sensor::interval
           and exists (
               select from checkpoint c
               join vessel_position p on p.mmsi = any(:vessels::bigint[])
                   and p.t between r.t - :window::interval and r.t + :settle::interval
                   and abs(p.lat - c.lat) <= :reach_deg::float8
                   and abs(p.lon - c.lon) * cos(radians(c.lat)) <= :reach_deg::float8
               where c.checkpoint_id = r.checkpoint_id));

-- name: judged(reading_id)!
update reading_match set judged_at = clock_timestamp(), again_at = null
where reading_id = :reading_id;
