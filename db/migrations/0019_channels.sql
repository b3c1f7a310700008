-- Channels to people: their names in the outbox, how often robots were used, the built-in board.
alter table outbox
    drop constraint outbox_channel_check,
    add constraint outbox_channel_check check (channel in
        ('kafka', 'wecom', 'dingtalk', 'feishu', 'sms', 'webhook', 'smtp', 'board'));

create table robot_use (
    robot         bytea         primary key check (octet_length(robot) = 32),
    used_at       timestamptz[] not null,
    blocked_until timestamptz
);
comment on table robot_use is 'When each group robot was called lately, so that a restarted sender keeps to its limit too.';
comment on column robot_use.robot is 'SHA-256 of channel and address: the address holds a key.';

create table board_message (
    message_id   text        primary key check (message_id <> ''),
    contact_id   text        not null check (contact_id <> ''),
    authority_id text        not null check (authority_id <> ''),
    officer_id   text,
    notice       bytea       not null,
    written_at   timestamptz not null,
    posted_at    timestamptz not null default clock_timestamp()
);
comment on table board_message is 'The message board of the console: what was told by the channel board, a row per message however often it is sent.';
create index board_message_authority on board_message (authority_id, posted_at desc);
