-- Who acts: accounts, what they are signed in by, failures to sign in, and walls that only look.
create table account (
    account_id    uuid        primary key,
    login         text        not null unique check (login = lower(login) and length(login) between 1 and 64),
    name          text        not null unique check (length(name) between 1 and 40),
    role          text        not null check (role in ('viewer', 'duty_officer', 'controller',
                                                       'commander', 'registrar', 'auditor')),
    adcode        text,
    password_hash text,
    oidc_subject  text        unique check (oidc_subject <> ''),
    must_change   boolean     not null,
    demo          boolean     not null default false,
    created_at    timestamptz not null,
    disabled_at   timestamptz
);
comment on column account.login is 'Never used again for another account, also when this one is disabled.';
comment on column account.name is 'What events name the person by, so nobody else has it.';
comment on column account.password_hash is 'argon2id with its parameters and salt; null: no password lets anybody in.';

create table account_session (
    token_hash bytea       primary key check (length(token_hash) = 32),
    account_id uuid        not null references account,
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null,
    ended_at   timestamptz,
    address    text        not null,
    user_agent text        not null,
    check (created_at < expires_at)
) with (fillfactor = 50);
create index account_session_account on account_session (account_id) where ended_at is null;
create index account_session_expires on account_session (expires_at);

create table sign_in_failure (
    scope         text        not null check (scope in ('login', 'address')),
    key_hash      bytea       not null check (length(key_hash) = 32),
    failures      integer     not null check (failures >= 0),
    last_at       timestamptz not null,
    blocked_until timestamptz not null,
    primary key (scope, key_hash)
) with (fillfactor = 50);
comment on column sign_in_failure.key_hash is 'SHA-256 of the login or the address: people type passwords into the wrong field.';
create index sign_in_failure_last on sign_in_failure (last_at);

create table display_token (
    display_id   uuid        primary key,
    token_hash   bytea       not null unique check (length(token_hash) = 32),
    screen       text        not null check (length(screen) between 1 and 24),
    issued_by    text        not null,
    issued_at    timestamptz not null,
    last_seen_at timestamptz,
    revoked_at   timestamptz
);
