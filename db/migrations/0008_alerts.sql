-- Alerts: reasoned suspicions, what people did with them, and how far the watch has looked.
create table alert (
    alert_id       uuid             primary key,
    behaviour      text             not null unique,
    rule_set       text             not null,
    source_kind    text             not null check (source_kind in ('crossing', 'reading', 'silence', 'stop')),
    source_id      text             not null,
    mmsi           bigint,
    subject        text,
    state          text             not null check (state in ('new', 'seen', 'validated', 'rejected', 'retracted')),
    score          integer          not null check (score >= 0),
    level          text             not null check (level in ('high', 'medium', 'low')),
    reasons        jsonb            not null,
    lon            double precision not null,
    lat            double precision not null,
    adcode         text             not null,
    border_adcodes text[]           not null,
    began_at       timestamptz      not null,
    last_at        timestamptz      not null,
    raised_at      timestamptz      not null,
    changed_at     timestamptz      not null,
    reopened       integer          not null default 0 check (reopened >= 0),
    handled_by     text,
    handled_at     timestamptz,
    note           text,
    retracted_at   timestamptz,
    retraction     text,
    silence_owner  text,
    silence_reason text,
    silence_until  timestamptz,
    check (began_at <= last_at),
    check ((state = 'retracted') = (retracted_at is not null)),
    check ((retracted_at is null) = (retraction is null)),
    check (num_nonnulls(silence_owner, silence_reason, silence_until) in (0, 3))
);
comment on table alert is 'One row per behaviour; its whole life stands in the chain of events of the same id.';
comment on column alert.silence_until is 'In the time of the behaviour: what is seen of it after this moment is heard again.';
create index alert_raised_at on alert (raised_at desc);
create index alert_mmsi on alert (mmsi, began_at desc);
create index alert_open on alert (changed_at) where state in ('new', 'seen');

create table command_done (
    command_id  uuid        primary key,
    kind        text        not null,
    actor       text        not null,
    outcome     jsonb       not null,
    recorded_at timestamptz not null
);
comment on table command_done is 'A command that is sent twice (a double click, an abandoned run of the page) is done once.';

create table watch_cursor (
    source      text        primary key,
    upto        timestamptz not null,
    revision    bigint      not null check (revision > 0),
    recorded_at timestamptz not null
);
comment on table watch_cursor is 'How far the watch has looked, in the time of recording; advanced by compare-and-set with the work.';

create table watch_mark (
    source    text        not null,
    key       text        not null,
    marked_at timestamptz not null,
    primary key (source, key)
);
comment on table watch_mark is 'What the watch has looked at near its cursor, where transactions may still become visible out of order.';
create index watch_mark_marked_at on watch_mark (marked_at);

create index crossing_recorded_at on crossing (recorded_at);
