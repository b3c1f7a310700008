-- name: drop_feed_counts(before, most)$
with gone as (
    delete from feed_count where (feed_id, minute, outcome) in (
        select feed_id, minute, outcome from feed_count
        where minute < :before order by minute limit :most for update skip locked)
    returning 1)
select count(*) from gone;

-- name: drop_receiver_minutes(before, most)$
with gone as (
    delete from receiver_minute where (feed_id, station, minute) in (
        select feed_id, station, minute from receiver_minute
        where minute < :before order by minute limit :most for update skip locked)
    returning 1)
select count(*) from gone;

-- name: drop_refusals(before, most)$
with gone as (
    delete from checkpoint_refusal where (checkpoint_id, minute, code) in (
        select checkpoint_id, minute, code from checkpoint_refusal
        where minute < :before order by minute limit :most for update skip locked)
    returning 1)
select count(*) from gone;

-- name: drop_uploads(before, most)$
with gone as (
    delete from checkpoint_upload where (checkpoint_id, day) in (
        select checkpoint_id, day from checkpoint_upload
        where day < (:before::timestamptz at time zone 'UTC')::date limit :most
        for update skip locked)
    returning 1)
select count(*) from gone;

-- name: drop_rejections(before, most)$
with gone as (
    delete from rejected_message where rejected_id in (
        select rejected_id from rejected_message
        where recorded_at < :before limit :most for update skip locked)
    returning 1)
select count(*) from gone;

-- name: expired_readings(before, most)
-- Cited by an alert, now or ever (its events tell), a reading is evidence and stays.
with cited as materialized (
    select source_id as id from alert where source_kind = 'reading'
    union
    select found ->> 'id' from alert
    cross join lateral
        jsonb_path_query(reasons, '$[*].evidence[*] ? (@.kind == "reading")') as found
    union
    select found ->> 'id' from event
    cross join lateral jsonb_path_query(
        convert_from(payload, 'UTF8')::jsonb, '$.reasons[*].evidence[*] ? (@.kind == "reading")')
        as found
    where stream_kind = 'alert'
)
select reading_id from reading
where recorded_at < :before
  and not exists (select from cited where cited.id = reading.reading_id::text)
order by recorded_at limit :most
for update of reading skip locked;

-- name: drop_matches(ids)!
delete from reading_match where reading_id = any(:ids::uuid[]);

-- name: drop_readings(ids)!
delete from reading where reading_id = any(:ids::uuid[]);

-- name: drop_images(before, since, after, most)^
-- A page of old pictures in order, of which go those that no reading refers to. The lock waits for
-- nobody: who refers to a picture just now holds it.
with page as materialized (
    select image_hash, stored_at from image
    where stored_at < :before and (stored_at, image_hash) > (:since, :after)
    order by stored_at, image_hash limit :most
), free as materialized (
    select image_hash from image join page using (image_hash)
    where image.stored_at < :before
      and not exists (select from reading where reading.image_hash = image.image_hash)
    for update of image skip locked
), gone as (
    delete from image where image_hash in (select image_hash from free)
    returning octet_length(bytes) as size
)
select (select count(*) from gone) as images,
       (select coalesce(sum(size), 0)::bigint from gone) as bytes,
       (select count(*) from page) as looked_at,
       last.stored_at, last.image_hash
from (select) as one
left join (select stored_at, image_hash from page order by 1 desc, 2 desc limit 1) as last on true;
