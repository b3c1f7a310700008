-- name: lock_kind(kind)!
select pg_advisory_xact_lock(hashtextextended('layer ' || :kind, 0));

-- name: current_versions()
select layer_id, kind, version, source, sha256, datum, valid_from, valid_to, recorded_from, recorded_to
from layer where recorded_to = 'infinity' order by kind;

-- name: features(layer_id)
select feature_id, name_zh, name_en, properties, st_asbinary(geom, 'NDR') as wkb
from layer_feature where layer_id = :layer_id order by feature_id;

-- name: close_version(kind, recorded_to)!
update layer set recorded_to = :recorded_to where kind = :kind and recorded_to = 'infinity';

-- name: add_version(kind, source, sha256, datum, valid_from, recorded_from)^
insert into layer (kind, version, source, sha256, datum, valid_from, recorded_from)
select :kind, coalesce(max(version), 0) + 1, :source, :sha256, :datum, :valid_from, :recorded_from
from layer where kind = :kind
returning layer_id, kind, version, source, sha256, datum, valid_from, valid_to, recorded_from, recorded_to;

-- name: add_features(layer_id, ids, names_zh, names_en, properties, shapes)!
insert into layer_feature (layer_id, feature_id, name_zh, name_en, properties, geom)
select :layer_id, id, name_zh, name_en, said::jsonb, st_geomfromwkb(shape, 4326)
from unnest(:ids::text[], :names_zh::text[], :names_en::text[], :properties::text[], :shapes::bytea[])
    as feature (id, name_zh, name_en, said, shape);

-- name: clock()$
select clock_timestamp();

-- name: notify(payload)!
select pg_notify('whistle', :payload);
