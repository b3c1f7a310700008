-- Vessels: what they say they are, where they were, where they are, and what detection remembers.
create table vessel (
    mmsi          bigint      not null check (mmsi between 1 and 999999999),
    name          text,
    callsign      text,
    imo           bigint,
    eni           text,
    ship_type     smallint,
    inland_type   smallint,
    length_m      double precision,
    beam_m        double precision,
    draught_m     double precision,
    destination   text,
    hazard        smallint,
    loaded_raw    smallint,
    valid_from    timestamptz not null,
    valid_to      timestamptz not null default 'infinity',
    recorded_from timestamptz not null,
    recorded_to   timestamptz not null default 'infinity',
    primary key (mmsi, recorded_from, valid_from),
    check (valid_from < valid_to),
    check (recorded_from < recorded_to)
);
comment on table vessel is 'What each vessel says it is. A change closes the known version and adds two: what was true until then, and what is true from then on.';
comment on column vessel.draught_m is 'Declared by the crew; never decides laden or light.';
comment on column vessel.loaded_raw is 'Inland FI 10 field as received; decoders disagree on its meaning.';
create unique index vessel_current on vessel (mmsi)
    where recorded_to = 'infinity' and valid_to = 'infinity';

create table vessel_position (
    mmsi         bigint           not null,
    t            timestamptz      not null,
    payload_hash bigint           not null,
    lon          double precision not null,
    lat          double precision not null,
    sog_kn       real,
    cog_deg      real,
    heading_deg  smallint,
    nav_status   smallint,
    message_type smallint         not null,
    flags        smallint         not null default 0,
    feed_id      text             not null,
    recorded_at  timestamptz      not null,
    primary key (mmsi, t, payload_hash)
) partition by range (t);
comment on table vessel_position is 'Every accepted fix, flagged ones too; one partition per UTC day, made ahead.';
create index vessel_position_t on vessel_position using brin (t) with (autosummarize = on);

-- Attaching instead of creating in place: readers and writers of other days need not wait.
create function make_position_partition(day date) returns boolean language plpgsql as $$
declare
    child text := 'vessel_position_' || to_char(day, 'YYYYMMDD');
begin
    if to_regclass(child) is not null then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('make_position_partition', 0));
    -- asked again by trying: a cached "not there" outlives the wait for the lock
    begin
        execute format('create table %I (like vessel_position including defaults)', child);
    exception when duplicate_table then
        return false;
    end;
    execute format(
        'alter table vessel_position attach partition %I for values from (%L) to (%L)',
        child, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    return true;
end $$;

-- A lock that cannot be had soon is left for another time: whoever waits for it blocks the writers.
create function drop_position_partition(day date) returns boolean language plpgsql
set lock_timeout = '2s' as $$
declare
    child text := 'vessel_position_' || to_char(day, 'YYYYMMDD');
begin
    perform pg_advisory_xact_lock(hashtextextended('make_position_partition', 0));
    execute format('alter table vessel_position detach partition %I', child);
    execute format('drop table %I', child);
    return true;
exception when undefined_table then
    return false;
end $$;

create table vessel_latest (
    mmsi         bigint           primary key,
    t            timestamptz      not null,
    lon          double precision not null,
    lat          double precision not null,
    sog_kn       real,
    cog_deg      real,
    heading_deg  smallint,
    nav_status   smallint,
    message_type smallint         not null,
    flags        smallint         not null,
    adcode       text             not null,
    border_water boolean          not null,
    feed_id      text             not null,
    recorded_at  timestamptz      not null
) with (fillfactor = 50);
comment on table vessel_latest is 'The newest trusted fix of each vessel; no secondary index, so that updates stay on the page.';

create table vessel_state (
    mmsi        bigint      primary key,
    t           timestamptz not null,
    district    text,
    state       jsonb       not null,
    revision    bigint      not null check (revision > 0),
    recorded_at timestamptz not null
) with (fillfactor = 50);
comment on table vessel_state is 'The detection state, written with the batch: a restart or a new worker goes on exactly.';
comment on column vessel_state.t is 'Time of the newest fix stored of this vessel, flagged or not: what is not newer may be a repeat and is late.';
comment on column vessel_state.revision is 'Advanced by compare-and-set: two workers cannot carry one vessel on from the same state.';
