"""Map layers in the store: versions and their features."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import orjson

from db.catalog import load_queries
from db.pool import Connection
from domain.layers import LayerVersion, StoredFeature

_queries = load_queries("layer")


def _version(row: asyncpg.Record) -> LayerVersion:
    return LayerVersion(**row)


async def current_versions(connection: Connection) -> dict[str, LayerVersion]:
    """The version of each kind of layer that holds now."""
    return {row["kind"]: _version(row) async for row in _queries.current_versions(connection)}


async def features(connection: Connection, layer_id: int) -> list[StoredFeature]:
    """The features of one version, by id."""
    rows = _queries.features(connection, layer_id=layer_id)
    return [StoredFeature(**row) async for row in rows]


async def current_features(connection: Connection) -> dict[str, list[StoredFeature]]:
    """The features of every layer as they hold now, by kind of layer."""
    found = await current_versions(connection)
    return {kind: await features(connection, one.layer_id) for kind, one in found.items()}


async def lock_kind(connection: Connection, kind: str) -> datetime:
    """Keep other imports of this layer out until the transaction ends; the store's clock then."""
    await _queries.lock_kind(connection, kind=kind)
    now: datetime = await _queries.clock(connection)
    return now


async def add_version(
    connection: Connection,
    *,
    kind: str,
    source: str,
    sha256: bytes,
    datum: str,
    valid_from: datetime,
    recorded_at: datetime,
    features: Sequence[StoredFeature],
) -> LayerVersion:
    """Close the current version and add the next; only while `lock_kind` is held.

    Raises `RefusedRow` (check violation) for a geometry that PostGIS calls invalid.
    """
    await _queries.close_version(connection, kind=kind, recorded_to=recorded_at)
    row = await _queries.add_version(
        connection,
        kind=kind,
        source=source,
        sha256=sha256,
        datum=datum,
        valid_from=valid_from,
        recorded_from=recorded_at,
    )
    await _queries.add_features(
        connection,
        layer_id=row["layer_id"],
        ids=[feature.feature_id for feature in features],
        names_zh=[feature.name_zh for feature in features],
        names_en=[feature.name_en for feature in features],
        properties=[orjson.dumps(dict(feature.properties)).decode() for feature in features],
        shapes=[feature.wkb for feature in features],
    )
    await _queries.notify(connection, payload=f"layer {kind}")
    return _version(row)
