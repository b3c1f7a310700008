-- name: add_crossing(crossing_id, mmsi, from_adcode, to_adcode, via, crossed_at, confirmed_at, lon, lat, by, grazing, fix_before_at, fix_after_at, recorded_at)$
insert into crossing (
    crossing_id, mmsi, from_adcode, to_adcode, via, crossed_at, confirmed_at, lon, lat, by,
    grazing, fix_before_at, fix_after_at, recorded_at)
values (
    :crossing_id, :mmsi, :from_adcode, :to_adcode, :via, :crossed_at, :confirmed_at, :lon, :lat, :by,
    :grazing, :fix_before_at, :fix_after_at, :recorded_at)
on conflict (crossing_id) do nothing
returning crossing_id;
