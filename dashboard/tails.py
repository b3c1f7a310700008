"""The last minutes of every vessel's way, kept in memory and thinned for the map."""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from dashboard.snapshot import Vessel

STEP_M: Final = 30.0
"""A tail point is kept when the vessel has moved this far: less than a pixel at full view."""
FAST_M_S: Final = 30 / 3.6
"""No barge is so fast: a line is broken here instead of crossing the land."""
SLACK_M: Final = 400.0
"""What a position, the lengths of a hull and a second's rounding may add to a step."""
_M_PER_DEGREE: Final = 111_320.0

Point = tuple[float, float, float]


class Tails:
    """Per vessel the (t, lon, lat) of the last `span_s` seconds, oldest first."""

    def __init__(self, span_s: float) -> None:
        self.span = timedelta(seconds=span_s)
        self._span_s = span_s
        self._points: dict[int, deque[Point]] = {}
        self._heard: dict[int, Point] = {}

    def fill(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Begin with what the store holds, (mmsi, t, lon, lat) by vessel and time."""
        for row in rows:
            self._add(row["mmsi"], (row["t"], row["lon"], row["lat"]))

    def precede(self, past: "Tails") -> None:
        """Put the `past`, which was read beside the first pictures, before what came since."""
        newer, self._points, self._heard = self._points, past._points, past._heard
        for mmsi, points in newer.items():
            for point in points:
                self._add(mmsi, point)

    def extend(self, vessels: Iterable[Vessel], now: float) -> None:
        """Add the newest fixes and drop what is older than the span."""
        oldest = now - self._span_s
        for vessel in vessels:
            if vessel.t >= oldest:
                self._add(vessel.mmsi, (vessel.t, vessel.lon, vessel.lat))
        for mmsi in [m for m, points in self._points.items() if points[-1][0] < oldest]:
            del self._points[mmsi], self._heard[mmsi]
        for points in self._points.values():
            while points[0][0] < oldest:
                points.popleft()

    def lines(self) -> dict[int, tuple[tuple[float, float], ...]]:
        """Per vessel that moved its way as (lon, lat), oldest first."""
        return {
            mmsi: tuple((lon, lat) for _, lon, lat in points)
            for mmsi, points in self._points.items()
            if len(points) > 1
        }

    def _add(self, mmsi: int, point: Point) -> None:
        points = self._points.setdefault(mmsi, deque())
        # judged by the last fix, not the last one kept: a moored barge's may be minutes old
        heard = self._heard.get(mmsi, point)
        if point[0] < heard[0]:
            return
        self._heard[mmsi] = point
        if leaps(heard, point):
            points.clear()
        if not points or (point[0] > points[-1][0] and _distance_m(points[-1], point) >= STEP_M):
            points.append(point)


def pieces(points: Iterable[Point]) -> tuple[tuple[tuple[float, float], ...], ...]:
    """A way (t, lon, lat) as (lon, lat) in as many lines as it takes to draw no leap."""
    found: list[list[tuple[float, float]]] = []
    before: Point | None = None
    for point in points:
        if before is None or leaps(before, point):
            found.append([])
        found[-1].append((point[1], point[2]))
        before = point
    return tuple(tuple(piece) for piece in found)


def leaps(a: Point, b: Point) -> bool:
    """Whether nothing that floats here gets from `a` to `b` in that time."""
    return _distance_m(a, b) > SLACK_M + FAST_M_S * abs(b[0] - a[0])


def _distance_m(a: Point, b: Point) -> float:
    """Distance in metres, good to 0.1 % over a few kilometres."""
    east = (b[1] - a[1]) * math.cos(math.radians(a[2])) * _M_PER_DEGREE
    return math.hypot(east, (b[2] - a[2]) * _M_PER_DEGREE)
