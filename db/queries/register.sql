-- name: lock_register(noun)!
select pg_advisory_xact_lock(hashtextextended('register ' || :noun, 0));

-- name: clock()$
select clock_timestamp();

-- name: hulls(mmsis, at, as_known_at)
select mmsi, name, length_m, beam_m, capacity_t, light_draught_m, laden_draught_m, carrier_id,
       carries_spoil
from hull
where (:mmsis::bigint[] is null or mmsi = any(:mmsis::bigint[]))
    and valid_from <= :at and :at < valid_to
    and recorded_from <= :as_known_at and :as_known_at < recorded_to
order by mmsi;

-- name: carriers(ids, at, as_known_at)
select carrier_id, name, name_en, home_adcode
from carrier
where (:ids::text[] is null or carrier_id = any(:ids::text[]))
    and valid_from <= :at and :at < valid_to
    and recorded_from <= :as_known_at and :as_known_at < recorded_to
order by carrier_id;

-- name: wharves(ids, at, as_known_at)
select wharf_id, name, name_en, adcode, lon, lat, kind
from wharf
where (:ids::text[] is null or wharf_id = any(:ids::text[]))
    and valid_from <= :at and :at < valid_to
    and recorded_from <= :as_known_at and :as_known_at < recorded_to
order by wharf_id;

-- name: known_hulls(ids)
select mmsi, name, length_m, beam_m, capacity_t, light_draught_m, laden_draught_m, carrier_id,
       carries_spoil, valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from
from hull where mmsi = any(:ids::bigint[]) and recorded_to = 'infinity' order by mmsi, valid_from;

-- name: known_carriers(ids)
select carrier_id, name, name_en, home_adcode,
       valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from
from carrier where carrier_id = any(:ids::text[]) and recorded_to = 'infinity'
order by carrier_id, valid_from;

-- name: known_wharves(ids)
select wharf_id, name, name_en, adcode, lon, lat, kind,
       valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from
from wharf where wharf_id = any(:ids::text[]) and recorded_to = 'infinity'
order by wharf_id, valid_from;

-- name: close_hulls(ids, starts, recorded, ends)!
update hull set recorded_to = closed.recorded_to
from unnest(:ids::bigint[], :starts::timestamptz[], :recorded::timestamptz[], :ends::timestamptz[])
    as closed (mmsi, valid_from, recorded_from, recorded_to)
where hull.mmsi = closed.mmsi and hull.valid_from = closed.valid_from
    and hull.recorded_from = closed.recorded_from and hull.recorded_to = 'infinity';

-- name: close_carriers(ids, starts, recorded, ends)!
update carrier set recorded_to = closed.recorded_to
from unnest(:ids::text[], :starts::timestamptz[], :recorded::timestamptz[], :ends::timestamptz[])
    as closed (carrier_id, valid_from, recorded_from, recorded_to)
where carrier.carrier_id = closed.carrier_id and carrier.valid_from = closed.valid_from
    and carrier.recorded_from = closed.recorded_from and carrier.recorded_to = 'infinity';

-- name: close_wharves(ids, starts, recorded, ends)!
update wharf set recorded_to = closed.recorded_to
from unnest(:ids::text[], :starts::timestamptz[], :recorded::timestamptz[], :ends::timestamptz[])
    as closed (wharf_id, valid_from, recorded_from, recorded_to)
where wharf.wharf_id = closed.wharf_id and wharf.valid_from = closed.valid_from
    and wharf.recorded_from = closed.recorded_from and wharf.recorded_to = 'infinity';

-- name: notify(payload)!
select pg_notify('whistle', :payload);
