"""Layers between the store and the geography: rows in, rows out, no SQL here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import shapely

from domain.layers import LayerKind, StoredFeature
from layers.features import District, Feature, Gate, Place, Waterway
from layers.geography import Geography
from layers.sources import (
    DISTRICT_SOURCE,
    builtin_districts,
    builtin_gates,
    builtin_places,
    builtin_waterways,
)

_OWN_SOURCE = "whistle, 示意图 schematic"


@dataclass(frozen=True, slots=True)
class PackagedLayer:
    """A layer that comes with the program. `datum` is that of its source; features are WGS-84."""

    kind: LayerKind
    source: str
    sha256: bytes
    datum: str
    features: tuple[StoredFeature, ...]


def to_stored(feature: Feature) -> StoredFeature:
    """A feature as the store keeps it."""
    return StoredFeature(
        feature_id=feature.feature_id,
        name_zh=feature.name_zh,
        name_en=feature.name_en,
        properties=dict(feature.properties),
        wkb=shapely.to_wkb(feature.geometry, byte_order=1),
    )


def to_feature(stored: StoredFeature) -> Feature:
    """A feature as the geography takes it."""
    return Feature(
        feature_id=stored.feature_id,
        name_zh=stored.name_zh,
        name_en=stored.name_en,
        properties=stored.properties,
        geometry=shapely.from_wkb(stored.wkb),
    )


def packaged_layers() -> list[PackagedLayer]:
    """Every layer that comes with the program, ready to be imported."""
    waterways = builtin_waterways()
    return [
        _packaged("district", DISTRICT_SOURCE, "gcj02", builtin_districts()),
        _packaged("waterway", _OWN_SOURCE, "wgs84", [one for one in waterways if not one.lake]),
        _packaged("lake", _OWN_SOURCE, "wgs84", [one for one in waterways if one.lake]),
        _packaged("gate", _OWN_SOURCE, "wgs84", builtin_gates()),
        _packaged("place", _OWN_SOURCE, "wgs84", builtin_places()),
    ]


def _packaged(
    kind: LayerKind,
    source: str,
    datum: str,
    items: Sequence[District] | Sequence[Waterway] | Sequence[Gate] | Sequence[Place],
) -> PackagedLayer:
    features = tuple(to_stored(item.to_feature()) for item in items)
    digest = sha256()
    for feature in features:
        digest.update(feature.feature_id.encode() + b"\0" + feature.wkb)
    return PackagedLayer(kind, source, digest.digest(), datum, features)


def geography_of(layers: Mapping[str, Sequence[StoredFeature]]) -> Geography:
    """The geography that these layers, by kind, make; a missing kind is an empty one."""
    rows = {kind: [to_feature(row) for row in found] for kind, found in layers.items()}
    water = [*rows.get("waterway", ()), *rows.get("lake", ())]
    return Geography.from_features(
        districts=[District.from_feature(row) for row in rows.get("district", ())],
        waterways=[Waterway.from_feature(row) for row in water],
        gates=[Gate.from_feature(row) for row in rows.get("gate", ())],
        places=[Place.from_feature(row) for row in rows.get("place", ())],
    )
