-- What explains a passage that no AIS track explains.

-- name: last_heard(checkpoint_id, at, since, upto, west, south, east, north, reach, untrusted)
-- The last trusted fix before :at, and the first one of any kind after it, of every vessel that was
-- heard since :since and within the box (degrees) then; not of those matched with another passage.
select l.mmsi, b.t as at, b.lon, b.lat, b.sog_kn, n.t as next_at, n.lon as next_lon,
       n.lat as next_lat, coalesce(h.length_m, v.length_m) as length_m,
       h.name as register_name, v.name as own_name, coalesce(h.carries_spoil, false) as spoil
from vessel_latest l
cross join lateral (
    select t, lon, lat, sog_kn from vessel_position p
    where p.mmsi = l.mmsi and p.t between :since and :at::timestamptz and p.flags & :untrusted = 0
    order by t desc limit 1) b
left join lateral (
    select t, lon, lat from vessel_position p
    where p.mmsi = l.mmsi and p.t > :at and p.t <= :upto
    order by t limit 1) n on true
left join hull h on h.mmsi = l.mmsi and h.recorded_to = 'infinity' and h.valid_to = 'infinity'
left join vessel v on v.mmsi = l.mmsi and v.recorded_to = 'infinity' and v.valid_to = 'infinity'
where l.t >= :since
  and l.lon between :west - :reach::float8 and :east + :reach::float8
  and l.lat between :south - :reach::float8 and :north + :reach::float8
  and b.lon between :west and :east and b.lat between :south and :north
  and not exists (
      select from reading_match m
      join reading r using (reading_id)
      where m.mmsi = l.mmsi and m.undone_at is null and r.checkpoint_id = :checkpoint_id
        and r.t between :at::timestamptz - interval '5 minutes' and :at::timestamptz + interval '5 minutes')
order by l.mmsi;

-- name: taken(reading_id, checkpoint_id, at, window, back, late, before, settle, west, south, east, north, clone, flagged)
-- Fixes about a passage that fusion could not go by: it has not looked again since they came late,
-- their own time is doubtful, their vessel was heard once and without a course, or their number is
-- one of two hulls. Not of vessels that are matched with another passage there.
select p.mmsi, p.t, p.lon, p.lat
from vessel_position p
join reading_match j on j.reading_id = :reading_id
where p.t between :at::timestamptz - :window::interval and :at::timestamptz + :window::interval
  and p.lon between :west and :east and p.lat between :south and :north
  and (p.recorded_at > p.t + :late::interval
           and (p.flags & :flagged <> 0 and p.recorded_at > j.matched_at
                or p.t <= :at::timestamptz + :settle::interval
                    and p.recorded_at > coalesce(j.judged_at, j.matched_at))
       or (p.cog_deg is null or p.sog_kn is null)
           and p.t <= :at::timestamptz + :settle::interval
           and not exists (
               select from vessel_position q
               where q.mmsi = p.mmsi and q.t <> p.t
                 and q.t between :at::timestamptz - :before::interval
                     and :at::timestamptz + :settle::interval)
       or exists (
           select from vessel_position q
           where q.mmsi = p.mmsi and q.t between :at::timestamptz - :back::interval and :at::timestamptz + :back::interval
             and q.flags & :clone <> 0))
  and not exists (
      select from reading_match m
      join reading r using (reading_id)
      where m.mmsi = p.mmsi and m.undone_at is null and r.checkpoint_id = :checkpoint_id
        and r.t between :at::timestamptz - interval '5 minutes' and :at::timestamptz + interval '5 minutes')
order by p.mmsi, p.t;

-- name: nobodies(since, most)
-- Passages since :since that are nobody's and of which nobody was told, at most :most of them: with
-- every minute others, so that all have their turn.
select r.reading_id
from reading r
join reading_match m using (reading_id)
where r.t >= :since and m.mmsi is null and m.score is not null and m.undone_at is null
  and not exists (
      select from alert a
      where a.raised_at >= :since and a.source_kind = 'reading' and a.state <> 'retracted'
        and a.source_id = r.reading_id::text)
order by md5(r.reading_id::text || date_trunc('minute', clock_timestamp())::text)
limit :most;
