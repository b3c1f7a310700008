-- name: count_live(feed_id, minute)$
-- Refusals kept of one feed and minute of arrival, those of replayable sources aside.
-- The index is by time of recording, which may lie a little before arrival by another clock.
select count(*) from rejected_message
where feed_id = :feed_id and source_offset is null
  and arrived_at >= :minute and arrived_at < :minute::timestamptz + interval '1 minute'
  and recorded_at >= :minute::timestamptz - interval '10 minutes';

-- name: parked(source, since)
-- What came by a partition and was refused, in the order in which it was.
select rejected_id, feed_id, source_id, source_offset, raw from rejected_message
where source_offset is not null and starts_with(source_id, :source)
  and recorded_at >= :since
order by rejected_id;
