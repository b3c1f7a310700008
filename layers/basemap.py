"""The parts of the map that do not move: GeoJSON, WGS-84, thinned to what a screen can show."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import shapely
from shapely import Point, Polygon
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from domain.language import Language
from layers.features import District, Gate, Waterway
from layers.geography import Geography

THIN_DEG: Final = 0.0005
"""Detail kept, some 50 m: below a pixel at first, and far below what the geometry is good to."""
_REACH: Final = shapely.box(119.9, 30.3, 121.9, 31.8)
"""Beyond it nothing is drawn."""
_SHOWN: Final = shapely.box(120.57, 30.80, 121.14, 31.26)
_OPENING: Final = shapely.box(120.61, 30.83, 121.11, 31.24)
"""Names are placed within what a small and, for neighbours, a large screen shows at first."""

Collection = dict[str, Any]


def common_layers(geography: Geography) -> dict[str, Collection]:
    """Shapes without words, by layer name."""
    districts = geography.districts
    thin = shapely.coverage_simplify([d.geometry for d in districts], THIN_DEG)
    shapes = {d.adcode: s.intersection(_REACH) for d, s in zip(districts, thin, strict=True)}
    members = {d.adcode for d in districts if d.member}
    others = [adcode for adcode in shapes if adcode not in members]
    own = shapely.union_all([shapes[adcode].boundary for adcode in sorted(members)])
    rest = shapely.union_all([shapes[adcode].boundary for adcode in others]).difference(own)
    zones = [zone for pair, zone in geography.border_zones.items() if members & set(pair)]
    gates = geography.gates
    return {
        "neighbours": _collection([_around(shapes.values())]),
        "members": _collection([shapes[adcode] for adcode in sorted(members)]),
        "lakes": _collection([w.geometry for w in geography.waterways if w.lake]),
        "border-water": _collection([shapely.union_all(zones).simplify(THIN_DEG / 2)]),
        "waterways": _collection([w.geometry for w in geography.waterways if not w.lake]),
        "neighbour-borders": _collection([shapely.line_merge(rest).simplify(6 * THIN_DEG)]),
        "member-borders": _collection([shapely.line_merge(own)]),
        "gate-lines": _collection([line for g in gates for line in (g.first, g.second)]),
        "gates": _collection(
            [_middle(gate) for gate in gates], [{"icon": "gate", "angle": 0} for _ in gates]
        ),
    }


def _around(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    """All land that is drawn, as one coarse area: the members lie upon it with their exact edges.

    Every corner of a filled area costs time at every picture.
    """
    return shapely.union_all(list(shapes)).simplify(6 * THIN_DEG)


def word_layers(geography: Geography, lang: Language) -> dict[str, Collection]:
    """Names in one language, by layer name."""
    banks = shapely.union_all([w.geometry.buffer(0.02) for w in geography.waterways])
    members: list[tuple[Point, str]] = []
    others: list[tuple[Point, str]] = []
    for district in geography.districts:
        shown, named = (_OPENING, members) if district.member else (_SHOWN, others)
        point = _label_point(district, banks, shown)
        if point is not None:
            named.append((point, _name(district, lang)))
    waters = [row for w in geography.waterways for row in _water_labels(w, _name(w, lang))]
    return {
        "neighbour-names": _named(others),
        "member-names": _named(members),
        "water-names": _collection(
            [point for _, point, _, _ in waters],
            [{"label": t, "offset": offset, "anchor": a} for t, _, offset, a in waters],
        ),
    }


def _name(thing: District | Waterway, lang: Language) -> str:
    return thing.name_zh if lang == "zh" else thing.name_en


def _named(rows: Sequence[tuple[Point, str]]) -> Collection:
    return _collection([point for point, _ in rows], [{"label": label} for _, label in rows])


def _label_point(district: District, banks: BaseGeometry, shown: BaseGeometry) -> Point | None:
    """Where a name has most room clear of the water; `None`: the district is hardly seen."""
    whole: BaseGeometry = district.geometry
    seen = whole.intersection(shown)
    if seen.area < 0.001 and not district.member:  # a sliver at the edge of the view
        return None
    free = (seen if seen.area > 0 else whole).difference(banks)
    room = whole if free.is_empty else free
    assert isinstance(room, Polygon | shapely.MultiPolygon)  # noqa: S101 - areas stay areas
    return Point(shapely.maximum_inscribed_circle(room, 0.005).coords[0])


def _water_labels(water: Waterway, name: str) -> list[tuple[str, Point, list[int], str]]:
    """Name, place, pixel offset and anchor of each reach; a river's reaches are named in order.

    The words stand beside the line, so that barges do not sail through them.
    """
    shape = water.geometry
    if isinstance(shape, Polygon):
        return [(name, shape.representative_point(), [0, 0], "middle")]
    reaches = [reach.strip() for reach in re.split("[—–]", name) if reach.strip()]
    found = []
    for at, reach in enumerate(reaches):
        share = (at + 0.5) / len(reaches)
        point, ahead = (shape.interpolate(s, normalized=True) for s in (share, share + 0.01))
        upright = abs(ahead.y - point.y) > abs(ahead.x - point.x)
        offset, anchor = ([14, 0], "start") if upright else ([0, -17], "middle")
        found.append((reach, point, offset, anchor))
    return found


def _middle(gate: Gate) -> Point:
    return shapely.MultiLineString([gate.first, gate.second]).centroid


def _collection(
    shapes: Iterable[BaseGeometry], properties: Sequence[dict[str, Any]] = ()
) -> Collection:
    """Shapes as a GeoJSON collection, coordinates to 1 m."""
    found = []
    for at, shape in enumerate(shapes):
        if not shape.is_empty:
            plain = mapping(shapely.set_precision(shape, 1e-5, mode="pointwise"))
            said = properties[at] if properties else {}
            found.append({"type": "Feature", "geometry": plain, "properties": said})
    return {"type": "FeatureCollection", "features": found}
