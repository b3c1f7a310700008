-- name: worker_beat(worker, partitions, waiting, blind)!
-- A broker that goes on not answering keeps the moment since when.
insert into stream_worker (worker, recorded_at, partitions, waiting, broker_lost_at)
values (:worker, clock_timestamp(), :partitions, :waiting, case when :blind then clock_timestamp() end)
on conflict (worker) do update set
    recorded_at = excluded.recorded_at,
    partitions = excluded.partitions,
    waiting = excluded.waiting,
    broker_lost_at = case when excluded.broker_lost_at is not null
                          then coalesce(stream_worker.broker_lost_at, excluded.broker_lost_at) end;

-- name: end_worker(worker, forgotten)!
-- And those that ended otherwise, and were not heard of since :forgotten.
delete from stream_worker where worker = :worker or recorded_at < :forgotten;

-- name: feed_beat(feed_ids, sentence_at, fix_at, fresh_s)!
-- What is heard of a feed; what its relay says of the receiver is believed while it is fresh. The
-- queue is what waits for all workers.
insert into feed_status (feed_id, connected, last_sentence_at, last_fix_at, recorded_at, queued)
select feed_id,
       not exists (select from relay_status r
                   where r.recorded_at > clock_timestamp() - make_interval(secs => :fresh_s)
                     and feed_id = any (r.lost_feeds)),
       sentence_at, fix_at, clock_timestamp(),
       (select coalesce(least(sum(waiting), 2147483647), 0)::integer from stream_worker
        where recorded_at > clock_timestamp() - make_interval(secs => :fresh_s))
from unnest(:feed_ids::text[], :sentence_at::timestamptz[], :fix_at::timestamptz[])
    as beat (feed_id, sentence_at, fix_at)
order by feed_id
on conflict (feed_id) do update set
    connected = excluded.connected,
    last_sentence_at = greatest(excluded.last_sentence_at, feed_status.last_sentence_at),
    last_fix_at = greatest(excluded.last_fix_at, feed_status.last_fix_at),
    recorded_at = excluded.recorded_at,
    queued = excluded.queued,
    queue_limit = 0,
    ended_at = null;

-- name: relay_told(relays, told, messages, bytes, limits, dropped, faults, lost, ended)!
-- The newest word of each relay; an older one that comes late changes nothing.
insert into relay_status (relay, told_at, recorded_at, waiting_messages, waiting_bytes, limit_bytes,
                          dropped_messages, spool_fault, lost_feeds, ended)
select relay, told, clock_timestamp(), messages, bytes, limited, dropped, fault,
       coalesce(string_to_array(lost, chr(10)), '{}'), ended
from unnest(:relays::text[], :told::timestamptz[], :messages::bigint[], :bytes::bigint[],
            :limits::bigint[], :dropped::bigint[], :faults::text[], :lost::text[],
            :ended::boolean[])
    as word (relay, told, messages, bytes, limited, dropped, fault, lost, ended)
order by relay
on conflict (relay) do update set
    told_at = excluded.told_at,
    recorded_at = excluded.recorded_at,
    waiting_messages = excluded.waiting_messages,
    waiting_bytes = excluded.waiting_bytes,
    limit_bytes = excluded.limit_bytes,
    dropped_messages = excluded.dropped_messages,
    spool_fault = excluded.spool_fault,
    lost_feeds = excluded.lost_feeds,
    ended = excluded.ended
where excluded.told_at > relay_status.told_at;


-- name: workers(since)
select worker, extract(epoch from recorded_at)::float8 as recorded_at, partitions, waiting,
       extract(epoch from broker_lost_at)::float8 as broker_lost_at
from stream_worker where recorded_at >= :since order by worker;

-- name: relays(since)
select relay, extract(epoch from told_at)::float8 as told_at,
       extract(epoch from recorded_at)::float8 as recorded_at, waiting_messages, waiting_bytes,
       limit_bytes, dropped_messages, spool_fault
from relay_status where recorded_at >= :since and not ended order by relay;
