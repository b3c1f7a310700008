-- A confirmed change of district by a vessel, with the two fixes that prove it.
create table crossing (
    crossing_id   uuid             primary key,
    mmsi          bigint           not null,
    from_adcode   text             not null,
    to_adcode     text             not null,
    via           text[]           not null,
    crossed_at    timestamptz      not null,
    confirmed_at  timestamptz      not null,
    lon           double precision not null,
    lat           double precision not null,
    by            text             not null check (by in ('depth', 'dwell', 'gate', 'segment')),
    grazing       boolean          not null,
    fix_before_at timestamptz      not null,
    fix_after_at  timestamptz      not null,
    recorded_at   timestamptz      not null,
    check (from_adcode <> to_adcode),
    check (fix_before_at <= fix_after_at)
);
comment on column crossing.crossing_id is 'UUIDv5 of vessel, districts and fixes: the same crossing found twice is one row.';
create index crossing_crossed_at on crossing (crossed_at desc);
create index crossing_mmsi on crossing (mmsi, crossed_at desc);
