"""True crossings: which districts the noise-free path of every barge visits, and when.

What truth means here. The path is cut exactly at the borders into visits. A visit is *solid* if it
is 1.5 km or longer and comes 250 m or more from every border, or has a berth so far inside; it is
only *passed* if it is shorter than 1 km, nowhere 250 m from a border and without a berth; all else
is *grazing*: a sensible rule may count it or not. A crossing leads from one solid visit to the next
of another district, with the visits in between as `via`; it is certain unless counting the grazing
visits in between would change the sequence: then every crossing of either reading is labelled
`grazing`. So where a channel follows the border, as the Taipu does for nine kilometres, truth is
the sequence that people there would name, not the ten crossings of naive point-in-polygon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from seed.chance import Floats
from seed.voyage import Round
from seed.waterway_graph import to_degrees, to_metres

Lines = npt.NDArray[np.object_]

SOLID_M = 1500.0
PASSED_M = 1000.0
DEEP_M = 250.0
OUTSIDE = "outside"
_PROBE_EVERY_M = 100.0
_SURELY_DEEP_M = 12_000.0  # no channel follows a border for so long
_SOLID, _GRAZING, _PASSED = 2, 1, 0


@dataclass(frozen=True, slots=True)
class TrueCrossing:
    """One crossing of a round.

    `left_s` and `entered_s` count from the start of the round: when the path last left the old
    district, and when it entered the new one, at (`lon`, `lat`).
    """

    barge: int
    from_adcode: str
    to_adcode: str
    via: tuple[str, ...]
    left_s: float
    entered_s: float
    lon: float
    lat: float
    laden: bool
    grazing: bool


@dataclass(slots=True)
class _Visit:
    district: str
    start_m: float
    end_m: float
    grade: int = _GRAZING


class Borders:
    """District polygons (WGS-84, by adcode) prepared for cutting paths."""

    def __init__(self, districts: Mapping[str, BaseGeometry]) -> None:
        self._codes = np.array([*districts, OUTSIDE])
        self._polygons = [shapely.transform(g, to_metres) for g in districts.values()]
        for polygon in self._polygons:
            shapely.prepare(polygon)
        rings = [shapely.get_coordinates(r) for p in self._polygons for r in _rings(p)]
        self._edges = _steps(np.concatenate([np.stack([r[:-1], r[1:]], axis=1) for r in rings]))
        self._tree = shapely.STRtree(self._edges)

    def district(self, xy: Floats) -> list[str]:
        """The adcode at each point (n, 2), EPSG:32651, or `outside`."""
        found = np.full(len(xy), len(self._polygons))
        for n, polygon in enumerate(self._polygons):
            found[shapely.contains_xy(polygon, xy[:, 0], xy[:, 1])] = n
        return [str(code) for code in self._codes[found]]

    def depth_m(self, xy: Floats) -> Floats:
        """Metres from each point to the nearest border."""
        _, distance = self._tree.query_nearest(
            shapely.points(xy), return_distance=True, all_matches=False
        )
        return np.asarray(distance)

    def cuts_m(self, round_: Round) -> Floats:
        """Where along its path (metres) a round meets a border, sorted."""
        steps = _steps(np.stack([round_.path_xy[:-1], round_.path_xy[1:]], axis=1))
        step, edge = self._tree.query(steps, predicate="intersects")
        meets = shapely.centroid(shapely.intersection(steps[step], self._edges[edge]))
        return np.unique(round_.path_m[step] + shapely.line_locate_point(steps[step], meets))


def true_crossings(barge: int, round_: Round, borders: Borders) -> list[TrueCrossing]:
    """The crossings of one round, in order of time; the round closes, so it has no first one."""
    visits = _visits(round_, borders)
    solid = [n for n, visit in enumerate(visits) if visit.grade == _SOLID]
    if not solid:
        return []
    turned = visits[solid[0] :] + visits[: solid[0]] + [visits[solid[0]]]
    marks = [n for n, visit in enumerate(turned) if visit.grade == _SOLID]
    found: list[TrueCrossing] = []
    for start, end in pairwise(marks):
        between = turned[start + 1 : end]
        grazed = [visit for visit in between if visit.grade == _GRAZING]
        plain = [turned[start], turned[end]]
        full = [turned[start], *grazed, turned[end]]
        certain = _sequence(full) == _sequence(plain)
        readings = [plain] if certain else [plain, full]
        pairs = {
            (id(a), id(b)): (a, b)
            for reading in readings
            for a, b in pairwise(reading)
            if a.district != b.district
        }
        found += [
            _crossing(barge, round_, a, b, turned[start : end + 1], grazing=not certain)
            for a, b in pairs.values()
        ]
    return sorted(found, key=lambda crossing: crossing.entered_s)


def _visits(round_: Round, borders: Borders) -> list[_Visit]:
    length = float(round_.path_m[-1])
    edges = np.unique(np.concatenate([[0.0], borders.cuts_m(round_), [length]]))
    edges = edges[np.concatenate([[True], np.diff(edges) > 0.01])]
    names = borders.district(_points(round_, (edges[:-1] + edges[1:]) / 2))
    pieces = [
        _Visit(n, float(a), float(b)) for n, (a, b) in zip(names, pairwise(edges), strict=True)
    ]
    visits = []
    for district, group in groupby(pieces, key=lambda piece: piece.district):
        same = list(group)
        visits.append(_Visit(district, same[0].start_m, same[-1].end_m))
    if len(visits) > 1 and visits[0].district == visits[-1].district:
        # the round closes: a visit that runs over its start is one, with an end beyond the length
        last = visits.pop()
        visits[0] = _Visit(last.district, last.start_m, length + visits[0].end_m)
    berths = round_.knot_m[round_.last_knots]
    depth = borders.depth_m(_points(round_, berths))
    for visit in visits:
        visit.grade = _grade(visit, round_, borders, berths, depth)
    return visits


def _grade(visit: _Visit, round_: Round, borders: Borders, berths: Floats, depth: Floats) -> int:
    length = visit.end_m - visit.start_m
    total = float(round_.path_m[-1])
    here = ((berths - visit.start_m) % total) < length
    if np.any(here & (depth >= DEEP_M)) or length >= _SURELY_DEEP_M:
        return _SOLID
    probes = visit.start_m + np.arange(_PROBE_EVERY_M / 2, length, _PROBE_EVERY_M)
    deep = len(probes) > 0 and bool(
        np.max(borders.depth_m(_points(round_, probes % total))) >= DEEP_M
    )
    if length >= SOLID_M and deep:
        return _SOLID
    if length < PASSED_M and not deep and not np.any(here):
        return _PASSED
    return _GRAZING


def _crossing(
    barge: int, round_: Round, old: _Visit, new: _Visit, chain: list[_Visit], *, grazing: bool
) -> TrueCrossing:
    total = float(round_.path_m[-1])
    at = to_degrees(_points(round_, np.array([new.start_m % total])))[0]
    names = [visit.district for visit in chain[chain.index(old) + 1 : _last(chain, new)]]
    via = tuple(dict.fromkeys(n for n in names if n not in (old.district, new.district)))
    return TrueCrossing(
        barge=barge,
        from_adcode=old.district,
        to_adcode=new.district,
        via=via,
        left_s=round_.when(old.end_m % total),
        entered_s=round_.when(new.start_m % total),
        lon=float(at[0]),
        lat=float(at[1]),
        laden=round_.laden[round_.leg_at(new.start_m % total)],
        grazing=grazing,
    )


def _last(chain: list[_Visit], visit: _Visit) -> int:
    return len(chain) - 1 - chain[::-1].index(visit)


def _sequence(visits: list[_Visit]) -> list[str]:
    return [district for district, _ in groupby(visit.district for visit in visits)]


def _points(round_: Round, at_m: Floats) -> Floats:
    return np.column_stack([np.interp(at_m, round_.path_m, round_.path_xy[:, k]) for k in (0, 1)])


def _steps(ends: Floats) -> Lines:
    """Straight lines between pairs of points, shape (n, 2, 2)."""
    return np.asarray(shapely.linestrings(ends), dtype=np.object_)


def _rings(polygon: BaseGeometry) -> list[BaseGeometry]:
    return [ring for part in shapely.get_parts(polygon) for ring in shapely.get_rings(part)]
