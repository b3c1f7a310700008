"""How far upstream of the Jinze water source (金泽水源地) something is, in minutes.

The Taipu brings the water to the intake, so only what is on it and above the intake counts. Told
is the time in which a barge could be there: water alone is slower, and the shorter time is the
one that a controller has.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Point = tuple[float, float]
"""Longitude, latitude, WGS-84."""

SAILING_KMH: Final = 10.0
"""A laden barge; they go 6 to 12 km/h."""

BANK_M: Final = 500.0
"""So near its schematic centreline something is on the river."""

_LAT_M: Final = 110_950.0
_LON_M: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class WaterSource:
    """An intake on a river whose centreline runs downstream."""

    intake: Point
    centreline: tuple[Point, ...]

    def minutes_upstream(self, lon: float, lat: float) -> float | None:
        """Minutes at `SAILING_KMH` down the river to the intake, 0 beside it.

        `None` off the river, and more than `BANK_M` below the intake.
        """
        here_m, off_m = _along(self.centreline, (lon, lat))
        intake_m, _ = _along(self.centreline, self.intake)
        # the foot of an intake on the bank is no exact place either
        if off_m > BANK_M or here_m > intake_m + BANK_M:
            return None
        return max(intake_m - here_m, 0.0) / 1000.0 / SAILING_KMH * 60.0


def _along(line: Sequence[Point], point: Point) -> tuple[float, float]:
    """Metres along the line to the foot of the point, and from the line to the point."""
    best, run = (0.0, math.inf), 0.0
    for a, b in pairwise(line):
        ax, ay = _metres(a, point)
        bx, by = _metres(b, point)
        length = math.hypot(bx - ax, by - ay)
        if not length:
            continue
        share = -(ax * (bx - ax) + ay * (by - ay)) / length**2
        share = min(max(share, 0.0), 1.0)
        off = math.hypot(ax + share * (bx - ax), ay + share * (by - ay))
        if off < best[1]:
            best = run + share * length, off
        run += length
    return best


def _metres(place: Point, origin: Point) -> Point:
    """East and north of the origin; good to 0.5 % over some tens of kilometres."""
    east = (place[0] - origin[0]) * math.cos(math.radians((place[1] + origin[1]) / 2)) * _LON_M
    return east, (place[1] - origin[1]) * _LAT_M
