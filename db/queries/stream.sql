-- name: begin_offsets(cluster_id, topics, partitions, starts)!
insert into stream_offset (cluster_id, topic, partition, next_offset, recorded_at)
select :cluster_id, topic, partition, next_offset, clock_timestamp()
from unnest(:topics::text[], :partitions::integer[], :starts::bigint[])
    as found (topic, partition, next_offset)
order by topic, partition
on conflict do nothing;

-- name: offsets(cluster_id, topics, partitions)
select topic, partition, next_offset
from stream_offset
join unnest(:topics::text[], :partitions::integer[]) as wanted (topic, partition)
    using (topic, partition)
where cluster_id = :cluster_id;

-- name: advance(cluster_ids, topics, partitions, starts, next_offsets)
-- Nothing comes back for a partition that another worker has taken further.
update stream_offset as known
set next_offset = moved.next_offset, recorded_at = clock_timestamp()
from unnest(:cluster_ids::text[], :topics::text[], :partitions::integer[], :starts::bigint[],
            :next_offsets::bigint[])
    as moved (cluster_id, topic, partition, start, next_offset)
where known.cluster_id = moved.cluster_id and known.topic = moved.topic
  and known.partition = moved.partition and known.next_offset = moved.start
returning known.topic, known.partition;
