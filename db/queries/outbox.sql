-- name: add_messages(channels, destinations, ordering_keys, message_ids, payloads, content_types)!
insert into outbox (channel, destination, ordering_key, message_id, payload, content_type)
select channel, destination, ordering_key, message_id, payload, content_type
from unnest(
    :channels::text[], :destinations::text[], :ordering_keys::text[], :message_ids::text[],
    :payloads::bytea[], :content_types::text[])
    with ordinality as told (
        channel, destination, ordering_key, message_id, payload, content_type, place)
order by place;

-- name: claim(channel)$
select pg_try_advisory_lock(hashtextextended('outbox ' || :channel, 8));

-- name: end_when_idle(milliseconds)!
select set_config('idle_session_timeout', :milliseconds::text, false);

-- name: touch()!
select 1;

-- name: take(channel, most, busy)
-- Behind a message that waits for its time nothing with the same key is taken. Asked as a value and
-- not by "not exists", which the planner makes a join of everything with everything.
select outbox_id, destination, ordering_key, message_id, payload, content_type, created_at,
       attempts
from outbox as found
where channel = :channel and sent_at is null and dead_at is null and due_at <= now()
  and destination <> all(:busy::text[])
  and (
    select earlier.outbox_id from outbox as earlier
    where earlier.channel = found.channel and earlier.destination = found.destination
      and earlier.ordering_key = found.ordering_key and earlier.outbox_id < found.outbox_id
      and earlier.sent_at is null and earlier.dead_at is null and earlier.due_at > now()
    order by earlier.outbox_id limit 1) is null
order by outbox_id
limit :most;

-- name: mark_sent(ids)!
-- Whatever was said of them before.
update outbox
set sent_at = clock_timestamp(), dead_at = null, failure = null, attempts = attempts + 1
where outbox_id = any(:ids::bigint[]) and sent_at is null;

-- name: mark_dead(ids, failures)!
update outbox set dead_at = clock_timestamp(), attempts = attempts + 1, failure = told.failure
from unnest(:ids::bigint[], :failures::text[]) as told (outbox_id, failure)
where outbox.outbox_id = told.outbox_id and sent_at is null and dead_at is null;

-- name: put_off(ids, failures, seconds, tried)!
update outbox
set due_at = clock_timestamp() + make_interval(secs => told.seconds),
    attempts = attempts + told.tried, failure = told.failure
from unnest(:ids::bigint[], :failures::text[], :seconds::float8[], :tried::int[])
    as told (outbox_id, failure, seconds, tried)
where outbox.outbox_id = told.outbox_id and sent_at is null and dead_at is null;

-- name: standing(channel)^
select (select count(*) from outbox
        where channel = :channel and sent_at is null and dead_at is null) as waiting,
       (select count(*) from outbox where channel = :channel and dead_at is not null) as dead,
       (select extract(epoch from clock_timestamp() - min(due_at))::float8 from outbox
        where channel = :channel and sent_at is null and dead_at is null) as oldest_s;

-- name: list_messages(dead, most)
select outbox_id, channel, destination, ordering_key, message_id, octet_length(payload) as bytes,
       content_type, created_at, due_at, attempts, sent_at, dead_at, failure
from outbox
where sent_at is null and (dead_at is not null or not :dead)
order by outbox_id
limit :most;

-- name: lock_messages(ids)
select outbox_id, channel from outbox where outbox_id = any(:ids::bigint[])
order by outbox_id for update;

-- name: lock_dead()
select outbox_id, channel from outbox where dead_at is not null order by outbox_id for update;

-- name: send_again(ids)!
update outbox
set sent_at = null, dead_at = null, failure = null, attempts = 0, due_at = clock_timestamp()
where outbox_id = any(:ids::bigint[]);

-- name: drop_sent(before, most)$
with gone as (
    delete from outbox where outbox_id in (
        select outbox_id from outbox
        where created_at < :before and sent_at < :before order by created_at limit :most
        for update skip locked)
    returning 1)
select count(*) from gone;

-- name: drop_unsent(before, most)$
with gone as (
    delete from outbox where outbox_id in (
        select outbox_id from outbox
        where created_at < :before and sent_at is null order by created_at limit :most
        for update skip locked)
    returning 1)
select count(*) from gone;
