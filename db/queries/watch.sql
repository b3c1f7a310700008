-- What the watch reads every second, and how far it has read.

-- name: begin_cursor(source, back)!
insert into watch_cursor (source, upto, revision, recorded_at)
select :source, now - :back::interval, 1, now from (select clock_timestamp() as now) as clock
on conflict do nothing;

-- name: cursor(source)^
select upto, revision, clock_timestamp() as now from watch_cursor where source = :source;

-- name: move_cursor(source, revision, upto)!
update watch_cursor
set upto = greatest(upto, :upto), revision = revision + 1, recorded_at = clock_timestamp()
where source = :source and revision = :revision;

-- name: end_round()!
-- The row of a whole round; it looks at nothing, so it has no cursor to compare.
insert into watch_cursor (source, upto, revision, recorded_at)
select 'round', now, 1, now from (select clock_timestamp() as now) as clock
on conflict (source) do update
set upto = excluded.upto, revision = watch_cursor.revision + 1, recorded_at = excluded.recorded_at;

-- name: marked(source, keys)
select key from watch_mark where source = :source and key = any(:keys::text[]);

-- name: add_marks(source, keys)!
insert into watch_mark (source, key, marked_at)
select :source, key, clock_timestamp() from unnest(:keys::text[]) as found (key)
order by key
on conflict do nothing;

-- name: drop_marks(source, before)!
delete from watch_mark where source = :source and marked_at < :before;

-- name: crossings_recorded(since, most)
select * from crossing where recorded_at >= :since order by recorded_at, crossing_id limit :most;

-- name: crossing(crossing_id)^
select * from crossing where crossing_id = :crossing_id;

-- name: crossings_of(mmsi, since, until)
select * from crossing
where mmsi = :mmsi and crossed_at between :since and :until
order by crossed_at desc, crossing_id;

-- name: district_at(mmsi, at)$
-- The confirmed district of a vessel: where its last crossing before led, else where its next one
-- came from, else what detection holds now.
select coalesce(
    (select to_adcode from crossing where mmsi = :mmsi and crossed_at <= :at
     order by crossed_at desc limit 1),
    (select from_adcode from crossing where mmsi = :mmsi and crossed_at > :at
     order by crossed_at limit 1),
    (select district from vessel_state where mmsi = :mmsi));

-- name: spoil_carriers(since)
-- The newest trusted fix and the confirmed district of every registered spoil carrier.
select l.mmsi, l.t, l.lon, l.lat, l.sog_kn, l.adcode, l.border_water, s.district, l.feed_id,
       l.station
from hull h
join vessel_latest l using (mmsi)
left join vessel_state s using (mmsi)
where h.carries_spoil and h.recorded_to = 'infinity' and h.valid_to = 'infinity' and l.t >= :since
order by l.mmsi;

-- name: heard_near(mmsi, lon, lat, reach_deg, since)$
-- Whether other vessels about a place are still received.
select exists (
    select from vessel_latest
    where mmsi <> :mmsi and t >= :since
      and abs(lon - :lon) <= :reach_deg and abs(lat - :lat) <= :reach_deg);

-- name: next_fix(mmsi, after, until)$
select min(t) from vessel_position
where mmsi = :mmsi and t > :after and t <= :until;

-- name: fix_at(mmsi, t)^
-- A fix as it was stored, trusted ones first.
select mmsi, t, lon, lat, sog_kn from vessel_position
where mmsi = :mmsi and t = :t
order by flags, payload_hash
limit 1;

-- name: track_between(mmsi, since, until, untrusted)
select t, lon, lat from vessel_position
where mmsi = :mmsi and t between :since and :until and flags & :untrusted = 0
order by t;

-- name: last_moved(mmsi, lon, lat, until, earliest, reach_lon, reach_lat, untrusted)$
-- When the vessel was last away from a place before :until; its first fix if it never was.
select coalesce(
    (select max(t) from vessel_position
     where mmsi = :mmsi and t between :earliest and :until and flags & :untrusted = 0
       and (abs(lon - :lon) > :reach_lon or abs(lat - :lat) > :reach_lat)),
    (select min(t) from vessel_position
     where mmsi = :mmsi and t between :earliest and :until and flags & :untrusted = 0));

-- name: hulls_named(name, at)
-- Registered hulls of exactly this name.
select mmsi, name, length_m, beam_m, capacity_t, light_draught_m, laden_draught_m, carrier_id,
       carries_spoil
from hull
where name = :name and valid_from <= :at and :at < valid_to and recorded_to = 'infinity'
order by mmsi
limit 2;

-- name: own_name(mmsi)$
select name from vessel
where mmsi = :mmsi and recorded_to = 'infinity' and valid_to = 'infinity';

-- name: match_of(reading_id)^
select mmsi, score, undone_at from reading_match where reading_id = :reading_id;

-- name: latest_state(mmsi)^
select l.mmsi, l.t, l.lon, l.lat, l.sog_kn, l.adcode, l.border_water, s.district, l.feed_id,
       l.station
from vessel_latest l
left join vessel_state s using (mmsi)
where l.mmsi = :mmsi;

-- name: is_watching(application, age)$
-- Whether a watch is connected, and has ended a round not longer ago than :age.
select exists (select from pg_stat_activity
               where application_name = :application and datname = current_database())
   and exists (select from watch_cursor
               where source = 'round' and recorded_at >= clock_timestamp() - :age::interval);

-- name: stays(mmsi, since, until, least, still_kn, untrusted)
-- Where a vessel lay still for long between two times, to some 100 m; the last one first.
select avg(lon) as lon, avg(lat) as lat, max(t) as until
from vessel_position
where mmsi = :mmsi and t between :since and :until and sog_kn < :still_kn
  and flags & :untrusted = 0
group by round(lon::numeric, 3), round(lat::numeric, 3)
having max(t) - min(t) >= :least::interval
order by max(t) desc;
