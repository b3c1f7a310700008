-- name: make_stage()#
create temp table if not exists stage_latest (
    mmsi         bigint           not null,
    t            timestamptz      not null,
    payload_hash bigint           not null,
    lon          double precision not null,
    lat          double precision not null,
    sog_kn       real             not null,
    cog_deg      real             not null,
    heading_deg  smallint         not null,
    nav_status   smallint         not null,
    message_type smallint         not null,
    flags        smallint         not null,
    feed         smallint         not null,
    district     smallint         not null,
    border_water boolean          not null
) on commit delete rows;

-- name: upsert_latest(feeds, stations, adcodes)!
-- The stage holds one row of a vessel. Unknown stands there as NaN and -1, so that every row has the
-- same length on the wire.
insert into vessel_latest (
    mmsi, t, lon, lat, sog_kn, cog_deg, heading_deg, nav_status, message_type, flags,
    adcode, border_water, feed_id, station, recorded_at)
select mmsi, t, lon, lat, nullif(sog_kn, 'NaN'), nullif(cog_deg, 'NaN'),
       nullif(heading_deg, -1), nullif(nav_status, -1), message_type, flags,
       (:adcodes::text[])[district], border_water, (:feeds::text[])[feed],
       (:stations::text[])[feed], (select clock_timestamp())
from stage_latest
order by mmsi
on conflict (mmsi) do update set
    t = excluded.t, lon = excluded.lon, lat = excluded.lat, sog_kn = excluded.sog_kn,
    cog_deg = excluded.cog_deg, heading_deg = excluded.heading_deg,
    nav_status = excluded.nav_status, message_type = excluded.message_type,
    flags = excluded.flags, adcode = excluded.adcode, border_water = excluded.border_water,
    feed_id = excluded.feed_id, station = excluded.station, recorded_at = excluded.recorded_at
where excluded.t > vessel_latest.t;

-- name: stored_keys(mmsis, times, hashes)
-- Which of the given keys stand in the store already.
select mmsi, t, payload_hash
from vessel_position
where (mmsi, t, payload_hash) in (
    select * from unnest(:mmsis::bigint[], :times::timestamptz[], :hashes::bigint[]));

-- name: make_partition(day)$
select make_position_partition(:day);

-- name: drop_partition(day)$
select drop_position_partition(:day);

-- name: partitions()
select child.relname as name
from pg_inherits
join pg_class child on child.oid = inhrelid
where inhparent = 'vessel_position'::regclass
order by 1;
