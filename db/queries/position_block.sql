-- name: claim()$
-- One at a time, whoever it is; given back with the transaction, which ends if we are gone.
select pg_try_advisory_xact_lock(hashtextextended('compact_positions', 0))
from set_config('idle_in_transaction_session_timeout', '300000', true);

-- name: read_feeds(day)$
select feeds_of_position_day(:day);

-- name: open_day(day, feeds)$
select open_position_day(:day, :feeds::text[]);

-- name: fetch_day()
-- The hint is for the loader, which warns of a query without this word.
fetch forward 16 from position_day /*+ select of open_day */;

-- name: close_day()!
close position_day;

-- name: count_day(day)$
-- How many there are, and none comes before the transaction ends.
select count_position_day(:day);

-- name: exact_windows(since, until, about)
-- Which fixes between the two times must stay as they are: those around crossings with their two
-- fixes, around alerts and the fixes they cite, and those that somebody pinned.
select mmsi, extract(epoch from since)::float8 as since, extract(epoch from until)::float8 as until
from (
    select mmsi, least(fix_before_at, crossed_at) - :about::interval as since,
           greatest(fix_after_at, confirmed_at) + :about::interval as until
    from crossing
    union all
    select mmsi, began_at - :about::interval, last_at + :about::interval
    from alert
    where mmsi is not null
    union all
    select split_part(cited ->> 'id', '@', 1)::bigint,
           (cited ->> 'at')::timestamptz - :about::interval,
           (cited ->> 'at')::timestamptz + :about::interval
    from alert
    cross join lateral jsonb_array_elements(reasons) as reason
    cross join lateral jsonb_array_elements(coalesce(reason -> 'evidence', '[]')) as cited
    where cited ->> 'kind' = 'fix'
    union all
    select mmsi, since, until from position_pin
) as kept
where since < :until and until >= :since
order by mmsi, since, until;

-- name: blocks_of_day(day, mmsis)
select mmsi, heard, bound_m, data from position_block
where day = :day and mmsi = any(:mmsis::bigint[]);

-- name: put_blocks(day, mmsis, firsts, lasts, fixes, heard, bounds, data)!
insert into position_block (
    mmsi, day, first_at, last_at, fixes, heard, bound_m, data, recorded_at)
select mmsi, :day, first_at, last_at, fixes, heard, bound_m, data, clock_timestamp()
from unnest(:mmsis::bigint[], :firsts::timestamptz[], :lasts::timestamptz[], :fixes::integer[],
            :heard::integer[], :bounds::real[], :data::bytea[])
    as block (mmsi, first_at, last_at, fixes, heard, bound_m, data)
on conflict (mmsi, day) do update set
    first_at = excluded.first_at, last_at = excluded.last_at, fixes = excluded.fixes,
    heard = excluded.heard, bound_m = excluded.bound_m, data = excluded.data,
    recorded_at = excluded.recorded_at;

-- name: drop_expired(before)
-- Blocks of the days before :before, but those of which somebody pinned a moment.
with gone as (
    delete from position_block b
    where day < :before
      and not exists (
          select from position_pin p
          where p.mmsi = b.mmsi and p.since <= b.last_at and p.until >= b.first_at)
    returning day, fixes
)
select day, count(*) as blocks, sum(fixes)::bigint as fixes from gone group by day order by day;

-- name: blocks_between(mmsi, since, until)
select day, bound_m, data from position_block
where mmsi = :mmsi and day between (:since::timestamptz at time zone 'UTC')::date
                               and (:until::timestamptz at time zone 'UTC')::date
  and last_at >= :since and first_at <= :until
order by day;

-- name: rows_between(mmsi, since, until)
select t, payload_hash, lon, lat, sog_kn, cog_deg, heading_deg,
       nav_status, message_type, flags, feed_id, recorded_at
from vessel_position
where mmsi = :mmsi and t between :since and :until
order by t, payload_hash;

-- name: add_pin(pin_id, mmsi, since, until, owner_kind, owner_id)$
-- `False` for a pin that is there already.
insert into position_pin (pin_id, mmsi, since, until, owner_kind, owner_id, recorded_at)
values (:pin_id, :mmsi, :since, :until, :owner_kind, :owner_id, clock_timestamp())
on conflict (pin_id) do nothing
returning true;
