-- name: permits_for(mmsis, at, as_known_at, today, earliest_day)
-- Papers that name the vessel, or no vessel but the carrier it sails for at that moment; only where
-- there are none, a few that the carrier has for other vessels. The version in force then speaks;
-- where the last one ended before, its end is when the paper was withdrawn.
with asked as materialized (
    select a.mmsi, h.carrier_id
    from unnest(:mmsis::bigint[]) as a (mmsi)
    left join hull h on h.mmsi = a.mmsi
        and h.valid_from <= :at and :at < h.valid_to
        and h.recorded_from <= :as_known_at and :as_known_at < h.recorded_to
), own as materialized (
    select a.mmsi, p.permit_id from asked a join permit p on p.mmsi = a.mmsi
    where p.recorded_from <= :as_known_at and :as_known_at < p.recorded_to
    union
    select a.mmsi, p.permit_id from asked a join permit p on p.carrier_id = a.carrier_id
    where p.mmsi is null and p.recorded_from <= :as_known_at and :as_known_at < p.recorded_to
), others as (
    select c.carrier_id, o.permit_id
    from (
        select distinct carrier_id from asked
        where carrier_id is not null and mmsi not in (select mmsi from own)
    ) c cross join lateral (
        select p.permit_id from permit p
        where p.carrier_id = c.carrier_id and p.mmsi is not null and p.last_day >= :today
            and p.valid_from <= :at and :at < p.valid_to
            and p.recorded_from <= :as_known_at and :as_known_at < p.recorded_to
        order by p.last_day desc, p.number limit 3
    ) o
), named as materialized (
    select mmsi, permit_id from own
    union all
    select a.mmsi, o.permit_id from asked a join others o using (carrier_id)
    where a.mmsi not in (select mmsi from own)
), spoken as (
    select distinct on (p.permit_id) p.*
    from permit p
    where p.permit_id in (select permit_id from named) and p.valid_from <= :at
        and p.recorded_from <= :as_known_at and :as_known_at < p.recorded_to
    order by p.permit_id, p.valid_from desc
)
select n.mmsi as asked_mmsi, s.permit_id, s.number, s.kind, s.purpose, s.holder, s.carrier_id, s.mmsi,
       s.waste, s.quantity_t, s.used_t, s.from_adcode, s.to_adcode, s.via, s.first_day, s.last_day,
       case when s.valid_to <= :at then s.valid_to end as withdrawn_at
from named n join spoken s using (permit_id)
where s.last_day >= :earliest_day
order by n.mmsi, s.kind, s.number;

-- name: permits_at(at, as_known_at)
select permit_id, number, kind, purpose, holder, carrier_id, mmsi, waste, quantity_t, used_t,
       from_adcode, to_adcode, via, first_day, last_day, null::timestamptz as withdrawn_at
from permit
where valid_from <= :at and :at < valid_to
    and recorded_from <= :as_known_at and :as_known_at < recorded_to
order by kind, number;

-- name: known_versions(ids)
select permit_id, number, kind, purpose, holder, carrier_id, mmsi, waste, quantity_t, used_t,
       from_adcode, to_adcode, via, first_day, last_day, null::timestamptz as withdrawn_at,
       valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from,
       null::timestamptz as recorded_to
from permit
where permit_id = any(:ids::uuid[]) and recorded_to = 'infinity'
order by permit_id, valid_from;

-- name: history(permit_id)
select permit_id, number, kind, purpose, holder, carrier_id, mmsi, waste, quantity_t, used_t,
       from_adcode, to_adcode, via, first_day, last_day, null::timestamptz as withdrawn_at,
       valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from,
       nullif(recorded_to, 'infinity') as recorded_to
from permit
where permit_id = :permit_id
order by recorded_from, valid_from;

-- name: close_versions(ids, starts, recorded, ends)!
update permit set recorded_to = closed.recorded_to
from unnest(:ids::uuid[], :starts::timestamptz[], :recorded::timestamptz[], :ends::timestamptz[])
    as closed (permit_id, valid_from, recorded_from, recorded_to)
where permit.permit_id = closed.permit_id and permit.valid_from = closed.valid_from
    and permit.recorded_from = closed.recorded_from and permit.recorded_to = 'infinity';
