-- Who heard anybody when, and which receivers there are about a place.

-- name: add_heard(feed_ids, stations, minutes, counts)!
insert into receiver_minute (feed_id, station, minute, n)
select * from unnest(
    :feed_ids::text[], :stations::text[], :minutes::timestamptz[], :counts::bigint[])
order by 1, 2, 3
on conflict (feed_id, station, minute) do update set n = receiver_minute.n + excluded.n;

-- name: last_fix(mmsi)^
select mmsi, t, lon, lat, feed_id, station from vessel_latest where mmsi = :mmsi;

-- name: receivers_about(mmsi, lon, lat, reach_deg, since)
-- Of every receiver that was the last to hear other vessels since :since: how many, how many near.
select feed_id, station, count(*) as company,
       count(*) filter (where abs(lon - :lon) <= :reach_deg and abs(lat - :lat) <= :reach_deg)
           as near
from vessel_latest
where mmsi <> :mmsi and t >= :since
group by feed_id, station
order by feed_id, station;

-- name: minutes_heard(feed_ids, stations, since, until)
select feed_id, station, array_agg(minute) as minutes
from receiver_minute
where (feed_id, station) in (select * from unnest(:feed_ids::text[], :stations::text[]))
  and minute between :since and :until
group by feed_id, station;

-- name: pipeline(feed_id)^
select recorded_at, connected, last_sentence_at, queued from feed_status
where feed_id = :feed_id and ended_at is null;

-- name: read_clock()$
select clock_timestamp();
