"""The parts of the map that do not move, as GeoJSON in WGS-84, thinned to what a screen can show."""

from collections.abc import Iterable
from typing import Any, Final, Literal

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from layers.features import District, Gate
from layers.geography import Geography

THIN_DEG: Final = 0.00012
"""Detail kept, some 12 m: less than a pixel until the map is zoomed in by four steps."""
_SHOWN: Final = shapely.box(120.30, 30.66, 121.42, 31.40)
"""Labels of neighbours are placed within what the opening view shows."""

Collection = dict[str, Any]


def common_layers(geography: Geography) -> dict[str, Collection]:
    """Shapes without words, by layer name."""
    districts = geography.districts
    thin = shapely.coverage_simplify([d.geometry for d in districts], THIN_DEG)
    shapes = dict(zip((d.adcode for d in districts), thin, strict=True))
    members = {d.adcode for d in districts if d.member}
    own = [line for pair, line in geography.borders.items() if members & set(pair)]
    zones = [zone for pair, zone in geography.border_zones.items() if members & set(pair)]
    return {
        "neighbours": _collection(shapes[d.adcode] for d in districts if not d.member),
        "members": _collection(shapes[d.adcode] for d in districts if d.member),
        "lakes": _collection(w.geometry for w in geography.waterways if w.lake),
        "border-water": _collection([shapely.union_all(zones)] if zones else []),
        "waterways": _collection(w.geometry for w in geography.waterways if not w.lake),
        "neighbour-borders": _collection(
            shapes[d.adcode].boundary for d in districts if not d.member
        ),
        "member-borders": _collection(shapely.simplify(line, THIN_DEG) for line in own),
        "gate-lines": _collection(line for g in geography.gates for line in (g.first, g.second)),
        "gates": _collection(
            (_middle(g) for g in geography.gates),
            [{"icon": "gate", "angle": 0}] * len(geography.gates),
        ),
    }


def word_layers(geography: Geography, lang: Literal["zh", "en"]) -> dict[str, Collection]:
    """Names in one language, by layer name."""

    def name(thing: Any) -> str:
        return str(thing.name_zh if lang == "zh" else thing.name_en)

    members = [d for d in geography.districts if d.member]
    others = [d for d in geography.districts if not d.member]
    placed = [(d, _label_point(d, clip=True)) for d in others]
    seen = [(d, point) for d, point in placed if point is not None]
    waters = geography.waterways
    return {
        "neighbour-names": _collection(
            (point for _, point in seen), [{"label": name(d)} for d, _ in seen]
        ),
        "member-names": _collection(
            (_label_point(d, clip=False) for d in members), [{"label": name(d)} for d in members]
        ),
        "water-names": _collection(
            (_water_point(w.geometry) for w in waters), [{"label": name(w)} for w in waters]
        ),
    }


def _label_point(district: District, *, clip: bool) -> BaseGeometry | None:
    """Where a district's name has most room."""
    shape: BaseGeometry = district.geometry
    if clip:
        shape = shape.intersection(_SHOWN)
        if shape.area < 0.002:  # a sliver at the edge of the view
            return None
    return shapely.Point(shapely.maximum_inscribed_circle(shape, tolerance=0.005).coords[0])


def _water_point(shape: BaseGeometry) -> BaseGeometry:
    if shape.geom_type == "Polygon":
        return shape.representative_point()
    shown = shape.intersection(_SHOWN)
    if shown.geom_type == "MultiLineString":
        shown = max(shown.geoms, key=lambda part: part.length)
    return shown.interpolate(0.42, normalized=True)


def _middle(gate: Gate) -> BaseGeometry:
    return shapely.MultiLineString([gate.first, gate.second]).centroid


def _collection(
    shapes: Iterable[BaseGeometry | None], properties: list[dict[str, Any]] | None = None
) -> Collection:
    """Shapes as a GeoJSON collection, coordinates to 1 m."""
    found = []
    for at, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            continue
        plain = mapping(shapely.set_precision(shape, 1e-5, mode="pointwise"))
        said = properties[at] if properties else {}
        found.append({"type": "Feature", "geometry": plain, "properties": said})
    return {"type": "FeatureCollection", "features": found}
