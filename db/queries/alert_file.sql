-- What stands behind one alert. Read when somebody looks at it.

-- name: select_alert(alert_id)^
-- One alert, as `select_alerts` of the picture gives it.
select a.alert_id::text as alert_id, a.behaviour, a.rule_set, a.source_kind, a.mmsi,
       coalesce(h.name, v.name) as name, a.subject, a.state, a.score, a.level,
       a.reasons::text as reasons, a.lon, a.lat, a.adcode, a.border_adcodes,
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
from alert a
left join vessel v
    on v.mmsi = a.mmsi and v.recorded_to = 'infinity' and v.valid_to = 'infinity'
left join hull h
    on h.mmsi = a.mmsi and h.recorded_to = 'infinity' and h.valid_to = 'infinity'
left join reading r on r.reading_id = case
    when a.source_kind = 'reading' and a.source_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then a.source_id::uuid end
left join checkpoint c using (checkpoint_id)
where a.alert_id = :alert_id;

-- name: select_readings(mmsi, ids, since, count)
-- Readings matched to the vessel from :since on, also those taken back since, and those the alert
-- itself cites, newest first; with who said so by hand and why.
select r.reading_id::text as reading_id, r.system, c.name as checkpoint_zh,
       c.name_en as checkpoint_en, extract(epoch from r.t)::float8 as t, r.direction, r.entering,
       r.draught_m, r.draught_error_m, r.length_m, r.beam_m, r.plate, r.confidence, r.laden_raw,
       encode(r.image_hash, 'hex') as image, m.mmsi,
       case when m.reasons -> 0 ->> 'rule' = 'by_hand'
           then m.reasons -> 0 -> 'facts' ->> 'by' end as matched_by,
       case when m.reasons -> 0 ->> 'rule' = 'by_hand'
           then m.reasons -> 0 -> 'facts' ->> 'note' end as matched_note,
       extract(epoch from m.undone_at)::float8 as undone_at, m.undone_by,
       case when m.undone_at is not null then (
           select convert_from(e.payload, 'UTF8')::jsonb ->> 'note'
           from event e
           where e.stream_kind = 'reading' and e.stream_id = r.reading_id::text
               and e.kind = 'match.undone'
           order by e.seq desc limit 1
       ) end as undone_note
from reading r
join checkpoint c using (checkpoint_id)
left join reading_match m on m.reading_id = r.reading_id
where r.reading_id = any(:ids::uuid[]) or (m.mmsi = :mmsi::bigint and r.t >= :since)
order by r.t desc, r.reading_id
limit :count;

-- name: select_hull(mmsi)^
-- The vessel by the register of hulls, with its carrier.
select h.name, h.length_m, h.beam_m, h.capacity_t, h.light_draught_m, h.laden_draught_m,
       h.carries_spoil, h.carrier_id, c.name as carrier_zh, c.name_en as carrier_en
from hull h
left join carrier c on c.carrier_id = h.carrier_id
    and c.recorded_to = 'infinity' and c.valid_to = 'infinity'
where h.mmsi = :mmsi and h.recorded_to = 'infinity' and h.valid_to = 'infinity';

-- name: select_declared(mmsi)^
-- What the crew says; decides nothing.
select draught_m, loaded_raw, length_m, beam_m
from vessel
where mmsi = :mmsi and recorded_to = 'infinity' and valid_to = 'infinity';

-- name: select_earlier_alerts(mmsi, alert_id, count)
-- Other alerts about the vessel, newest first.
select alert_id::text as alert_id, state, score, level, reasons::text as reasons,
       extract(epoch from began_at)::float8 as began_at
from alert
where mmsi = :mmsi and alert_id <> :alert_id
order by began_at desc, alert_id
limit :count;

-- name: select_thumbnail(image_hash)$
select thumbnail from image where image_hash = :image_hash;
