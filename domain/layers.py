"""Map layers as they are kept: versions that are never overwritten, and what an import changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, get_args

LayerKind = Literal["district", "waterway", "lake", "gate", "place"]
"""The kinds that the `layer` table knows."""

KINDS: Final[tuple[LayerKind, ...]] = get_args(LayerKind)


class Datum(StrEnum):
    """What the degrees of an input mean."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class StoredFeature:
    """One feature of a layer as the store keeps it; `wkb` is its geometry, WGS-84 degrees."""

    feature_id: str
    name_zh: str
    name_en: str
    properties: Mapping[str, Any]
    wkb: bytes


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One imported version of a layer. `datum` is that of the file, not of what is stored."""

    layer_id: int
    kind: str
    version: int
    source: str
    sha256: bytes
    datum: str
    valid_from: datetime
    valid_to: datetime
    recorded_from: datetime
    recorded_to: datetime


@dataclass(frozen=True, slots=True)
class LayerChange:
    """What an import changed, by feature id, sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """The import says what the store says already."""
        return not (self.added or self.removed or self.changed)


def compare(before: Iterable[StoredFeature], after: Iterable[StoredFeature]) -> LayerChange:
    """What differs between two versions of a layer: names, properties or geometry, byte by byte."""
    old = {feature.feature_id: feature for feature in before}
    new = {feature.feature_id: feature for feature in after}
    return LayerChange(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(key for key in old.keys() & new.keys() if old[key] != new[key])),
    )
