-- Checkpoints on the water (智慧监管卡口, 水网睿控): where they stand, who may speak for them, what they read.
create table checkpoint (
    checkpoint_id text             primary key,
    system        text             not null check (system in ('wujiang', 'jiashan')),
    name          text             not null,
    name_en       text             not null,
    lon           double precision not null check (lon between -180 and 180),
    lat           double precision not null check (lat between -90 and 90),
    bearing_deg   double precision not null check (bearing_deg >= 0 and bearing_deg < 360),
    width_m       double precision not null check (width_m > 0),
    waterway      text             not null,
    adcode        text             not null,
    every_s       integer          not null check (every_s > 0),
    registered_at timestamptz      not null
);
comment on column checkpoint.bearing_deg is 'Course of a vessel that passes "forth"; at a Jiashan point, of one that enters Zhejiang.';
comment on column checkpoint.every_s is 'Seconds between two signs of life that the device promises.';

create table checkpoint_token (
    token_hash    bytea       primary key check (length(token_hash) = 32),
    checkpoint_id text        not null references checkpoint,
    issued_at     timestamptz not null,
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    check (issued_at < expires_at)
);
comment on column checkpoint_token.token_hash is 'SHA-256 of the token: 32 random bytes need no slow hash, and the token itself is never stored.';
create index checkpoint_token_checkpoint on checkpoint_token (checkpoint_id);

create table checkpoint_status (
    checkpoint_id   text primary key references checkpoint,
    last_contact_at timestamptz,
    last_reading_at timestamptz,
    refused         bigint not null default 0,
    clock_ahead_s   double precision
) with (fillfactor = 50);
comment on column checkpoint_status.clock_ahead_s is 'Seconds by which the device''s clock was ahead of ours at its last heartbeat.';

create table checkpoint_refusal (
    checkpoint_id text        not null,
    minute        timestamptz not null,
    code          text        not null,
    n             bigint      not null,
    primary key (checkpoint_id, minute, code)
) with (fillfactor = 50);
comment on table checkpoint_refusal is 'What the door refused, per device, minute of arrival and code; checkpoint_id is "unknown" where no token told who it was.';

create table image (
    image_hash bytea       primary key check (length(image_hash) = 32),
    media_type text        not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
    width      integer     not null check (width > 0),
    height     integer     not null check (height > 0),
    bytes      bytea       not null,
    thumbnail  bytea       not null,
    stored_at  timestamptz not null
);
-- a photograph is compressed already: trying again costs time and gains nothing
alter table image alter column bytes set storage external;
alter table image alter column thumbnail set storage external;

create table reading (
    reading_id      uuid        primary key,
    seq             bigint      not null generated always as identity unique,
    checkpoint_id   text        not null references checkpoint,
    system          text        not null check (system in ('wujiang', 'jiashan')),
    source_key      text        not null,
    content_hash    bytea       not null check (length(content_hash) = 32),
    t               timestamptz not null,
    direction       text        check (direction in ('forth', 'back')),
    entering        text        check (entering in ('in', 'out')),
    draught_m       double precision check (draught_m > 0),
    draught_error_m double precision check (draught_error_m >= 0),
    length_m        double precision check (length_m > 0),
    beam_m          double precision check (beam_m > 0),
    plate           text,
    claimed_mmsi    bigint,
    ship_class      text,
    confidence      double precision check (confidence between 0 and 1),
    laden_raw       text,
    image_hash      bytea       references image,
    payload         jsonb       not null,
    received_at     timestamptz not null,
    recorded_at     timestamptz not null,
    unique (checkpoint_id, source_key)
);
comment on column reading.seq is 'Order of recording: given and committed under one lock, so whoever has read up to n misses nothing before n.';
comment on column reading.content_hash is 'SHA-256 of what was said: the same key with another content contradicts itself and is refused.';
comment on column reading.laden_raw is 'Laden or light as the device calls it; never decides, the measured draught does.';
create index reading_t on reading (t desc);
create index reading_checkpoint_t on reading (checkpoint_id, t desc);

create table reading_match (
    reading_id uuid        primary key references reading,
    mmsi       bigint,
    score      double precision,
    reasons    jsonb       not null,
    matched_at timestamptz not null,
    undone_at  timestamptz,
    undone_by  text,
    check ((undone_at is null) = (undone_by is null))
);
comment on column reading_match.mmsi is 'Null: no track fits, a passage without AIS.';
create index reading_match_mmsi on reading_match (mmsi) where mmsi is not null;
