-- Old positions: a block per vessel and day instead of rows, and what must never go.
create table position_block (
    mmsi        bigint      not null,
    day         date        not null,
    first_at    timestamptz not null,
    last_at     timestamptz not null,
    fixes       integer     not null check (fixes > 0),
    heard       integer     not null,
    bound_m     real        check (bound_m > 0),
    data        bytea       not null,
    recorded_at timestamptz not null,
    primary key (mmsi, day),
    check (first_at <= last_at),
    check (heard >= fixes)
);
-- deflated already: a second try would only cost time
alter table position_block alter column data set storage external;
create index position_block_day on position_block using brin (day) with (autosummarize = on);
comment on table position_block is 'The fixes of a vessel on one UTC day whose partition is gone (db/block_codec.py).';
comment on column position_block.bound_m is 'Null: every fix is there. Else fixes are left out that can be told from the others to so many metres.';

create table position_pin (
    pin_id      uuid        primary key,
    mmsi        bigint      not null,
    since       timestamptz not null,
    until       timestamptz not null,
    owner_kind  text        not null,
    owner_id    text        not null,
    recorded_at timestamptz not null,
    check (since <= until)
);
create index position_pin_mmsi on position_pin (mmsi, since);
comment on table position_pin is 'Fixes that somebody keeps for ever: compaction leaves them as they are, retention passes them by.';

-- A vessel at a time, its fixes as fixed-width binary: a day does not fit into memory. The feed is
-- its place in `feeds`. Sorted, because grouping by hash would hold the whole day.
create function open_position_day(day date, feeds text[]) returns void language plpgsql
set enable_hashagg = off as $$
declare
    child text := 'vessel_position_' || to_char(day, 'YYYYMMDD');
    position_day refcursor := 'position_day';
begin
    open position_day no scroll for execute format($sql$
        select mmsi, string_agg(
            timestamptz_send(t) || int8send(payload_hash) || float8send(lon) || float8send(lat)
            || float4send(coalesce(sog_kn, 'NaN')) || float4send(coalesce(cog_deg, 'NaN'))
            || int2send(coalesce(heading_deg, -1::smallint))
            || int2send(coalesce(nav_status, -1::smallint))
            || int2send(message_type) || int2send(flags)
            || int2send((array_position($1, feed_id) - 1)::smallint)
            || timestamptz_send(recorded_at), '') as fixes
        from (select * from %I order by mmsi, t, payload_hash) as sorted
        group by mmsi$sql$, child) using feeds;
end $$;

create function count_position_day(day date) returns bigint language plpgsql
set lock_timeout = '2s' as $$
declare
    child text := 'vessel_position_' || to_char(day, 'YYYYMMDD');
    found bigint;
begin
    execute format('lock table %I in share mode', child);
    execute format('select count(*) from %I', child) into found;
    return found;
end $$;

create function feeds_of_position_day(day date) returns text[] language plpgsql as $$
declare
    child text := 'vessel_position_' || to_char(day, 'YYYYMMDD');
    found text[];
begin
    execute format('select array_agg(distinct feed_id order by feed_id) from %I', child) into found;
    return coalesce(found, '{}');
end $$;
