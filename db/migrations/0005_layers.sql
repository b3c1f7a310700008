-- Map and jurisdiction layers, versioned: an import never overwrites what an earlier decision was based on.
create table layer (
    layer_id      bigint generated always as identity primary key,
    kind          text        not null check (kind in ('district', 'waterway', 'lake', 'gate', 'place')),
    version       integer     not null check (version > 0),
    source        text        not null,
    sha256        bytea       not null,
    datum         text        not null check (datum in ('wgs84', 'gcj02', 'bd09')),
    valid_from    timestamptz not null,
    valid_to      timestamptz not null default 'infinity',
    recorded_from timestamptz not null,
    recorded_to   timestamptz not null default 'infinity',
    unique (kind, version)
);
comment on column layer.datum is 'Datum of the file as received; geometry is stored in WGS-84.';
create unique index layer_current on layer (kind) where recorded_to = 'infinity';

create table layer_feature (
    layer_id   bigint not null references layer,
    feature_id text   not null,
    name_zh    text   not null,
    name_en    text   not null,
    properties jsonb  not null,
    geom       geometry(Geometry, 4326) not null check (st_isvalid(geom)),
    primary key (layer_id, feature_id)
);
create index layer_feature_geom on layer_feature using gist (geom);
