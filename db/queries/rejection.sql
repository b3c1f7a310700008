-- name: count_live(feed_id, minute)$
-- Refusals kept of one feed and minute of arrival, those of replayable sources aside.
-- The index is by time of recording, which may lie a little before arrival by another clock.
select count(*) from rejected_message
where feed_id = :feed_id and source_offset is null
  and arrived_at >= :minute and arrived_at < :minute::timestamptz + interval '1 minute'
  and recorded_at >= :minute::timestamptz - interval '10 minutes';
