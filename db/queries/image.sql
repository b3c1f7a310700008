-- name: add_image(image_hash, media_type, width, height, content, thumbnail)$
insert into image (image_hash, media_type, width, height, bytes, thumbnail, stored_at)
values (:image_hash, :media_type, :width, :height, :content, :thumbnail, clock_timestamp())
on conflict (image_hash) do nothing
returning image_hash;

-- name: image(image_hash)^
select image_hash, media_type, width, height, bytes as content, thumbnail from image
where image_hash = :image_hash;

-- name: thumbnail(image_hash)$
select thumbnail from image where image_hash = :image_hash;
