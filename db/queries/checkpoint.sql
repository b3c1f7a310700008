-- name: lock_points()!
select pg_advisory_xact_lock(hashtextextended('checkpoint', 0));

-- name: put_checkpoints(ids, systems, names, names_en, lons, lats, bearings, widths, waterways, adcodes, every)!
insert into checkpoint (
    checkpoint_id, system, name, name_en, lon, lat, bearing_deg, width_m, waterway, adcode, every_s,
    registered_at)
select put.*, clock_timestamp()
from unnest(:ids::text[], :systems::text[], :names::text[], :names_en::text[],
            :lons::double precision[], :lats::double precision[], :bearings::double precision[],
            :widths::double precision[], :waterways::text[], :adcodes::text[], :every::integer[])
    as put (checkpoint_id, system, name, name_en, lon, lat, bearing_deg, width_m, waterway, adcode,
            every_s)
order by 1
on conflict (checkpoint_id) do update set
    name = excluded.name, name_en = excluded.name_en, lon = excluded.lon, lat = excluded.lat,
    bearing_deg = excluded.bearing_deg, width_m = excluded.width_m, waterway = excluded.waterway,
    adcode = excluded.adcode, every_s = excluded.every_s, retired_at = null;

-- name: retire(ids)
update checkpoint set retired_at = clock_timestamp()
where checkpoint_id = any(:ids::text[]) and retired_at is null
returning checkpoint_id, retired_at;

-- name: points()
select checkpoint_id, system, name, name_en, lon, lat, bearing_deg, width_m, waterway, adcode,
       every_s, retired_at
from checkpoint
order by system desc, checkpoint_id;

-- name: health()
select checkpoint_id, system, name, name_en, lon, lat, bearing_deg, width_m, waterway, adcode,
       every_s, last_contact_at, last_reading_at, coalesce(refused, 0) as refused, clock_ahead_s
from checkpoint
left join checkpoint_status using (checkpoint_id)
where retired_at is null
order by system desc, checkpoint_id;

-- name: add_token(token_hash, checkpoint_id, expires_in)^
-- Nothing comes back for a point that is unknown or retired.
insert into checkpoint_token (token_hash, checkpoint_id, issued_at, expires_at)
select :token_hash, checkpoint_id, at, at + :expires_in::interval
from checkpoint, (select clock_timestamp() as at) as clock
where checkpoint_id = :checkpoint_id and retired_at is null
returning issued_at, expires_at;

-- name: revoke_tokens(checkpoint_id)
update checkpoint_token set revoked_at = clock_timestamp()
where checkpoint_id = :checkpoint_id and revoked_at is null and expires_at > clock_timestamp()
returning token_hash, revoked_at;

-- name: tokens()
select token_hash, checkpoint_id, issued_at, expires_at, revoked_at from checkpoint_token;

-- name: add_contacts(ids, contacts, readings, refused, ahead)!
insert into checkpoint_status as known (
    checkpoint_id, last_contact_at, last_reading_at, refused, clock_ahead_s)
select heard.*
from unnest(:ids::text[], :contacts::timestamptz[], :readings::timestamptz[], :refused::bigint[],
            :ahead::double precision[])
    as heard (checkpoint_id, last_contact_at, last_reading_at, refused, clock_ahead_s)
where exists (select from checkpoint where checkpoint.checkpoint_id = heard.checkpoint_id)
order by 1
on conflict (checkpoint_id) do update set
    last_contact_at = greatest(excluded.last_contact_at, known.last_contact_at),
    last_reading_at = greatest(excluded.last_reading_at, known.last_reading_at),
    refused = known.refused + excluded.refused,
    clock_ahead_s = coalesce(excluded.clock_ahead_s, known.clock_ahead_s);

-- name: add_refusals(ids, minutes, codes, counts)!
insert into checkpoint_refusal (checkpoint_id, minute, code, n)
select * from unnest(:ids::text[], :minutes::timestamptz[], :codes::text[], :counts::bigint[])
order by 1, 2, 3
on conflict (checkpoint_id, minute, code) do update set n = checkpoint_refusal.n + excluded.n;

-- name: refusals(since)
select checkpoint_id, code, sum(n)::bigint as n from checkpoint_refusal
where minute >= :since
group by 1, 2 order by 1, 2;
