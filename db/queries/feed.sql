-- name: add_feed(feed_id, kind, name_zh, name_en, address)!
insert into feed (feed_id, kind, name_zh, name_en, address, valid_from, recorded_from)
select :feed_id, :kind, :name_zh, :name_en, :address, at, at
from (select clock_timestamp() as at) as clock
on conflict (feed_id) where recorded_to = 'infinity' do nothing;

-- name: close_feed(feed_id)$
-- The store's clock, but never before the version that is closed.
update feed
set recorded_to = greatest(clock_timestamp(), recorded_from + interval '1 microsecond')
where feed_id = :feed_id and recorded_to = 'infinity'
returning recorded_to;

-- name: revise_feed(feed_id, kind, name_zh, name_en, address, at)!
insert into feed (feed_id, kind, name_zh, name_en, address, valid_from, recorded_from)
values (:feed_id, :kind, :name_zh, :name_en, :address, :at, :at);

-- name: current_feeds()
select feed_id, kind, name_zh, name_en, address from feed where recorded_to = 'infinity'
order by feed_id;

-- name: beat(feed_ids, connected, sentence_at, fix_at, ended, queued, queue_limit)!
-- A worker that has heard nothing itself keeps what an earlier worker heard.
insert into feed_status (
    feed_id, connected, last_sentence_at, last_fix_at, recorded_at, queued, queue_limit,
    ended_at)
select feed_id, connected, sentence_at, fix_at, clock_timestamp(), :queued, :queue_limit,
       case when ended then clock_timestamp() end
from unnest(:feed_ids::text[], :connected::boolean[], :sentence_at::timestamptz[],
            :fix_at::timestamptz[], :ended::boolean[])
    as beat (feed_id, connected, sentence_at, fix_at, ended)
order by feed_id
on conflict (feed_id) do update set
    connected = excluded.connected,
    last_sentence_at = greatest(excluded.last_sentence_at, feed_status.last_sentence_at),
    last_fix_at = greatest(excluded.last_fix_at, feed_status.last_fix_at),
    recorded_at = excluded.recorded_at,
    queued = excluded.queued,
    queue_limit = excluded.queue_limit,
    ended_at = case when excluded.ended_at is not null
                    then coalesce(feed_status.ended_at, excluded.ended_at) end;

-- name: add_counts(feed_ids, minutes, outcomes, counts)!
insert into feed_count (feed_id, minute, outcome, n)
select * from unnest(:feed_ids::text[], :minutes::timestamptz[], :outcomes::text[], :counts::bigint[])
order by 1, 2, 3
on conflict (feed_id, minute, outcome) do update set n = feed_count.n + excluded.n;

-- name: cursor(feed_id, source_id)^
select next_offset, pending from feed_cursor
where feed_id = :feed_id and source_id = :source_id;

-- name: begin_cursor(feed_id, source_id)!
insert into feed_cursor (feed_id, source_id, next_offset, recorded_at)
values (:feed_id, :source_id, 0, clock_timestamp())
on conflict do nothing;

-- name: move_cursor(feed_id, source_id, start, next_offset, pending)!
update feed_cursor
set next_offset = :next_offset, pending = :pending, recorded_at = clock_timestamp()
where feed_id = :feed_id and source_id = :source_id and next_offset = :start;

-- name: offsets(feed_id)
select source_id, next_offset from feed_cursor where feed_id = :feed_id;
