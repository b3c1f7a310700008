-- Incidents: what authorities meet about, with a part for each. Their whole life is in the events.
create table incident (
    incident_id    uuid             primary key,
    number         text             not null unique check (number <> ''),
    state          text             not null check (state in (
        'new', 'mustering', 'on_scene', 'acted', 'handed_over', 'closed', 'retracted', 'merged')),
    matter         text             not null check (matter <> ''),
    title          text             not null check (title <> ''),
    summary        text             not null,
    origin         text             not null check (origin in ('alert', 'vessel', 'phone')),
    reporter       text,
    mmsi           bigint           check (mmsi between 1 and 999999999),
    subject        text,
    lon            double precision not null check (lon between -180 and 180),
    lat            double precision not null check (lat between -90 and 90),
    adcode         text             not null,
    border_adcodes text[]           not null,
    datum          text             not null check (datum in ('wgs84', 'gcj02', 'bd09')),
    said           text,
    words          text,
    why            text[]           not null,
    began_at       timestamptz      not null,
    opened_at      timestamptz      not null,
    opened_by      text             not null,
    opened_for     text,
    changed_at     timestamptz      not null,
    merged_into    uuid             references incident,
    retraction     text,
    closed_at      timestamptz,
    reopened       integer          not null check (reopened >= 0),
    revision       integer          not null check (revision > 0),
    check (began_at <= opened_at),
    check ((state = 'closed') = (closed_at is not null)),
    check ((state = 'retracted') = (retraction is not null)),
    check ((state = 'merged') = (merged_into is not null))
);
comment on table incident is 'One row per incident; its whole life stands in the chain of events of the same id.';
comment on column incident.said is 'The place as it was given, word for word, in the datum named beside it.';
comment on column incident.words is 'The place as officers say it.';
comment on column incident.revision is 'Counts changes of the incident itself, so that two who edit it do not overwrite each other.';
create index incident_changed_at on incident (changed_at desc);
create index incident_open on incident (opened_at desc) where state not in ('closed', 'retracted', 'merged');
create index incident_mmsi on incident (mmsi, opened_at desc) where mmsi is not null;

create table incident_part (
    incident_id  uuid        not null references incident,
    authority_id text        not null check (authority_id <> ''),
    place        integer     not null check (place >= 0),
    reasons      text[]      not null,
    told_at      timestamptz,
    closed_at    timestamptz,
    closed_by    text,
    closing_note text,
    primary key (incident_id, authority_id),
    check ((closed_at is null) = (closed_by is null))
);
comment on table incident_part is 'An authority and its part: each closes its own, the last one closes the incident.';
create index incident_part_authority on incident_part (authority_id) where closed_at is null;

create table incident_alert (
    incident_id uuid not null references incident,
    alert_id    uuid not null references alert,
    primary key (incident_id, alert_id)
);
create index incident_alert_alert on incident_alert (alert_id);

create table incident_link (
    incident_id uuid not null references incident,
    other_id    uuid not null references incident,
    primary key (incident_id, other_id),
    check (incident_id <> other_id)
);
comment on table incident_link is 'Written for both: what has to do with which.';
