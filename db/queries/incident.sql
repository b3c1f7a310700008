-- name: store_now()$
select clock_timestamp();

-- name: lock_day(day)!
-- Keeps the numbers of one day apart until the transaction ends. A statement of its own: the next
-- one sees what was committed while this one waited.
select pg_advisory_xact_lock(hashtextextended('incident ' || :day, 8));

-- name: next_number(day)$
select coalesce(max(right(number, -length(:day) - 1)::integer), 0) + 1
from incident where starts_with(number, :day || '-');

-- name: lock_incidents(incident_ids)
select * from incident where incident_id = any(:incident_ids::uuid[]) order by incident_id for update;

-- name: read_incidents(incident_ids)
select * from incident where incident_id = any(:incident_ids::uuid[]) order by incident_id;

-- name: parts_of(incident_ids)
select * from incident_part where incident_id = any(:incident_ids::uuid[]) order by incident_id, place;

-- name: alerts_of(incident_ids)
select ia.incident_id, ia.alert_id from incident_alert ia join alert a using (alert_id)
where ia.incident_id = any(:incident_ids::uuid[]) order by a.raised_at, ia.alert_id;

-- name: links_of(incident_ids)
select incident_id, other_id from incident_link
where incident_id = any(:incident_ids::uuid[]) order by incident_id, other_id;

-- name: put_incident(incident_id, number, state, matter, title, summary, origin, reporter, mmsi, subject, lon, lat, adcode, border_adcodes, datum, said, words, why, began_at, opened_at, opened_by, opened_for, changed_at, merged_into, retraction, closed_at, reopened, revision)!
insert into incident (
    incident_id, number, state, matter, title, summary, origin, reporter, mmsi, subject, lon, lat,
    adcode, border_adcodes, datum, said, words, why, began_at, opened_at, opened_by, opened_for,
    changed_at, merged_into, retraction, closed_at, reopened, revision)
values (
    :incident_id, :number, :state, :matter, :title, :summary, :origin, :reporter, :mmsi, :subject,
    :lon, :lat, :adcode, :border_adcodes, :datum, :said, :words, :why, :began_at, :opened_at,
    :opened_by, :opened_for, :changed_at, :merged_into, :retraction, :closed_at, :reopened,
    :revision)
on conflict (incident_id) do update set
    state = excluded.state, matter = excluded.matter, title = excluded.title,
    summary = excluded.summary, mmsi = excluded.mmsi, subject = excluded.subject,
    lon = excluded.lon, lat = excluded.lat, adcode = excluded.adcode,
    border_adcodes = excluded.border_adcodes, datum = excluded.datum, said = excluded.said,
    words = excluded.words,
    changed_at = excluded.changed_at, merged_into = excluded.merged_into,
    retraction = excluded.retraction, closed_at = excluded.closed_at,
    reopened = excluded.reopened, revision = excluded.revision;

-- name: drop_parts(incident_id, kept)!
delete from incident_part
where incident_id = :incident_id and authority_id <> all(:kept::text[]);

-- name: put_parts(incident_id, authority_ids, reasons, told, closed, closers, notes)!
insert into incident_part (
    incident_id, authority_id, place, reasons, told_at, closed_at, closed_by, closing_note)
select :incident_id, authority_id, place - 1,
       array(select jsonb_array_elements_text(:reasons::jsonb -> (place - 1)::integer)),
       told_at, closed_at, closed_by, closing_note
from unnest(
    :authority_ids::text[], :told::timestamptz[], :closed::timestamptz[], :closers::text[],
    :notes::text[])
    with ordinality as part (authority_id, told_at, closed_at, closed_by, closing_note, place)
on conflict (incident_id, authority_id) do update set
    place = excluded.place, reasons = excluded.reasons, told_at = excluded.told_at,
    closed_at = excluded.closed_at, closed_by = excluded.closed_by,
    closing_note = excluded.closing_note;

-- name: put_alerts(incident_id, alert_ids)!
insert into incident_alert (incident_id, alert_id)
select :incident_id, alert_id from unnest(:alert_ids::uuid[]) as alert_id
on conflict do nothing;

-- name: put_links(incident_id, other_ids)!
insert into incident_link (incident_id, other_id)
select :incident_id, other_id from unnest(:other_ids::uuid[]) as other_id
on conflict do nothing;

-- name: incidents_of_alerts(alert_ids)
-- Where these alerts are met about now: merged and retracted incidents meet about nothing.
select ia.alert_id, ia.incident_id from incident_alert ia join incident i using (incident_id)
where ia.alert_id = any(:alert_ids::uuid[]) and i.state not in ('merged', 'retracted')
order by i.opened_at;

-- name: list_incidents(open_only, before, most)
select incident_id from incident
where (not :open_only or state not in ('closed', 'retracted', 'merged')) and opened_at < :before
order by opened_at desc, incident_id
limit :most;

-- name: hint(channel)!
select pg_notify(:channel, '');
