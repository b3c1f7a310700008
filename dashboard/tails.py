"""The last minutes of every vessel's way, kept in memory and thinned for the map."""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from dashboard.snapshot import Vessel

STEP_M: Final = 30.0
"""A tail point is kept when the vessel has moved this far: less than a pixel at full view."""
JUMP_M_S: Final = 35 / 3.6
"""No barge is so fast: the tail begins anew instead of crossing the land."""
_M_PER_DEGREE: Final = 111_320.0

Point = tuple[float, float, float]


class Tails:
    """Per vessel the (t, lon, lat) of the last `span_s` seconds, oldest first."""

    def __init__(self, span_s: float) -> None:
        self.span = timedelta(seconds=span_s)
        self._span_s = span_s
        self._points: dict[int, deque[Point]] = {}

    def fill(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Begin with what the store holds, (mmsi, t, lon, lat) by vessel and time."""
        for row in rows:
            self._add(row["mmsi"], (row["t"], row["lon"], row["lat"]))

    def precede(self, past: "Tails") -> None:
        """Put the `past`, which was read beside the first pictures, before what came since."""
        newer, self._points = self._points, past._points
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
            del self._points[mmsi]
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
        if points:
            moved_m, took_s = _distance_m(points[-1], point), point[0] - points[-1][0]
            if took_s <= 0 or moved_m < STEP_M:
                return
            if moved_m / took_s > JUMP_M_S:
                points.clear()
        points.append(point)


def _distance_m(a: Point, b: Point) -> float:
    """Distance in metres, good to 0.1 % over a few kilometres."""
    east = (b[1] - a[1]) * math.cos(math.radians(a[2])) * _M_PER_DEGREE
    return math.hypot(east, (b[2] - a[2]) * _M_PER_DEGREE)
