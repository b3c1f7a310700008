"""What the layers hold: districts, waterways, gates, places. Immutable, WGS-84 degrees."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from domain.errors import InvalidInput

MEMBERS = frozenset({"310118", "320509", "330421"})
"""Qingpu, Wujiang, Jiashan: the members of the mutual-recognition scheme (互认) of 2020-05-20."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of a layer as it is stored: an id, two names, free properties, a geometry."""

    feature_id: str
    name_zh: str
    name_en: str
    properties: Mapping[str, Any]
    geometry: BaseGeometry


def _uncertainty_m(feature: Feature) -> float:
    """Metres, 0 where the file says nothing; raises `InvalidInput` for what is no distance."""
    said = feature.properties.get("uncertainty_m", 0.0)
    try:
        metres = math.nan if isinstance(said, bool) else float(said)
    except (TypeError, ValueError):
        metres = math.nan
    if not 0 <= metres < math.inf:
        raise InvalidInput(
            "properties.uncertainty_m", f"expected metres, a number from 0 on, got {said!r}"
        )
    return metres


def _waterway_name(feature: Feature) -> str | None:
    """The waterway a feature names; raises `InvalidInput` for what is no name."""
    said = feature.properties.get("waterway")
    if said is not None and not isinstance(said, str):
        raise InvalidInput("properties.waterway", f"expected a name, got {said!r}")
    return said


@dataclass(frozen=True, slots=True)
class District:
    """A district (区、县、市) by its six-digit code. `member`: one of the scheme's three."""

    adcode: str
    name_zh: str
    name_en: str
    member: bool
    geometry: MultiPolygon

    @classmethod
    def from_feature(cls, feature: Feature) -> "District":
        """A district from a stored or imported row."""
        shape = feature.geometry
        whole = MultiPolygon([shape]) if isinstance(shape, Polygon) else shape
        assert isinstance(whole, MultiPolygon)  # noqa: S101 - the importer checked the type
        member = bool(feature.properties.get("member", feature.feature_id in MEMBERS))
        return cls(feature.feature_id, feature.name_zh, feature.name_en, member, whole)

    def to_feature(self) -> Feature:
        """The row to store."""
        return Feature(
            self.adcode, self.name_zh, self.name_en, {"member": self.member}, self.geometry
        )


@dataclass(frozen=True, slots=True)
class Waterway:
    """A river's centreline or a lake's outline. `uncertainty_m`: how far off it may be.

    `directed`: the line is drawn downstream, so that "upstream of" can be said.
    """

    waterway_id: str
    name_zh: str
    name_en: str
    lake: bool
    uncertainty_m: float
    schematic: bool
    basis: str
    directed: bool
    geometry: LineString | Polygon

    @classmethod
    def from_feature(cls, feature: Feature) -> "Waterway":
        """A waterway from a stored or imported row; raises `InvalidInput`."""
        shape, said = feature.geometry, feature.properties
        assert isinstance(shape, LineString | Polygon)  # noqa: S101 - the importer checked it
        return cls(
            waterway_id=feature.feature_id,
            name_zh=feature.name_zh,
            name_en=feature.name_en,
            lake=isinstance(shape, Polygon),
            uncertainty_m=_uncertainty_m(feature),
            schematic=bool(said.get("schematic", "schematic" in str(said.get("use", "")))),
            basis=str(said.get("basis", "")),
            directed=bool(said.get("directed", True)),
            geometry=shape,
        )

    def to_feature(self) -> Feature:
        """The row to store."""
        said = {
            "uncertainty_m": self.uncertainty_m,
            "schematic": self.schematic,
            "basis": self.basis,
            "directed": self.directed,
        }
        return Feature(self.waterway_id, self.name_zh, self.name_en, said, self.geometry)


@dataclass(frozen=True, slots=True)
class Gate:
    """A pair of lines across a channel, at least 100 m apart (闸线对).

    A track that cuts `first` and then `second` has passed from `first_adcode` to `second_adcode`,
    for certain and at once; the other way round likewise.
    """

    gate_id: str
    name_zh: str
    name_en: str
    waterway: str
    schematic: bool
    first_adcode: str
    second_adcode: str
    first: LineString
    second: LineString

    @classmethod
    def from_feature(cls, feature: Feature) -> "Gate":
        """A gate from a stored or imported row: a multi-line of exactly two lines, in order."""
        shape, said = feature.geometry, feature.properties
        assert isinstance(shape, MultiLineString)  # noqa: S101 - the importer checked it
        first, second = shape.geoms
        return cls(
            gate_id=feature.feature_id,
            name_zh=feature.name_zh,
            name_en=feature.name_en,
            waterway=_waterway_name(feature) or "",
            schematic=bool(said.get("schematic", False)),
            first_adcode=str(said["first_adcode"]),
            second_adcode=str(said["second_adcode"]),
            first=first,
            second=second,
        )

    def to_feature(self) -> Feature:
        """The row to store."""
        said = {
            "waterway": self.waterway,
            "schematic": self.schematic,
            "first_adcode": self.first_adcode,
            "second_adcode": self.second_adcode,
        }
        shape = MultiLineString([self.first, self.second])
        return Feature(self.gate_id, self.name_zh, self.name_en, said, shape)


@dataclass(frozen=True, slots=True)
class Place:
    """A station, sluice, bridge or landmark that officers name; `waterway`: the one it is on."""

    place_id: str
    name_zh: str
    name_en: str
    kind: str
    waterway: str | None
    uncertainty_m: float
    basis: str
    geometry: Point

    @classmethod
    def from_feature(cls, feature: Feature) -> "Place":
        """A place from a stored or imported row; raises `InvalidInput`."""
        shape, said = feature.geometry, feature.properties
        assert isinstance(shape, Point)  # noqa: S101 - the importer checked it
        return cls(
            place_id=feature.feature_id,
            name_zh=feature.name_zh,
            name_en=feature.name_en,
            kind=str(said.get("kind", "landmark")),
            waterway=_waterway_name(feature),
            uncertainty_m=_uncertainty_m(feature),
            basis=str(said.get("basis", "")),
            geometry=shape,
        )

    def to_feature(self) -> Feature:
        """The row to store."""
        said = {
            "kind": self.kind,
            "waterway": self.waterway,
            "uncertainty_m": self.uncertainty_m,
            "basis": self.basis,
        }
        return Feature(self.place_id, self.name_zh, self.name_en, said, self.geometry)
