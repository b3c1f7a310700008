-- How the way by the broker does, told by those who walk it: workers and relays. Current state only.
create table stream_worker (
    worker         text        primary key,
    recorded_at    timestamptz not null,
    partitions     integer     not null check (partitions >= 0),
    waiting        bigint      not null check (waiting >= 0),
    broker_lost_at timestamptz
) with (fillfactor = 50);
comment on table stream_worker is 'Sign of life of each worker of the consumer group; gone when it ends in order.';
comment on column stream_worker.waiting is 'Records that wait at the broker in its partitions, as last known.';
comment on column stream_worker.broker_lost_at is 'Since when the broker does not answer it; null while it does.';

create table relay_status (
    relay            text        primary key,
    told_at          timestamptz not null,
    recorded_at      timestamptz not null,
    waiting_messages bigint      not null check (waiting_messages >= 0),
    waiting_bytes    bigint      not null check (waiting_bytes >= 0),
    limit_bytes      bigint      not null check (limit_bytes > 0),
    dropped_messages bigint      not null check (dropped_messages >= 0),
    spool_fault      text,
    lost_feeds       text[]      not null default '{}',
    ended            boolean     not null default false
) with (fillfactor = 50);
comment on table relay_status is 'What each relay last told of its spool, by way of the broker.';
comment on column relay_status.told_at is 'By the clock of the relay.';
comment on column relay_status.ended is 'It was stopped in order: nobody misses it.';
comment on column relay_status.lost_feeds is 'Feeds whose receiver is not connected to it.';
