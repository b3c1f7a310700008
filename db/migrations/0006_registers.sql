-- Registers: who carries, where they land, which hulls are known, and which papers were granted.
create table carrier (
    carrier_id    text        not null check (carrier_id <> ''),
    name          text        not null check (name <> ''),
    name_en       text        not null,
    home_adcode   text        not null check (home_adcode ~ '^[0-9]{2}([0-9]{2}){0,2}$'),
    valid_from    timestamptz not null,
    valid_to      timestamptz not null default 'infinity',
    recorded_from timestamptz not null,
    recorded_to   timestamptz not null default 'infinity',
    primary key (carrier_id, recorded_from, valid_from),
    check (valid_from < valid_to),
    check (recorded_from < recorded_to)
);
create unique index carrier_current on carrier (carrier_id)
    where recorded_to = 'infinity' and valid_to = 'infinity';

create table wharf (
    wharf_id      text             not null check (wharf_id <> ''),
    name          text             not null check (name <> ''),
    name_en       text             not null,
    adcode        text             not null check (adcode ~ '^[0-9]{6}$'),
    lon           double precision not null check (lon between -180 and 180),
    lat           double precision not null check (lat between -90 and 90),
    kind          text             not null
        check (kind in ('spoil_licensed', 'building_material', 'other')),
    valid_from    timestamptz      not null,
    valid_to      timestamptz      not null default 'infinity',
    recorded_from timestamptz      not null,
    recorded_to   timestamptz      not null default 'infinity',
    primary key (wharf_id, recorded_from, valid_from),
    check (valid_from < valid_to),
    check (recorded_from < recorded_to)
);
create unique index wharf_current on wharf (wharf_id)
    where recorded_to = 'infinity' and valid_to = 'infinity';

create table hull (
    mmsi            bigint           not null check (mmsi between 1 and 999999999),
    name            text             not null check (name <> ''),
    length_m        double precision not null check (length_m > 0 and length_m < 400),
    beam_m          double precision not null check (beam_m > 0 and beam_m < 80),
    capacity_t      double precision not null check (capacity_t > 0),
    light_draught_m double precision check (light_draught_m > 0),
    laden_draught_m double precision check (laden_draught_m > 0),
    carrier_id      text,
    carries_spoil   boolean          not null,
    valid_from      timestamptz      not null,
    valid_to        timestamptz      not null default 'infinity',
    recorded_from   timestamptz      not null,
    recorded_to     timestamptz      not null default 'infinity',
    primary key (mmsi, recorded_from, valid_from),
    check (light_draught_m < laden_draught_m),
    check (valid_from < valid_to),
    check (recorded_from < recorded_to)
);
comment on table hull is 'The register of known vessels 船舶名录: what an authority wrote down, not what AIS says.';
create unique index hull_current on hull (mmsi)
    where recorded_to = 'infinity' and valid_to = 'infinity';

create table permit (
    permit_id     uuid             not null,
    number        text             not null check (number <> ''),
    kind          text             not null check (kind in ('approval', 'filing', 'disposal')),
    purpose       text             not null check (purpose in ('storage', 'disposal', 'utilisation')),
    holder        text             not null check (holder <> ''),
    carrier_id    text,
    mmsi          bigint           check (mmsi between 1 and 999999999),
    waste         text             not null check (waste <> ''),
    quantity_t    double precision check (quantity_t > 0),
    used_t        double precision not null default 0 check (used_t >= 0),
    from_adcode   text             not null check (from_adcode ~ '^[0-9]{2}([0-9]{2}){0,2}$'),
    to_adcode     text             not null check (to_adcode ~ '^[0-9]{2}([0-9]{2}){0,2}$'),
    via           text[]           not null default '{}',
    first_day     date             not null,
    last_day      date             not null,
    valid_from    timestamptz      not null,
    valid_to      timestamptz      not null default 'infinity',
    recorded_from timestamptz      not null,
    recorded_to   timestamptz      not null default 'infinity',
    primary key (permit_id, recorded_from, valid_from),
    constraint permit_purpose_fits check (
        kind = 'disposal' or (kind = 'filing') = (purpose = 'utilisation')),
    constraint permit_names_somebody check (carrier_id is not null or mmsi is not null),
    constraint permit_term check (first_day <= last_day),
    check (valid_from < valid_to),
    check (recorded_from < recorded_to)
);
comment on table permit is 'Papers of the register. first_day to last_day is the term printed on the paper; valid_* says when this version of its content was in force, so a withdrawn paper has an end before its last day.';
create unique index permit_current on permit (permit_id)
    where recorded_to = 'infinity' and valid_to = 'infinity';
create index permit_mmsi on permit (mmsi);
create index permit_carrier on permit (carrier_id);
