"""An operator's own GeoJSON, checked before it becomes a layer. Pure: no database here.

Every problem names its feature and field. What is fatal refuses the file; the rest is
reported.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from typing import Any, Final

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from domain.errors import InvalidInput
from domain.layers import KINDS, Datum, LayerChange, LayerKind, StoredFeature, compare
from layers.borders import metric
from layers.facts import GATE_APART_M
from layers.features import District, Feature, Gate, Place, Waterway
from layers.sources import converted
from layers.stored import to_stored

_SHAPES: Final[Mapping[LayerKind, tuple[str, tuple[str, ...]]]] = {
    "district": ("adcode", ("Polygon", "MultiPolygon")),
    "waterway": ("waterway_id", ("LineString",)),
    "lake": ("lake_id", ("Polygon",)),
    "gate": ("gate_id", ("MultiLineString",)),
    "place": ("place_id", ("Point",)),
}
"""Per kind: the property that is its id (`id` and `name_en` do as well), and its geometry types."""

_BUILT: Final[Mapping[LayerKind, Callable[[Feature], object]]] = {
    "district": District.from_feature,
    "waterway": Waterway.from_feature,
    "lake": Waterway.from_feature,
    "gate": Gate.from_feature,
    "place": Place.from_feature,
}

OVERLAP_M2: Final = 1.0
GAP_M2: Final = 10.0
_ADCODE_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a file, by feature and field. `fatal` refuses the import."""

    field: str
    text: str
    fatal: bool

    def to_json(self) -> dict[str, Any]:
        """One line of the report."""
        return {"problem": self.text, "field": self.field, "fatal": self.fatal}


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A file as read: features in WGS-84, topology kept, and all that is wrong with it."""

    kind: LayerKind
    datum: Datum
    sha256: bytes
    features: tuple[Feature, ...]
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        """At least one problem is fatal."""
        return any(problem.fatal for problem in self.problems)

    def changes(self, current: Iterable[StoredFeature]) -> LayerChange:
        """What importing this over `current` would add, remove and change, by feature id."""
        return compare(current, map(to_stored, self.features))


def parse_kind(value: str) -> LayerKind:
    """The kind named by an operator; raises `InvalidInput`."""
    for kind in KINDS:
        if kind == value:
            return kind
    raise InvalidInput("kind", f"expected one of {', '.join(KINDS)}, got {value!r}")


def read_layer(data: bytes, kind: LayerKind, datum: Datum) -> LayerFile:
    """Parse and check a GeoJSON FeatureCollection in the given datum.

    Raises `InvalidInput`, naming feature and field, where the file cannot be read at all.
    """
    rows = list(_rows(data, kind))
    if not rows:
        raise InvalidInput("features", "expected at least one feature")
    seen: set[str] = set()
    for index, (feature_id, *_) in enumerate(rows):
        if feature_id in seen:
            raise InvalidInput(f"features[{index}].properties", f"id {feature_id!r} occurs twice")
        seen.add(feature_id)
    geometries = converted([geometry for *_, geometry in rows], datum)
    features = tuple(
        Feature(feature_id, zh, en, said, geometry)
        for (feature_id, zh, en, said, _), geometry in zip(rows, geometries, strict=True)
    )
    problems = tuple(_problems(kind, features))
    layer = LayerFile(kind, datum, sha256(data).digest(), features, problems)
    if not layer.refused:
        for index, feature in enumerate(features):
            _build(kind, feature, f"features[{index}]")
    return layer


def _rows(
    data: bytes, kind: LayerKind
) -> Iterator[tuple[str, str, str, dict[str, Any], BaseGeometry]]:
    try:
        root = json.loads(data)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput("file", f"expected GeoJSON, got {error}") from None
    if not isinstance(root, dict) or root.get("type") != "FeatureCollection":
        raise InvalidInput("type", "expected FeatureCollection")
    listed = root.get("features")
    if not isinstance(listed, list):
        raise InvalidInput("features", "expected a list")
    key, allowed = _SHAPES[kind]
    for index, raw in enumerate(listed):
        where = f"features[{index}]"
        if not isinstance(raw, dict):
            raise InvalidInput(where, "expected a feature")
        said = raw.get("properties") or {}
        if not isinstance(said, dict):
            raise InvalidInput(f"{where}.properties", "expected an object")
        found = said.get(key) or raw.get("id") or said.get("id") or said.get("name_en")
        if found is None:
            raise InvalidInput(f"{where}.properties.{key}", "missing")
        feature_id = str(found)
        if kind == "district" and not (feature_id.isdigit() and len(feature_id) == _ADCODE_DIGITS):
            raise InvalidInput(f"{where}.properties.adcode", "expected six digits")
        zh = said.get("name_zh") or said.get("name") or said.get("name_en") or feature_id
        en = said.get("name_en") or zh
        if kind == "gate":
            for side in ("first_adcode", "second_adcode"):
                if not said.get(side):
                    raise InvalidInput(f"{where}.properties.{side}", "missing")
        yield feature_id, str(zh), str(en), said, _geometry(raw.get("geometry"), where, allowed)


def _build(kind: LayerKind, feature: Feature, where: str) -> None:
    """Make of a feature what the running program will make of it, or say what is in the way."""
    try:
        _BUILT[kind](feature)
    except InvalidInput as error:
        raise InvalidInput(f"{where}.{error.field}", error.expected) from None
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{where}.properties", f"expected a {kind}, got {error}") from error


def _geometry(raw: object, where: str, allowed: tuple[str, ...]) -> BaseGeometry:
    field = f"{where}.geometry"
    if not isinstance(raw, dict):
        raise InvalidInput(field, "missing")
    if raw.get("type") not in allowed:
        raise InvalidInput(f"{field}.type", f"expected {' or '.join(allowed)}")
    try:
        geometry = shapely.force_2d(shape(raw))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, shapely.GEOSException):
        raise InvalidInput(f"{field}.coordinates", "not readable") from None
    corners = shapely.get_coordinates(geometry)
    if geometry.is_empty or not corners.size:
        raise InvalidInput(f"{field}.coordinates", "empty")
    lon, lat = corners[:, 0], corners[:, 1]
    if not (abs(lon) <= 180).all() or not (abs(lat) <= 90).all():
        raise InvalidInput(f"{field}.coordinates", "expected degrees, longitude first")
    return geometry


def _problems(kind: LayerKind, features: Sequence[Feature]) -> Iterator[Problem]:
    for index, feature in enumerate(features):
        if not feature.geometry.is_valid:
            reason = shapely.is_valid_reason(feature.geometry)
            yield Problem(f"features[{index}].geometry", f"not valid: {reason}", True)
    if kind == "district":
        yield from _coverage_problems(features)
    if kind == "gate":
        yield from _gate_problems(features)


def _coverage_problems(features: Sequence[Feature]) -> Iterator[Problem]:
    """Overlaps are fatal; gaps enclosed by districts are told, with their size and place."""
    # in degrees, as points are located: projected, straight edges without shared vertices part
    sound = [(i, f.geometry) for i, f in enumerate(features) if f.geometry.is_valid]
    for (i, a), (j, b) in combinations(sound, 2):
        if not a.intersects(b):
            continue
        area = float(metric(shapely.intersection(a, b)).area)
        if area > OVERLAP_M2:
            text = f"overlaps {features[j].feature_id} by {area:,.0f} m²"
            yield Problem(f"features[{i}] ({features[i].feature_id})", text, True)
    union = shapely.union_all([s for _, s in sound])
    for part in shapely.get_parts(union):
        for ring in part.interiors:
            hole = shapely.Polygon(ring)
            area = float(metric(hole).area)
            if area > GAP_M2:
                touching = [features[i].feature_id for i, s in sound if s.intersects(hole)]
                text = f"gap of {area:,.0f} m² between {', '.join(touching)}"
                yield Problem("features", text, False)


def _gate_problems(features: Sequence[Feature]) -> Iterator[Problem]:
    for index, feature in enumerate(features):
        lines = shapely.get_parts(feature.geometry)
        field = f"features[{index}] ({feature.feature_id})"
        if len(lines) != 2:
            yield Problem(f"{field}.geometry", "expected exactly two lines", True)
        elif metric(lines[0]).distance(metric(lines[1])) < GATE_APART_M:
            text = f"the two lines must be at least {GATE_APART_M:.0f} m apart"
            yield Problem(f"{field}.geometry", text, True)
        said = feature.properties
        if said["first_adcode"] == said["second_adcode"]:
            yield Problem(f"{field}.properties.second_adcode", "equals first_adcode", True)
