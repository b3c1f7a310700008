-- What goes out: written with the events it tells of, sent afterwards by whoever is at it.
create table outbox (
    outbox_id    bigint      generated always as identity primary key,
    channel      text        not null check (channel in ('kafka')),
    destination  text        not null check (destination <> ''),
    ordering_key text        not null check (ordering_key <> ''),
    message_id   text        not null check (message_id <> ''),
    payload      bytea       not null,
    content_type text        not null,
    created_at   timestamptz not null default clock_timestamp(),
    due_at       timestamptz not null default clock_timestamp(),
    attempts     integer     not null default 0 check (attempts >= 0),
    sent_at      timestamptz,
    dead_at      timestamptz,
    failure      text,
    unique (channel, message_id),
    check (sent_at is null or dead_at is null),
    check (dead_at is null or failure is not null)
);
comment on table outbox is 'What goes out: written in the transaction of its events, sent at least once, in order per channel, destination and key.';
comment on column outbox.payload is 'Exactly the bytes that are sent.';
create index outbox_due on outbox (channel, outbox_id) where sent_at is null and dead_at is null;
create index outbox_order on outbox (channel, destination, ordering_key, outbox_id) where sent_at is null and dead_at is null;
create index outbox_dead on outbox (channel) where dead_at is not null;
create index outbox_created_at on outbox (created_at);
