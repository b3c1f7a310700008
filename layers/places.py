"""A position in the words officers use: waterway, direction, distance from something they know.

"太浦河，金泽站下游 1.3 km" / "Taipu River, 1.3 km downstream of Jinze station". Distances along a
river follow its centreline; off every waterway, the nearest place and a compass point are named.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from shapely import LineString

from layers.borders import metric
from layers.datum import to_metres
from layers.features import Place, Waterway
from layers.geography import Geography

BANK_M: Final = 500.0
"""A vessel this far from a centreline is on that waterway; schematic ones allow their error."""

AT_M: Final = 150.0
NEAR_PLACE_M: Final = 15_000.0

_COMPASS: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": ("北", "东北", "东", "东南", "南", "西南", "西", "西北"),
    "en": ("N", "NE", "E", "SE", "S", "SW", "W", "NW"),
}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place on a river: metres along its centreline."""

    place: Place
    along_m: float


class Gazetteer:
    """The waterways and places of a geography in metres, ready to be asked."""

    def __init__(self, geography: Geography) -> None:
        self._geography = geography
        self._rivers = [
            (w, metric(w.geometry))
            for w in geography.waterways
            if isinstance(w.geometry, LineString)
        ]
        self._lakes = [(w, metric(w.geometry)) for w in geography.waterways if w.lake]
        self._places = [(p, metric(p.geometry)) for p in geography.places]
        for _, shape in (*self._rivers, *self._lakes):
            shapely.prepare(shape)

    def describe(self, lon: float, lat: float, lang: str) -> str:
        """The position (WGS-84 degrees) in words; `lang` is `zh` or `en`."""
        if not (math.isfinite(lon) and math.isfinite(lat)):
            return "—"
        x, y = to_metres([lon], [lat])
        point = shapely.Point(float(x[0]), float(y[0]))
        return (
            self._on_river(point, lang)
            or self._on_lake(point, lang)
            or self._by_place(point, lang)
            or self._in_district(lon, lat, lang)
        )

    def _on_river(self, point: shapely.Point, lang: str) -> str | None:
        """Along the nearest centreline, unless a lake contains the point and no line is close."""
        near = [(line.distance(point), w, line) for w, line in self._rivers]
        near = [row for row in near if row[0] <= max(BANK_M, row[1].uncertainty_m)]
        if not near:
            return None
        off, waterway, line = min(near, key=lambda row: row[0])
        if off > BANK_M / 2 and any(lake.contains(point) for _, lake in self._lakes):
            return None
        along = line.project(point)
        name = _name(waterway, lang)
        marks = self._marks.get(waterway.name_en, [])
        if not marks:
            return name
        mark = min(marks, key=lambda m: (abs(along - m.along_m), m.place.place_id))
        return _join(name, _along(mark, along - mark.along_m, waterway, line, lang), lang)

    def _on_lake(self, point: shapely.Point, lang: str) -> str | None:
        for waterway, outline in self._lakes:
            if outline.contains(point):
                beside = self._by_place(point, lang)
                name = _name(waterway, lang)
                return _join(name, beside, lang) if beside else name
        return None

    def _by_place(self, point: shapely.Point, lang: str) -> str | None:
        ranked = [(shape.distance(point), place.place_id) for place, shape in self._places]
        if not ranked or min(ranked)[0] > NEAR_PLACE_M:
            return None
        index = ranked.index(min(ranked))
        place, shape = self._places[index]
        away, words = ranked[index][0], _name(place, lang)
        if away < AT_M:
            return f"{words}附近" if lang == "zh" else f"at {words}"
        side = _compass(shape, point, lang)
        length = _length(away)
        return f"{words}以{side} {length}" if lang == "zh" else f"{length} {side} of {words}"

    def _in_district(self, lon: float, lat: float, lang: str) -> str:
        where = self._geography.where(lon, lat)
        return where.name_zh if lang == "zh" else where.name_en

    @cached_property
    def _marks(self) -> dict[str, list[_Mark]]:
        marks: dict[str, list[_Mark]] = {}
        for waterway, line in self._rivers:
            marks[waterway.name_en] = [
                _Mark(place, float(line.project(shape)))
                for place, shape in self._places
                if place.waterway == waterway.name_en
            ]
        return marks


def describe(lon: float, lat: float, lang: str, geography: Geography | None = None) -> str:
    """The position in words by the packaged geography, or by another one."""
    chosen = geography or Geography.builtin()
    found = _gazetteers.get(id(chosen))
    if found is None or found[0] is not chosen:
        _gazetteers.clear()
        found = chosen, Gazetteer(chosen)
        _gazetteers[id(chosen)] = found
    return found[1].describe(lon, lat, lang)


_gazetteers: dict[int, tuple[Geography, Gazetteer]] = {}


def _along(mark: _Mark, ahead_m: float, waterway: Waterway, line: LineString, lang: str) -> str:
    words, away = _name(mark.place, lang), abs(ahead_m)
    if away < AT_M:
        return f"{words}附近" if lang == "zh" else f"at {words}"
    length = _length(away)
    if waterway.directed:
        down = ahead_m > 0
        if lang == "zh":
            return f"{words}{'下游' if down else '上游'} {length}"
        return f"{length} {'downstream' if down else 'upstream'} of {words}"
    here = shapely.line_interpolate_point(line, mark.along_m)
    there = shapely.line_interpolate_point(line, mark.along_m + ahead_m)
    side = _compass(here, there, lang)
    return f"{words}以{side} {length}" if lang == "zh" else f"{length} {side} of {words}"


def _compass(origin: shapely.Geometry, target: shapely.Geometry, lang: str) -> str:
    (ax, ay), (bx, by) = (shapely.get_coordinates(g)[0] for g in (origin, target))
    turn = np.degrees(np.arctan2(bx - ax, by - ay)) % 360
    return _COMPASS["zh" if lang == "zh" else "en"][round(float(turn) / 45) % 8]


def _length(metres: float) -> str:
    return f"{metres / 1000:.1f} km" if metres >= 950 else f"{round(metres, -1):.0f} m"


def _name(thing: Waterway | Place, lang: str) -> str:
    return thing.name_zh if lang == "zh" else thing.name_en


def _join(waterway: str, rest: str, lang: str) -> str:
    return f"{waterway}，{rest}" if lang == "zh" else f"{waterway}, {rest}"
