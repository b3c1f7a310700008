-- name: add_image(image_hash, media_type, width, height, content, thumbnail)$
insert into image (image_hash, media_type, width, height, bytes, thumbnail, stored_at)
values (:image_hash, :media_type, :width, :height, :content, :thumbnail, clock_timestamp())
on conflict (image_hash) do update set stored_at = excluded.stored_at
returning xmax = 0;

-- name: charge(checkpoint_id, day, size, most)$
-- Nothing comes back when the day would hold more than it may.
insert into checkpoint_upload as known (checkpoint_id, day, bytes)
select :checkpoint_id, :day, :size::bigint where :size::bigint <= :most::bigint
on conflict (checkpoint_id, day) do update set bytes = known.bytes + excluded.bytes
where known.bytes + excluded.bytes <= :most::bigint
returning bytes;

-- name: image(image_hash)^
select image_hash, media_type, width, height, bytes as content, thumbnail from image
where image_hash = :image_hash;

-- name: thumbnail(image_hash)$
select thumbnail from image where image_hash = :image_hash;
