-- Who did and knew what, append only. Every other table is a projection of it or of the streams.
create table event_head (
    stream_kind text   not null,
    stream_id   text   not null,
    seq         bigint not null check (seq >= 0),
    hash        bytea  not null,
    primary key (stream_kind, stream_id)
);
comment on table event_head is 'One row per aggregate: locked first, so that seq has no gaps and the hash chain no forks.';

create table event (
    event_id    bigint generated always as identity unique,
    stream_kind text        not null,
    stream_id   text        not null,
    seq         bigint      not null check (seq > 0),
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    actor       text        not null,
    kind        text        not null,
    payload     bytea       not null,
    prev_hash   bytea       not null,
    hash        bytea       not null,
    primary key (stream_kind, stream_id, seq)
);
comment on column event.payload is 'Canonical JSON bytes as hashed; jsonb would rewrite them.';
create index event_recorded_at on event (recorded_at);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the % table is append-only: record a new event instead', tg_table_name
        using errcode = 'restrict_violation';
end $$;
create trigger event_is_append_only before update or delete or truncate on event
    for each statement execute function refuse_change();
