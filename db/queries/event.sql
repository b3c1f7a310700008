-- name: make_heads(kinds, ids)!
insert into event_head (stream_kind, stream_id, seq, hash)
select kind, id, 0, decode(repeat('00', 32), 'hex')
from unnest(:kinds::text[], :ids::text[]) as wanted (kind, id)
order by kind, id
on conflict do nothing;

-- name: lock_heads(kinds, ids)
-- The clock is read outside the locked query: after the lock is held, never while waiting for it.
with head as materialized (
    select stream_kind, stream_id, seq, hash
    from event_head
    where (stream_kind, stream_id) in (select * from unnest(:kinds::text[], :ids::text[]))
    order by stream_kind, stream_id
    for update
)
select stream_kind, stream_id, seq, hash, clock_timestamp() as recorded_at from head;

-- name: add_events(stream_kinds, stream_ids, seqs, occurred, recorded, actors, kinds, payloads, prev_hashes, hashes)!
insert into event (stream_kind, stream_id, seq, occurred_at, recorded_at, actor, kind, payload, prev_hash, hash)
select * from unnest(
    :stream_kinds::text[], :stream_ids::text[], :seqs::bigint[], :occurred::timestamptz[],
    :recorded::timestamptz[], :actors::text[], :kinds::text[], :payloads::bytea[],
    :prev_hashes::bytea[], :hashes::bytea[]);

-- name: move_heads(kinds, ids, seqs, hashes)!
update event_head
set seq = moved.seq, hash = moved.hash
from unnest(:kinds::text[], :ids::text[], :seqs::bigint[], :hashes::bytea[]) as moved (kind, id, seq, hash)
where stream_kind = moved.kind and stream_id = moved.id;

-- name: stream(stream_kind, stream_id)
select stream_kind, stream_id, seq, occurred_at, recorded_at, actor, kind, payload, prev_hash, hash
from event
where stream_kind = :stream_kind and stream_id = :stream_id
order by seq;

-- name: head(stream_kind, stream_id)^
select seq, hash from event_head where stream_kind = :stream_kind and stream_id = :stream_id;

-- name: chains()
-- Heads without events and events without a head, too.
select stream_kind, stream_id from event_head
union
select stream_kind, stream_id from event
order by 1, 2;
