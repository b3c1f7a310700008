-- How far each partition of a broker's topics was taken.
create table stream_offset (
    cluster_id  text        not null,
    topic       text        not null,
    partition   integer     not null check (partition >= 0),
    next_offset bigint      not null check (next_offset >= 0),
    recorded_at timestamptz not null,
    primary key (cluster_id, topic, partition)
) with (fillfactor = 50);
comment on table stream_offset is 'How far each partition of a broker''s topics was taken; advanced by compare-and-set in the transaction of the work.';
