-- Musters: who was called, by which messages, what they answered, and when the next is due.
create table muster_call (
    call_id         uuid        primary key,
    incident_id     uuid        not null references incident,
    authority_id    text        not null check (authority_id <> ''),
    officer_id      text,
    name            text        not null check (name <> ''),
    role            text        not null check (role in ('duty', 'deputy', 'head', 'added', 'opener')),
    step            integer     not null check (step >= 0),
    called_at       timestamptz not null,
    accepted_at     timestamptz,
    receipt_at      timestamptz,
    failure         text,
    seen_at         timestamptz,
    acknowledged_at timestamptz,
    on_the_way_at   timestamptz,
    eta             timestamptz,
    on_scene_at     timestamptz,
    declined_at     timestamptz,
    reason          text,
    on_behalf_by    text,
    reminded_at     timestamptz,
    link_number     integer     not null check (link_number > 0),
    revision        integer     not null check (revision >= 0),
    unique nulls not distinct (incident_id, authority_id, officer_id),
    check (acknowledged_at is null or declined_at is null),
    check (acknowledged_at is not null or num_nonnulls(on_the_way_at, on_scene_at) = 0)
);
comment on table muster_call is 'A recipient''s row of the muster 集结: one authority''s answer is never another''s.';
comment on column muster_call.officer_id is 'Null: whoever reads the authority''s group.';
comment on column muster_call.accepted_at is 'A platform took a message; that is not received, and not seen.';
create index muster_call_open on muster_call (called_at) where acknowledged_at is null and declined_at is null;

create table muster_message (
    message_id  text        primary key,
    call_id     uuid        not null references muster_call,
    contact_id  text        not null check (contact_id <> ''),
    channel     text        not null check (channel <> ''),
    kind        text        not null check (kind in ('alarm', 'reminder', 'escalation', 'stand_down')),
    step        integer     not null check (step >= 0),
    queued_at   timestamptz not null,
    accepted_at timestamptz,
    dead_at     timestamptz,
    failure     text
);
comment on table muster_message is 'Each message of a call, and what its way out said of it; `message_id` as in outbox.';
create index muster_message_call on muster_message (call_id);
create index muster_message_open on muster_message (queued_at) where accepted_at is null and dead_at is null;

create table escalation (
    incident_id  uuid        not null references incident,
    authority_id text        not null,
    round        integer     not null check (round > 0),
    step         integer     not null check (step > 0),
    whom         text        not null check (whom in ('second_channel', 'deputy', 'substitute', 'head')),
    policy       text        not null,
    due_at       timestamptz not null,
    done_at      timestamptz,
    outcome      text        check (outcome in ('called', 'not_needed', 'nobody')),
    primary key (incident_id, authority_id, round, step),
    check ((done_at is null) = (outcome is null))
);
comment on table escalation is 'The rungs that an authority''s silence leads up, frozen when it was told; each is decided once.';
comment on column escalation.round is 'Which ladder of this authority: an acknowledgement taken back begins another.';
create index escalation_due on escalation (due_at) where done_at is null;
