-- What the console shows each second. All of it is read in one repeatable-read transaction.

-- name: read_clock()$
-- The store's clock, which signs of life are written by too.
select clock_timestamp();

-- name: select_live_vessels(since)
-- The newest trusted fix of every vessel heard since :since, with what it says it is.
select l.mmsi, extract(epoch from l.t)::float8 as t, l.lon, l.lat, l.sog_kn, l.cog_deg,
       l.heading_deg, l.nav_status, l.message_type, l.flags, l.adcode, l.border_water, l.feed_id,
       l.station, v.name, v.length_m
from vessel_latest l
left join vessel v
    on v.mmsi = l.mmsi and v.recorded_to = 'infinity' and v.valid_to = 'infinity'
where l.t >= :since
order by l.mmsi;

-- name: select_recent_crossings(count)
-- The newest :count crossings with the vessel's name, in the order in which they became certain:
-- that may be minutes after the crossing itself, so some more are looked at than are shown.
select c.crossing_id::text as crossing_id, c.mmsi, v.name, c.from_adcode, c.to_adcode, c.via,
       extract(epoch from c.crossed_at)::float8 as crossed_at,
       extract(epoch from c.confirmed_at)::float8 as confirmed_at, c.lon, c.lat, c.by, c.grazing
from (select * from crossing order by crossed_at desc, crossing_id limit 4 * :count) c
left join vessel v
    on v.mmsi = c.mmsi and v.recorded_to = 'infinity' and v.valid_to = 'infinity'
order by c.confirmed_at desc, c.crossing_id
limit :count;

-- name: count_crossings(since)$
-- Crossings from :since on; grazing ones are none.
select count(*) from crossing where crossed_at >= :since and not grazing;

-- name: select_alerts(decided_since, closed_since, count)
-- Alerts that nobody has decided, however old; those validated from :decided_since on and those
-- closed from :closed_since on, with the vessel's name; the weightiest first, at most :count.
select a.alert_id::text as alert_id, a.behaviour, a.rule_set, a.source_kind, a.mmsi,
       coalesce(h.name, v.name) as name, a.subject, a.state, a.score, a.level, a.reasons::text as reasons, a.lon, a.lat,
       a.adcode, a.border_adcodes,
       extract(epoch from a.began_at)::float8 as began_at,
       extract(epoch from a.last_at)::float8 as last_at,
       extract(epoch from a.raised_at)::float8 as raised_at,
       extract(epoch from a.changed_at)::float8 as changed_at,
       a.reopened, a.handled_by, extract(epoch from a.handled_at)::float8 as handled_at, a.note,
       extract(epoch from a.retracted_at)::float8 as retracted_at, a.retraction,
       a.silence_owner, a.silence_reason,
       extract(epoch from a.silence_until)::float8 as silence_until,
       coalesce(a.silence_until <= clock_timestamp(), false) as silence_over,
       c.name as checkpoint_zh, c.name_en as checkpoint_en
from (
    select * from alert
    where state in ('new', 'seen')
       or (state = 'validated' and changed_at >= :decided_since)
       or (state in ('rejected', 'retracted') and changed_at >= :closed_since)
    order by state in ('rejected', 'retracted'), score desc, raised_at desc, alert_id
    limit :count
) a
left join vessel v
    on v.mmsi = a.mmsi and v.recorded_to = 'infinity' and v.valid_to = 'infinity'
left join hull h
    on h.mmsi = a.mmsi and h.recorded_to = 'infinity' and h.valid_to = 'infinity'
left join reading r on r.reading_id = case
    when a.source_kind = 'reading' and a.source_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then a.source_id::uuid end
left join checkpoint c using (checkpoint_id)
order by state in ('rejected', 'retracted'), score desc, raised_at desc, alert_id;

-- name: count_open_alerts(decided_since)$
-- How many alerts still count, listed or not.
select count(*) from alert
where state in ('new', 'seen') or (state = 'validated' and changed_at >= :decided_since);

-- name: count_alerts(since)$
-- Alerts raised from :since on.
select count(*) from alert where raised_at >= :since;

-- name: read_watched()$
-- When the watch last ended a whole round; null if it never did.
select extract(epoch from recorded_at)::float8 from watch_cursor where source = 'round';

-- name: select_feeds()
-- Every feed that is or was connected, with how its worker last saw it.
select s.feed_id, f.name_zh, f.name_en, s.connected, s.queued, s.queue_limit,
       extract(epoch from s.last_sentence_at)::float8 as last_sentence_at,
       extract(epoch from s.last_fix_at)::float8 as last_fix_at,
       extract(epoch from s.recorded_at)::float8 as recorded_at,
       extract(epoch from s.ended_at)::float8 as ended_at
from feed_status s
left join feed f on f.feed_id = s.feed_id and f.recorded_to = 'infinity'
order by s.feed_id;

-- name: select_receivers(since)
-- Every receiver that some vessel was heard by last, since :since: the beginning of the last minute
-- in which it heard anybody, and how many were on it to the end.
with receiver as (
    select feed_id, station,
           (select max(minute) from receiver_minute m
            where m.feed_id = l.feed_id and m.station = l.station) as heard_at
    from (select distinct feed_id, station from vessel_latest where t >= :since) l
)
select feed_id, station, heard_at, count(*) as company
from receiver
join vessel_latest l using (feed_id, station)
where l.t >= heard_at - interval '10 minutes'
group by feed_id, station, heard_at
order by feed_id, station;

-- name: select_feed_minutes(since)
-- Sentences of the last minutes from :since on, per feed and minute, flags aside.
select feed_id, extract(epoch from minute)::float8 as minute, sum(n)::bigint as n
from feed_count
where minute >= :since and outcome not like 'flag\_%'
group by feed_id, minute;

-- name: select_feed_outcomes(hour, day)
-- Per feed and outcome: how many since :hour and since :day.
select feed_id, outcome, coalesce(sum(n) filter (where minute >= :day), 0)::bigint as day_n,
       coalesce(sum(n) filter (where minute >= :hour), 0)::bigint as hour_n
from feed_count
where minute >= least(:hour, :day)
group by feed_id, outcome;

-- name: select_tails(since, untrusted)
-- The first trusted fix of every vessel in each half minute from :since on, oldest first: more than
-- a tail shows is not worth the way.
select distinct on (mmsi, date_bin('30 seconds', t, :since))
       mmsi, extract(epoch from t)::float8 as t, lon, lat
from vessel_position
where t >= :since and flags & :untrusted = 0
order by mmsi, date_bin('30 seconds', t, :since), t;

-- name: select_vessel(mmsi)^
-- One vessel: what it says it is and its newest fix.
select l.mmsi, extract(epoch from l.t)::float8 as t, l.lon, l.lat, l.sog_kn, l.cog_deg,
       l.heading_deg, l.nav_status, l.message_type, l.flags, l.adcode, l.border_water, l.feed_id,
       v.name, v.callsign, v.imo, v.eni, v.ship_type, v.inland_type, v.length_m, v.beam_m,
       v.draught_m, v.destination, v.hazard, v.loaded_raw
from vessel_latest l
left join vessel v
    on v.mmsi = l.mmsi and v.recorded_to = 'infinity' and v.valid_to = 'infinity'
where l.mmsi = :mmsi;

-- name: select_vessel_track(mmsi, since)
-- The fixes of one vessel from :since on, oldest first, flagged ones too.
select extract(epoch from t)::float8 as t, lon, lat, flags
from vessel_position
where mmsi = :mmsi and t >= :since
order by t;

-- name: select_vessel_crossings(mmsi, count)
-- The newest :count crossings of one vessel, newest first.
select c.crossing_id::text as crossing_id, c.mmsi, null::text as name, c.from_adcode, c.to_adcode,
       c.via, extract(epoch from c.crossed_at)::float8 as crossed_at,
       extract(epoch from c.confirmed_at)::float8 as confirmed_at, c.lon, c.lat, c.by, c.grazing
from crossing c
where c.mmsi = :mmsi
order by c.crossed_at desc, c.crossing_id
limit :count;

-- name: select_vessel_flags(mmsi, since)
-- How many fixes of one vessel carry each combination of flags since :since.
select flags, count(*) as n
from vessel_position
where mmsi = :mmsi and t >= :since and flags <> 0
group by flags;
