-- name: lock_readings()$
-- Held to the end of the transaction: readings are numbered and become visible in one order.
select pg_advisory_xact_lock(hashtextextended('reading', 0)) is null;

-- name: before_taking(reading_id, checkpoint_id, t, image_hash)^
-- Always one row; the columns of a reading are null while it was never taken.
select exists (
           select from checkpoint
           where checkpoint_id = :checkpoint_id
             and (retired_at is null or :t::timestamptz < retired_at)
       ) as has_point,
       :image_hash::bytea is null
       or exists (select from image where image_hash = :image_hash) as has_image,
       reading_id, seq, content_hash, recorded_at
from (select) as always
left join reading on reading_id = :reading_id;

-- name: add_reading(reading_id, checkpoint_id, system, source_key, content_hash, t, direction, entering, draught_m, draught_error_m, length_m, beam_m, plate, claimed_mmsi, ship_class, confidence, laden_raw, image_hash, payload, received_at)^
insert into reading (
    reading_id, checkpoint_id, system, source_key, content_hash, t, direction, entering, draught_m,
    draught_error_m, length_m, beam_m, plate, claimed_mmsi, ship_class, confidence, laden_raw,
    image_hash, payload, received_at, recorded_at)
values (
    :reading_id, :checkpoint_id, :system, :source_key, :content_hash, :t, :direction, :entering,
    :draught_m, :draught_error_m, :length_m, :beam_m, :plate, :claimed_mmsi, :ship_class,
    :confidence, :laden_raw, :image_hash, :payload, :received_at, clock_timestamp())
on conflict do nothing
returning reading_id, seq, content_hash, recorded_at;

-- name: readings_after(seq, most)
select * from reading where seq > :seq order by seq limit :most;

-- name: reading(reading_id)^
select * from reading where reading_id = :reading_id;

-- name: readings_of_vessel(mmsi, since, most)
select reading.*
from reading_match join reading using (reading_id)
where mmsi = :mmsi and undone_at is null and t >= :since
order by t desc, seq desc
limit :most;
