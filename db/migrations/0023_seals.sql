-- Signed heads of chains: whoever computes a chain's hashes anew cannot sign them anew.
create table event_seal (
    number      bigint      primary key check (number > 0),
    previous    bytea       not null,
    stream_kind text        not null,
    stream_id   text        not null,
    seq         bigint      not null check (seq > 0),
    hash        bytea       not null,
    row_digest  bytea       not null,
    sealed_at   timestamptz not null,
    key_id      text        not null,
    signature   bytea       not null,
    constraint event_seal_of_chain unique (stream_kind, stream_id, seq)
);
comment on table event_seal is 'A signature over the head of a chain as it stood; numbered without gaps, each with the digest of the one before.';
create trigger event_seal_is_append_only before update or delete or truncate on event_seal
    for each statement execute function refuse_change();
