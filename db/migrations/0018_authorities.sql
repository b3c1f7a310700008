-- Registers of people: authorities, their officers, the rota, and the ways to reach them.
create table authority (
    authority_id  text        not null check (authority_id <> ''),
    name          text        not null check (name <> ''),
    name_en       text        not null,
    level         text        not null check (level in ('province', 'city', 'district', 'group')),
    adcode        text        not null check (adcode ~ '^[0-9]{2}([0-9]{2}){0,2}$'),
    department    text        not null check (department in
        ('environment', 'urban_management', 'maritime', 'police', 'coordination')),
    substitutes   text[]      not null default '{}',
    valid_from    timestamptz not null,
    valid_to      timestamptz not null default 'infinity',
    recorded_from timestamptz not null,
    recorded_to   timestamptz not null default 'infinity',
    primary key (authority_id, recorded_from, valid_from),
    constraint authority_group_coordinates check ((level = 'group') = (department = 'coordination')),
    constraint authority_valid check (valid_from < valid_to),
    constraint authority_recorded check (recorded_from < recorded_to)
);
create unique index authority_current on authority (authority_id)
    where recorded_to = 'infinity' and valid_to = 'infinity';

create table officer (
    officer_id     text        not null check (officer_id <> ''),
    name           text        not null check (name <> ''),
    home_authority text        not null,
    seconded_to    text,
    phone          text        check (phone ~ '^\+?[0-9]{5,15}$'),
    title          text        not null,
    certificate    text,
    valid_from     timestamptz not null,
    valid_to       timestamptz not null default 'infinity',
    recorded_from  timestamptz not null,
    recorded_to    timestamptz not null default 'infinity',
    primary key (officer_id, recorded_from, valid_from),
    constraint officer_is_lent_elsewhere check (seconded_to <> home_authority),
    constraint officer_valid check (valid_from < valid_to),
    constraint officer_recorded check (recorded_from < recorded_to)
);
create unique index officer_current on officer (officer_id)
    where recorded_to = 'infinity' and valid_to = 'infinity';

create table shift (
    shift_id      text        not null check (shift_id <> ''),
    authority_id  text        not null,
    officer_id    text        not null,
    starts_at     timestamptz not null,
    ends_at       timestamptz not null,
    place         smallint    not null check (place between 1 and 3),
    valid_from    timestamptz not null,
    valid_to      timestamptz not null default 'infinity',
    recorded_from timestamptz not null,
    recorded_to   timestamptz not null default 'infinity',
    primary key (shift_id, recorded_from, valid_from),
    constraint shift_lasts check (starts_at < ends_at and ends_at <= starts_at + interval '31 days'),
    constraint shift_valid check (valid_from < valid_to),
    constraint shift_recorded check (recorded_from < recorded_to)
);
comment on table shift is 'starts_at and ends_at are the shift itself; valid_* says when the rota said so, so that a swap in mid-shift has an hour.';
create unique index shift_current on shift (shift_id)
    where recorded_to = 'infinity' and valid_to = 'infinity';
create index shift_of_authority on shift (authority_id, starts_at) where recorded_to = 'infinity';
create index shift_starts on shift (starts_at) where recorded_to = 'infinity';

create table contact (
    contact_id    text        not null check (contact_id <> ''),
    authority_id  text        not null,
    officer_id    text,
    kind          text        not null check (kind in
        ('wecom', 'dingtalk', 'feishu', 'sms', 'webhook', 'smtp', 'board')),
    address       text        not null check (address <> ''),
    secret        text,
    verified_at   timestamptz,
    valid_from    timestamptz not null,
    valid_to      timestamptz not null default 'infinity',
    recorded_from timestamptz not null,
    recorded_to   timestamptz not null default 'infinity',
    primary key (contact_id, recorded_from, valid_from),
    constraint contact_valid check (valid_from < valid_to),
    constraint contact_recorded check (recorded_from < recorded_to)
);
comment on table contact is 'address and secret stand here and nowhere else: events, logs and screens have the masked address.';
create unique index contact_current on contact (contact_id)
    where recorded_to = 'infinity' and valid_to = 'infinity';
create index contact_of_authority on contact (authority_id) where recorded_to = 'infinity';

create table contact_check (
    contact_id   text        not null primary key,
    salt         bytea       not null,
    code_hash    bytea       not null,
    address_hash bytea       not null,
    sent_at      timestamptz not null,
    expires_at   timestamptz not null,
    sends        integer     not null check (sends > 0),
    tries        integer     not null default 0 check (tries >= 0),
    constraint contact_check_ends check (sent_at < expires_at)
);
comment on table contact_check is 'The one-time code that was sent to a contact, as a hash; a new one takes its place.';
