-- name: try_lock()$
-- One seals at a time, whatever process it is in; until the transaction ends.
select pg_try_advisory_xact_lock(hashtextextended('event_seal', 8));

-- name: store_now()$
select clock_timestamp();

-- name: last()^
-- Times that no program can hold are brought back to ones that it can: they fit no signature.
select number, previous, stream_kind, stream_id, seq, hash, row_digest, key_id, signature,
       greatest(least(sealed_at, '9999-12-31'), '0001-01-02') as sealed_at
from event_seal
order by number desc limit 1;

-- name: numbered(number)^
select number, previous, stream_kind, stream_id, seq, hash, row_digest, key_id, signature,
       greatest(least(sealed_at, '9999-12-31'), '0001-01-02') as sealed_at
from event_seal
where number = :number;

-- name: behind(since, but, most)
-- Chains of the oldest events that no seal vouches for yet, with their last seal; `most` such
-- events are looked at.
with unsealed as (
    select stream_kind, stream_id, recorded_at, seq
    from event
    where recorded_at >= :since
      and seq > coalesce((
        select max(seq) from event_seal s
        where s.stream_kind = event.stream_kind and s.stream_id = event.stream_id), 0)
      and stream_kind || '/' || stream_id <> all(:but::text[])
    order by recorded_at
    limit :most)
select stream_kind, stream_id, least(max(recorded_at), '9999-12-31') as recorded_at,
       max(unsealed.seq) as upto, s.seq, s.hash
from unsealed left join lateral (
    select seq, hash from event_seal s
    where s.stream_kind = unsealed.stream_kind and s.stream_id = unsealed.stream_id
    order by seq desc limit 1) as s on true
group by stream_kind, stream_id, s.seq, s.hash
order by stream_kind, stream_id;

-- name: events_after(kinds, ids, seqs, uptos)
-- The events of each chain after its last seal, up to one.
select chain.stream_kind, chain.stream_id, later.*
from unnest(:kinds::text[], :ids::text[], :seqs::bigint[], :uptos::bigint[])
     as chain (stream_kind, stream_id, sealed, upto)
cross join lateral (
    select event_id, seq, actor, kind, payload, prev_hash, hash,
           greatest(least(occurred_at, '9999-12-31'), '0001-01-02') as occurred_at,
           greatest(least(recorded_at, '9999-12-31'), '0001-01-02') as recorded_at
    from event
    where event.stream_kind = chain.stream_kind and event.stream_id = chain.stream_id
      and seq > sealed and seq <= upto) as later
order by 1, 2, later.seq;

-- name: add_seals(numbers, previous, kinds, ids, seqs, hashes, row_digests, sealed, keys, signatures)!
insert into event_seal (
    number, previous, stream_kind, stream_id, seq, hash, row_digest, sealed_at, key_id, signature)
select * from unnest(
    :numbers::bigint[], :previous::bytea[], :kinds::text[], :ids::text[], :seqs::bigint[],
    :hashes::bytea[], :row_digests::bytea[], :sealed::timestamptz[], :keys::text[],
    :signatures::bytea[]);

-- name: all_seals()
select number, previous, stream_kind, stream_id, seq, hash, row_digest, key_id, signature,
       greatest(least(sealed_at, '9999-12-31'), '0001-01-02') as sealed_at
from event_seal
order by number;

-- name: whole()
-- All chains: events, the seals upon them, heads; each also where the others are missing.
select stream_kind, stream_id, seq, event.event_id, actor, kind, payload, prev_hash, event.hash,
       greatest(least(occurred_at, '9999-12-31'), '0001-01-02') as occurred_at,
       greatest(least(recorded_at, '9999-12-31'), '0001-01-02') as recorded_at,
       head_seq, head_hash,
       number, previous, s.hash as sealed_hash, row_digest, key_id, signature,
       greatest(least(sealed_at, '9999-12-31'), '0001-01-02') as sealed_at
from event full join event_seal s using (stream_kind, stream_id, seq)
full join (select stream_kind, stream_id, seq as head_seq, hash as head_hash from event_head) as head
    using (stream_kind, stream_id)
order by stream_kind, stream_id, seq;

-- name: chain(stream_kind, stream_id)
-- One of them; what is asked for is said thrice, no planner carries it through two full joins.
select stream_kind, stream_id, seq, event.event_id, actor, kind, payload, prev_hash, event.hash,
       greatest(least(occurred_at, '9999-12-31'), '0001-01-02') as occurred_at,
       greatest(least(recorded_at, '9999-12-31'), '0001-01-02') as recorded_at,
       head_seq, head_hash,
       number, previous, s.hash as sealed_hash, row_digest, key_id, signature,
       greatest(least(sealed_at, '9999-12-31'), '0001-01-02') as sealed_at
from (
    select * from event where stream_kind = :stream_kind and stream_id = :stream_id) as event
full join (
    select * from event_seal where stream_kind = :stream_kind and stream_id = :stream_id) as s
    using (stream_kind, stream_id, seq)
full join (
    select stream_kind, stream_id, seq as head_seq, hash as head_hash from event_head
    where stream_kind = :stream_kind and stream_id = :stream_id) as head
    using (stream_kind, stream_id)
order by seq;

-- name: incident_named(name)^
-- An incident by its number or its id.
select incident_id::text as incident_id, number from incident
where number = :name or incident_id::text = lower(:name);
