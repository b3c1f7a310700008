-- name: authorities(ids, at, as_known_at)
select authority_id, name, name_en, level, adcode, department, substitutes
from authority
where (:ids::text[] is null or authority_id = any(:ids::text[]))
    and valid_from <= :at and :at < valid_to
    and recorded_from <= :as_known_at and :as_known_at < recorded_to
order by authority_id;

-- name: officers(ids, at, as_known_at)
select officer_id, name, home_authority, seconded_to, phone, title, certificate
from officer
where (:ids::text[] is null or officer_id = any(:ids::text[]))
    and valid_from <= :at and :at < valid_to
    and recorded_from <= :as_known_at and :as_known_at < recorded_to
order by officer_id;

-- name: contacts(ids, authority_ids, at, as_known_at)
select contact_id, authority_id, officer_id, kind, address, secret, verified_at
from contact
where (:ids::text[] is null or contact_id = any(:ids::text[]))
    and (:authority_ids::text[] is null or authority_id = any(:authority_ids::text[]))
    and valid_from <= :at and :at < valid_to
    and recorded_from <= :as_known_at and :as_known_at < recorded_to
order by contact_id;

-- name: shifts(ids, authority_ids, starts_before, ends_after, at, as_known_at)
-- a shift is at most 31 days long: the index on starts_at bounds the search from both sides
select shift_id, authority_id, officer_id, starts_at, ends_at, place
from shift
where (:ids::text[] is null or shift_id = any(:ids::text[]))
    and (:authority_ids::text[] is null or authority_id = any(:authority_ids::text[]))
    and starts_at < :starts_before::timestamptz and ends_at > :ends_after::timestamptz
    and starts_at > :ends_after::timestamptz - interval '31 days 1 hour'
    and valid_from <= :at and :at < valid_to
    and recorded_from <= :as_known_at and :as_known_at < recorded_to
order by starts_at, authority_id, place, shift_id;

-- name: known_authorities(ids)
select authority_id, name, name_en, level, adcode, department, substitutes,
       valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from
from authority where authority_id = any(:ids::text[]) and recorded_to = 'infinity'
order by authority_id, valid_from;

-- name: known_officers(ids)
select officer_id, name, home_authority, seconded_to, phone, title, certificate,
       valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from
from officer where officer_id = any(:ids::text[]) and recorded_to = 'infinity'
order by officer_id, valid_from;

-- name: known_shifts(ids)
select shift_id, authority_id, officer_id, starts_at, ends_at, place,
       valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from
from shift where shift_id = any(:ids::text[]) and recorded_to = 'infinity'
order by shift_id, valid_from;

-- name: known_contacts(ids)
select contact_id, authority_id, officer_id, kind, address, secret, verified_at,
       valid_from, nullif(valid_to, 'infinity') as valid_to, recorded_from
from contact where contact_id = any(:ids::text[]) and recorded_to = 'infinity'
order by contact_id, valid_from;

-- name: close_authorities(ids, starts, recorded, ends)!
update authority set recorded_to = closed.recorded_to
from unnest(:ids::text[], :starts::timestamptz[], :recorded::timestamptz[], :ends::timestamptz[])
    as closed (authority_id, valid_from, recorded_from, recorded_to)
where authority.authority_id = closed.authority_id and authority.valid_from = closed.valid_from
    and authority.recorded_from = closed.recorded_from and authority.recorded_to = 'infinity';

-- name: close_officers(ids, starts, recorded, ends)!
update officer set recorded_to = closed.recorded_to
from unnest(:ids::text[], :starts::timestamptz[], :recorded::timestamptz[], :ends::timestamptz[])
    as closed (officer_id, valid_from, recorded_from, recorded_to)
where officer.officer_id = closed.officer_id and officer.valid_from = closed.valid_from
    and officer.recorded_from = closed.recorded_from and officer.recorded_to = 'infinity';

-- name: close_shifts(ids, starts, recorded, ends)!
update shift set recorded_to = closed.recorded_to
from unnest(:ids::text[], :starts::timestamptz[], :recorded::timestamptz[], :ends::timestamptz[])
    as closed (shift_id, valid_from, recorded_from, recorded_to)
where shift.shift_id = closed.shift_id and shift.valid_from = closed.valid_from
    and shift.recorded_from = closed.recorded_from and shift.recorded_to = 'infinity';

-- name: close_contacts(ids, starts, recorded, ends)!
update contact set recorded_to = closed.recorded_to
from unnest(:ids::text[], :starts::timestamptz[], :recorded::timestamptz[], :ends::timestamptz[])
    as closed (contact_id, valid_from, recorded_from, recorded_to)
where contact.contact_id = closed.contact_id and contact.valid_from = closed.valid_from
    and contact.recorded_from = closed.recorded_from and contact.recorded_to = 'infinity';

-- name: district_names()
select feature_id as adcode, name_zh as name
from layer_feature join layer using (layer_id)
where kind = 'district' and recorded_to = 'infinity'
order by feature_id;
