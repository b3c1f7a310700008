"""The waterways as a graph that barges can sail: junctions, connectors, wharves, routes.

Centrelines are the product's own schematic (200 to 1 000 m uncertain), read from the packaged
layer. Where two cross or one ends on another they are joined; where reality joins them and the
sketch leaves a gap, `CONNECTORS` bridges it. Computed in EPSG:32651, metres.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely import LineString, Point
from shapely.ops import substring

from layers import sources

Floats = npt.NDArray[np.float64]
_TO_METRES = pyproj.Transformer.from_crs(4326, 32651, always_xy=True)

_CORNER_M = 120.0  # a barge of 55 m turns over about two lengths
_SNAP_M = 30.0
_WHARF_REACH_M = 1500.0

CONNECTORS: tuple[tuple[tuple[float, float], ...], ...] = (
    # Taipu's mouth to the Mao River, down and up: a kilometre that the sketch leaves out
    ((121.074, 31.0205), (121.085, 31.0215)),
    ((121.074, 31.0205), (121.077, 31.027)),
    # the fairway across Dianshan Lake from Jishui Gang to Lanlu Gang
    ((120.9159, 31.1155), (120.925, 31.115), (120.955, 31.103), (120.9792, 31.0897)),
)
"""Schematic joins, WGS-84 (lon, lat). Not joined on purpose: the mouth of Suzhou Creek (closed to
freight) and the western ends of Jishui Gang, Yuhui Tang and Hongqi Tang (outside the sketch)."""


@dataclass(frozen=True, slots=True)
class Wharf:
    """Where barges load and unload; `name` as AIS gives it, `weight` how sought after it is."""

    name: str
    lon: float
    lat: float
    weight: float


WHARVES = (
    Wharf("MIAOGANG", 120.505, 31.0095, 0.5),
    Wharf("MEIYAN", 120.580, 31.0048, 0.7),
    Wharf("PINGWANG", 120.662, 31.0042, 2.0),
    Wharf("LILI", 120.722, 31.0107, 2.0),
    Wharf("LUXU", 120.815, 31.0136, 4.5),
    Wharf("JINZE", 120.918, 31.0191, 4.0),
    Wharf("DINGZHA", 120.9535, 31.0190, 3.0),
    Wharf("LIANTANG", 121.020, 31.0167, 2.5),
    Wharf("DIANFENG", 120.986, 31.0810, 2.0),
    Wharf("SHENXIANG", 121.030, 31.0472, 1.0),
    Wharf("MAOGANG", 121.135, 30.9830, 1.0),
    Wharf("MISHIDU", 121.230, 30.9660, 0.6),
    Wharf("MINHANG", 121.380, 31.0014, 0.3),
    Wharf("TUNCUN", 120.797, 31.1186, 1.5),
    Wharf("ZHOUZHUANG", 120.836, 31.1118, 4.5),
    Wharf("SHANGTA", 120.898, 31.1147, 4.5),
    Wharf("GUAJING", 120.628, 31.1970, 0.3),
    Wharf("LUZHI", 120.860, 31.2715, 0.3),
    Wharf("BAIHE", 121.086, 31.2740, 0.3),
    Wharf("SUZHOU", 120.6258, 31.2174, 0.8),
    Wharf("SONGLING", 120.643, 31.1580, 1.0),
    Wharf("BACHE", 120.6465, 31.0850, 1.0),
    Wharf("SHENGZE", 120.663, 30.9405, 2.5),
    Wharf("WANGJIANGJING", 120.712, 30.8700, 2.5),
    Wharf("JIAXING", 120.7475, 30.7805, 1.2),
    Wharf("TIANNING", 120.830, 30.8613, 1.0),
    Wharf("XITANG", 120.900, 30.9125, 1.5),
    Wharf("YAOZHUANG", 120.950, 30.9377, 2.0),
    Wharf("DAZHENG", 121.042, 30.9522, 1.2),
    Wharf("LIUJING", 121.120, 30.9655, 0.6),
    Wharf("YUHUI", 120.905, 30.9687, 3.0),
    Wharf("ZHENGDIAN", 121.035, 30.9912, 3.0),
)
"""Positions are invented along real reaches; each is moved onto the nearest centreline."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way through the channels: `xy` (n, 2) metres in EPSG:32651, `chainage` (n,) metres from the
    start, `right` (n, 2) the offset to the right per metre of distance from the centreline."""

    xy: Floats
    chainage: Floats
    right: Floats

    @property
    def length_m(self) -> float:
        return float(self.chainage[-1])


def _rounded(xy: Floats) -> Floats:
    """The same line with every corner drawn as a parabola over `_CORNER_M` on each side."""
    points = [xy[0]]
    for before, corner, after in zip(xy[:-2], xy[1:-1], xy[2:], strict=True):
        incoming, outgoing = before - corner, after - corner
        lengths = np.hypot(*incoming), np.hypot(*outgoing)
        cut = min(_CORNER_M, lengths[0] / 3, lengths[1] / 3)
        start, end = corner + incoming * cut / lengths[0], corner + outgoing * cut / lengths[1]
        points += [
            (1 - u) ** 2 * start + 2 * u * (1 - u) * corner + u**2 * end
            for u in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]
    points.append(xy[-1])
    return np.asarray(points)


def _route(xy: Floats) -> Route:
    smooth = _rounded(xy)
    step = np.diff(smooth, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    keep = np.r_[True, length > 0.01]
    smooth = smooth[keep]
    step = np.diff(smooth, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    normal = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None]
    joint = np.vstack([normal[:1], normal[:-1] + normal[1:], normal[-1:]])
    joint /= np.maximum(np.sum(joint * np.vstack([normal[:1], normal]), axis=1), 0.5)[:, None]
    joint *= _room(normal)[:, None]
    return Route(smooth, np.r_[0.0, np.cumsum(length)], joint)


def _room(normal: Floats) -> Floats:
    """Per vertex how much of its distance a barge can keep: in a hairpin it comes to the middle."""
    turn = np.degrees(np.arccos(np.clip(np.sum(normal[1:] * normal[:-1], axis=1), -1, 1)))
    room = np.pad(np.clip(1 - (turn - 30) / 20, 0, 1), 2, constant_values=1.0)
    return np.asarray(np.minimum(np.minimum(room[:-2], room[2:]), room[1:-1]))


class WaterwayGraph:
    """Junctions and wharves joined by stretches of centreline.

    `centrelines`: arrays (n, 2) of WGS-84 lon, lat. Raises `ValueError` for a wharf further than
    1.5 km from every centreline or one that cannot be reached from the others.
    """

    def __init__(
        self,
        centrelines: Sequence[Floats],
        wharves: Sequence[Wharf] = WHARVES,
        connectors: Iterable[Sequence[tuple[float, float]]] = CONNECTORS,
    ) -> None:
        self.wharves = tuple(wharves)
        joins = [np.asarray(c, dtype=np.float64) for c in connectors]
        self._lines = [LineString(to_metres(line)) for line in [*centrelines, *joins]]
        self._cuts: list[set[float]] = [{0.0, line.length} for line in self._lines]
        self._edges: dict[int, list[tuple[int, float, Floats]]] = {}
        self._nodes: list[Floats] = []
        self._join_lines()
        self._wharf_nodes = self._place_wharves()
        self._routes: dict[tuple[int, int], Route] = {}

    @cached_property
    def distances(self) -> Floats:
        """Metres by water between wharves, shape (wharves, wharves)."""
        reach = [self._reach(node) for node in self._wharf_nodes]
        table = np.array([[from_[node][0] for node in self._wharf_nodes] for from_ in reach])
        return np.asarray(table, dtype=np.float64)

    def route(self, start: int, end: int) -> Route:
        """The shortest way between two wharves, by their index in `wharves`."""
        if (start, end) not in self._routes:
            reach = self._reach(self._wharf_nodes[start])
            node = self._wharf_nodes[end]
            pieces: list[Floats] = []
            while reach[node][1] is not None:
                _, step = reach[node]
                assert step is not None  # noqa: S101 - told to mypy, tested by the loop
                node, piece = step
                pieces.append(piece)
            line = np.vstack([piece[min(n, 1) :] for n, piece in enumerate(pieces)])
            # pieces were collected backwards, each drawn from its end to its start
            self._routes[start, end] = _route(_tidy(line[::-1]))
        return self._routes[start, end]

    def _join_lines(self) -> None:
        for i, one in enumerate(self._lines):
            for j, other in enumerate(self._lines):
                if i == j:
                    continue
                for point in shapely.get_parts(one.intersection(other)):
                    if point.geom_type == "Point":
                        self._cuts[i].add(one.project(point))
                for end in (other.coords[0], other.coords[-1]):
                    if one.distance(Point(end)) < _SNAP_M:
                        self._cuts[i].add(one.project(Point(end)))

    def _place_wharves(self) -> list[int]:
        placed = []
        for wharf in self.wharves:
            point = Point(to_metres(np.array([[wharf.lon, wharf.lat]]))[0])
            nearest = int(np.argmin([line.distance(point) for line in self._lines]))
            line = self._lines[nearest]
            if line.distance(point) > _WHARF_REACH_M:
                raise ValueError(f"wharf {wharf.name}: no waterway within {_WHARF_REACH_M:.0f} m")
            chainage = line.project(point)
            self._cuts[nearest].add(chainage)
            placed.append((nearest, chainage))
        for line, cuts in zip(self._lines, self._cuts, strict=True):
            self._add_edges(line, sorted(cuts))
        return [self._node(np.asarray(self._lines[i].interpolate(s).coords[0])) for i, s in placed]

    def _add_edges(self, line: LineString, cuts: list[float]) -> None:
        kept = [cuts[0]]
        for cut in cuts[1:]:
            if cut - kept[-1] > 1.0:
                kept.append(cut)
        for start, end in pairwise(kept):
            piece = np.asarray(substring(line, start, end).coords)
            length = end - start
            a, b = self._node(piece[0]), self._node(piece[-1])
            self._edges.setdefault(a, []).append((b, length, piece[::-1]))
            self._edges.setdefault(b, []).append((a, length, piece))

    def _node(self, xy: Floats) -> int:
        for index, known in enumerate(self._nodes):
            if np.hypot(*(known - xy)) < _SNAP_M:
                return index
        self._nodes.append(xy)
        return len(self._nodes) - 1

    def _reach(self, start: int) -> dict[int, tuple[float, tuple[int, Floats] | None]]:
        """Dijkstra: per node the metres from `start` and (previous node, the piece back to it)."""
        best: dict[int, tuple[float, tuple[int, Floats] | None]] = {start: (0.0, None)}
        heap = [(0.0, start)]
        while heap:
            so_far, node = heapq.heappop(heap)
            if so_far > best[node][0]:
                continue
            for other, length, piece in self._edges.get(node, []):
                if other not in best or so_far + length < best[other][0]:
                    best[other] = (so_far + length, (node, piece))
                    heapq.heappush(heap, (so_far + length, other))
        missing = [
            w.name for w, n in zip(self.wharves, self._wharf_nodes, strict=True) if n not in best
        ]
        if missing:
            raise ValueError(f"wharves cut off from the others: {', '.join(missing)}")
        return best


def _tidy(xy: Floats) -> Floats:
    """The line without vertices closer than a metre to the one before, ends kept."""
    kept = [xy[0]]
    for point in xy[1:-1]:
        if np.hypot(*(point - kept[-1])) > 1.0 and np.hypot(*(point - xy[-1])) > 1.0:
            kept.append(point)
    kept.append(xy[-1])
    return np.asarray(kept)


def to_metres(lonlat: Floats) -> Floats:
    """WGS-84 lon, lat (n, 2) to EPSG:32651 metres (n, 2)."""
    return np.column_stack(_TO_METRES.transform(lonlat[:, 0], lonlat[:, 1]))


def to_degrees(xy: Floats) -> Floats:
    """EPSG:32651 metres (n, 2) to WGS-84 lon, lat (n, 2)."""
    return np.column_stack(_TO_METRES.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))


def builtin_graph() -> WaterwayGraph:
    """The graph of the packaged waterways layer."""
    lines = [w.geometry for w in sources.builtin_waterways() if not w.lake]
    return WaterwayGraph([np.asarray(line.coords) for line in lines])
