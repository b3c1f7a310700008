-- Where messages come from, how each source is doing, and what was refused.
create table feed (
    feed_id       text        not null,
    kind          text        not null check (kind in ('ais')),
    name_zh       text        not null,
    name_en       text        not null,
    address       text,
    valid_from    timestamptz not null,
    valid_to      timestamptz not null default 'infinity',
    recorded_from timestamptz not null,
    recorded_to   timestamptz not null default 'infinity',
    primary key (feed_id, recorded_from)
);
create unique index feed_current on feed (feed_id) where recorded_to = 'infinity';

create table feed_status (
    feed_id          text primary key,
    connected        boolean     not null,
    last_sentence_at timestamptz,
    last_fix_at      timestamptz,
    recorded_at      timestamptz not null,
    queued           integer     not null default 0,
    queue_limit      integer     not null default 0,
    ended_at         timestamptz
) with (fillfactor = 50);
comment on column feed_status.recorded_at is 'Heartbeat of the worker that reads this feed.';
comment on column feed_status.ended_at is 'When the source ended for good, as a file or a pipe does; null while one is read.';
comment on column feed_status.queued is 'Batches (one read each, at most 64 KiB) waiting for the decoder.';
comment on column feed_status.queue_limit is 'Batches that may wait before the sources are held back.';

create table feed_count (
    feed_id text        not null,
    minute  timestamptz not null,
    outcome text        not null,
    n       bigint      not null,
    primary key (feed_id, minute, outcome)
) with (fillfactor = 50);
comment on table feed_count is 'Messages per minute of arrival and outcome: position, static, part, other, duplicate or a rejection reason; flag_* beside position.';

create table feed_cursor (
    feed_id     text        not null,
    source_id   text        not null,
    next_offset bigint      not null check (next_offset >= 0),
    pending     bigint[]    not null default '{}',
    recorded_at timestamptz not null,
    primary key (feed_id, source_id)
) with (fillfactor = 50);
comment on table feed_cursor is 'How far a replayable source was read; advanced by compare-and-set in the transaction of the work.';
comment on column feed_cursor.pending is 'Offsets before next_offset of sentences whose message is only half read: a restart reads these again, and nothing else before next_offset.';

create table rejected_message (
    rejected_id   bigint generated always as identity primary key,
    feed_id       text        not null,
    source_id     text,
    source_offset bigint,
    arrived_at    timestamptz not null,
    recorded_at   timestamptz not null,
    reason        text        not null,
    detail        text        not null,
    mmsi          bigint,
    raw           bytea       not null
);
create index rejected_message_recorded_at on rejected_message using brin (recorded_at);
