-- Readings and the tracks near them, and the matches that were made of the two.

-- name: pending(since, now, most)
-- Readings that nobody has matched yet, and those whose match is to be judged again, the oldest
-- first; an undone match is not pending. One order, whatever order they came in.
select r.*, m.reading_id is not null as again
from reading r
left join reading_match m using (reading_id)
where r.t >= :since
  and (m.reading_id is null or m.again_at <= :now and m.undone_at is null)
order by r.t, r.source_key
limit :most;

-- name: neighbours(checkpoint_id, since, until, t, source_key)
-- Readings of one gate between the two times, with the match each has: undone ones count as open,
-- and later ones too, unless a person said whose they are: who came in first must not matter.
select r.*, m.mmsi as held_mmsi, m.score as held_score,
       m.reading_id is not null and ((r.t, r.source_key) < (:t, :source_key)
           or m.mmsi is not null and m.score is null) as held
from reading r
left join reading_match m on m.reading_id = r.reading_id and m.undone_at is null
where r.checkpoint_id = :checkpoint_id and r.t between :since and :until
order by r.t, r.source_key;

-- name: fixes_near(west, south, east, north, since, until, late)
-- All fixes in a box and a time. A cloned number or a jump may be the very vessel at the gate: only
-- what came late is left out, since its time is doubtful.
select mmsi, extract(epoch from t)::float8 as t, lon, lat,
       coalesce(sog_kn, 'NaN')::float8 as sog_kn, coalesce(cog_deg, 'NaN')::float8 as cog_deg
from vessel_position
where t between :since and :until
  and lon between :west and :east and lat between :south and :north
  and flags & :late = 0
order by mmsi, t;

-- name: hulls(mmsis)
-- What vessels say they are, and what the register of vessels says.
select w.mmsi, v.name as own_name, h.name as register_name,
       coalesce(h.length_m, v.length_m) as length_m, coalesce(h.beam_m, v.beam_m) as beam_m
from unnest(:mmsis::bigint[]) as w (mmsi)
left join vessel v on v.mmsi = w.mmsi and v.recorded_to = 'infinity' and v.valid_to = 'infinity'
left join hull h on h.mmsi = w.mmsi and h.recorded_to = 'infinity' and h.valid_to = 'infinity'
where v.mmsi is not null or h.mmsi is not null;

-- name: heard(west, south, east, north, since, until)$
-- Whether any fix at all was taken in the box and the time.
select exists (
    select from vessel_position
    where t between :since and :until
      and lon between :west and :east and lat between :south and :north);

-- name: sighted(mmsis, checkpoint_id, since, until)
-- Readings of these vessels by other checkpoints, matched already.
select r.*, m.mmsi as held_mmsi, m.score as held_score
from reading_match m
join reading r using (reading_id)
where m.mmsi = any(:mmsis::bigint[]) and m.undone_at is null
  and r.checkpoint_id <> :checkpoint_id and r.t between :since and :until
order by r.t, r.seq;

-- name: late_of(checkpoint_id, since, until, most)
-- By how much a gate's newest matched readings came late, newest first.
select (reason -> 'facts' ->> 'late_s')::float8 as late_s
from reading r
join reading_match m using (reading_id)
cross join lateral jsonb_array_elements(m.reasons) as reason
where r.checkpoint_id = :checkpoint_id and r.t >= :since and r.t < :until
  and m.mmsi is not null and m.undone_at is null and reason ->> 'rule' = 'time'
order by r.t desc, r.seq desc
limit :most;

-- name: add_match(reading_id, mmsi, score, reasons, again_at)$
-- `False` for a reading that was looked at before: a match that was undone is not made again.
insert into reading_match (reading_id, mmsi, score, reasons, matched_at, again_at)
values (:reading_id, :mmsi, :score, :reasons, clock_timestamp(), :again_at)
on conflict (reading_id) do nothing
returning true;

-- name: lock_match(reading_id)^
select mmsi, score, undone_at from reading_match where reading_id = :reading_id for update;

-- name: set_match(reading_id, mmsi, score, reasons)!
insert into reading_match (reading_id, mmsi, score, reasons, matched_at)
values (:reading_id, :mmsi, :score, :reasons, clock_timestamp())
on conflict (reading_id) do update set
    mmsi = excluded.mmsi, score = excluded.score, reasons = excluded.reasons,
    matched_at = excluded.matched_at, undone_at = null, undone_by = null,
    judged_at = null, again_at = null;

-- name: undo_match(reading_id, who)$
update reading_match set undone_at = clock_timestamp(), undone_by = :who
where reading_id = :reading_id and undone_at is null
returning undone_at;

-- name: matches_since(since, most)
-- What was matched, or taken back, since a time of recording: oldest first.
select r.*, m.mmsi as held_mmsi, m.score as held_score, m.reasons, m.matched_at, m.undone_at
from reading_match m
join reading r using (reading_id)
where greatest(m.matched_at, m.undone_at) >= :since
order by greatest(m.matched_at, m.undone_at), r.seq
limit :most;
