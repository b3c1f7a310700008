-- name: calls_of(incident_ids)
select * from muster_call where incident_id = any(:incident_ids::uuid[])
order by incident_id, called_at, call_id;

-- name: lock_call(call_id)^
select * from muster_call where call_id = :call_id for update;

-- name: incident_of(call_id)$
select incident_id from muster_call where call_id = :call_id;

-- name: put_call(call_id, incident_id, authority_id, officer_id, name, role, step, called_at, accepted_at, receipt_at, failure, seen_at, acknowledged_at, on_the_way_at, eta, on_scene_at, declined_at, reason, on_behalf_by, reminded_at, link_number, revision)!
insert into muster_call (
    call_id, incident_id, authority_id, officer_id, name, role, step, called_at, accepted_at,
    receipt_at, failure, seen_at, acknowledged_at, on_the_way_at, eta, on_scene_at, declined_at,
    reason, on_behalf_by, reminded_at, link_number, revision)
values (
    :call_id, :incident_id, :authority_id, :officer_id, :name, :role, :step, :called_at,
    :accepted_at, :receipt_at, :failure, :seen_at, :acknowledged_at, :on_the_way_at, :eta,
    :on_scene_at, :declined_at, :reason, :on_behalf_by, :reminded_at, :link_number, :revision)
on conflict (call_id) do update set
    accepted_at = excluded.accepted_at, receipt_at = excluded.receipt_at,
    failure = excluded.failure, seen_at = excluded.seen_at,
    acknowledged_at = excluded.acknowledged_at, on_the_way_at = excluded.on_the_way_at,
    eta = excluded.eta, on_scene_at = excluded.on_scene_at, declined_at = excluded.declined_at,
    reason = excluded.reason, on_behalf_by = excluded.on_behalf_by,
    reminded_at = excluded.reminded_at, link_number = excluded.link_number,
    revision = excluded.revision;

-- name: messages_of(incident_ids)
select m.* from muster_message m join muster_call c using (call_id)
where c.incident_id = any(:incident_ids::uuid[]) order by m.queued_at, m.message_id;

-- name: add_messages(message_ids, call_ids, contact_ids, channels, kinds, steps, queued_at)!
insert into muster_message (message_id, call_id, contact_id, channel, kind, step, queued_at)
select message_id, call_id, contact_id, channel, kind, step, :queued_at
from unnest(
    :message_ids::text[], :call_ids::uuid[], :contact_ids::text[], :channels::text[],
    :kinds::text[], :steps::integer[])
    as told (message_id, call_id, contact_id, channel, kind, step);

-- name: told_of(most)
-- Messages of which the way out has said something that the muster does not know yet.
select m.message_id, m.call_id, c.incident_id, o.sent_at, o.dead_at, o.failure
from muster_message m
join muster_call c using (call_id)
join outbox o on o.channel = m.channel and o.message_id = m.message_id
where m.accepted_at is null
  and (o.sent_at is not null or o.dead_at is not null and m.dead_at is null)
order by m.queued_at
limit :most;

-- name: note_message(message_id, accepted_at, dead_at, failure)$
-- Once each: another process may have looked at the same time.
update muster_message
set accepted_at = :accepted_at, dead_at = :dead_at, failure = :failure
where message_id = :message_id and accepted_at is null
  and (:accepted_at::timestamptz is not null or dead_at is null)
returning true;

-- name: add_rungs(incident_id, authority_ids, rounds, steps, whoms, policies, due)!
insert into escalation (incident_id, authority_id, round, step, whom, policy, due_at)
select :incident_id, authority_id, round, step, whom, policy, due_at
from unnest(
    :authority_ids::text[], :rounds::integer[], :steps::integer[], :whoms::text[],
    :policies::text[], :due::timestamptz[])
    as rung (authority_id, round, step, whom, policy, due_at);

-- name: last_round(incident_id, authority_id)$
select coalesce(max(round), 0) from escalation
where incident_id = :incident_id and authority_id = :authority_id;

-- name: rungs_of(incident_ids)
select * from escalation where incident_id = any(:incident_ids::uuid[])
order by incident_id, due_at, authority_id, round, step;

-- name: due_rungs(now, most)
select * from escalation where done_at is null and due_at <= :now
order by due_at, incident_id, authority_id, round, step
limit :most;

-- name: lock_rung(incident_id, authority_id, round, step)^
-- Nobody waits for it: whoever holds it decides it.
select * from escalation
where incident_id = :incident_id and authority_id = :authority_id and round = :round
    and step = :step and done_at is null
for update skip locked;

-- name: decide_rung(incident_id, authority_id, round, step, done_at, outcome)!
update escalation set done_at = :done_at, outcome = :outcome
where incident_id = :incident_id and authority_id = :authority_id and round = :round
    and step = :step and done_at is null;
