-- name: lock_behaviour(behaviour)!
-- Finders of one behaviour wait for each other, also before its row stands.
select pg_advisory_xact_lock(hashtextextended(:behaviour, 8));

-- name: store_now()$
select clock_timestamp();

-- name: find_alert(behaviour)^
select * from alert where behaviour = :behaviour for update;

-- name: lock_alerts(alert_ids)
select * from alert where alert_id = any(:alert_ids::uuid[]) order by alert_id for update;

-- name: read_alerts(alert_ids)
select * from alert where alert_id = any(:alert_ids::uuid[]) order by alert_id;

-- name: put_alert(alert_id, behaviour, rule_set, source_kind, source_id, mmsi, subject, state, score, level, reasons, lon, lat, adcode, border_adcodes, began_at, last_at, raised_at, changed_at, reopened, handled_by, handled_at, note, retracted_at, retraction, silence_owner, silence_reason, silence_until)!
insert into alert (
    alert_id, behaviour, rule_set, source_kind, source_id, mmsi, subject, state, score, level,
    reasons, lon, lat, adcode, border_adcodes, began_at, last_at, raised_at, changed_at, reopened,
    handled_by, handled_at, note, retracted_at, retraction, silence_owner, silence_reason,
    silence_until)
values (
    :alert_id, :behaviour, :rule_set, :source_kind, :source_id, :mmsi, :subject, :state, :score,
    :level, :reasons, :lon, :lat, :adcode, :border_adcodes, :began_at, :last_at, :raised_at,
    :changed_at, :reopened, :handled_by, :handled_at, :note, :retracted_at, :retraction,
    :silence_owner, :silence_reason, :silence_until)
on conflict (alert_id) do update set
    rule_set = excluded.rule_set, source_kind = excluded.source_kind,
    source_id = excluded.source_id, lon = excluded.lon, lat = excluded.lat,
    adcode = excluded.adcode, border_adcodes = excluded.border_adcodes, mmsi = excluded.mmsi, subject = excluded.subject,
    state = excluded.state, score = excluded.score, level = excluded.level,
    reasons = excluded.reasons, began_at = excluded.began_at, last_at = excluded.last_at,
    changed_at = excluded.changed_at, reopened = excluded.reopened,
    handled_by = excluded.handled_by, handled_at = excluded.handled_at, note = excluded.note,
    retracted_at = excluded.retracted_at, retraction = excluded.retraction,
    silence_owner = excluded.silence_owner, silence_reason = excluded.silence_reason,
    silence_until = excluded.silence_until;

-- name: select_open_alerts(since, count)
-- Alerts that later data may still disprove.
select * from alert
where state in ('new', 'seen', 'validated') and raised_at >= :since
order by raised_at desc
limit :count;

-- name: select_validated(mmsi, before, count)
select alert_id, began_at from alert
where mmsi = :mmsi and state = 'validated' and began_at < :before
order by began_at desc
limit :count;

-- name: select_behaviours(subject, since)
-- What one subject is suspected of, whatever became of it.
select behaviour, began_at, last_at from alert
where raised_at >= :since and split_part(behaviour, '/', 1) = :subject;

-- name: hint(channel)!
select pg_notify(:channel, '');
