"""Which gate lines a segment of a track cuts, and in which order."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from domain.sightings import Cut
from domain.tracks import Spot
from layers.datum import Floats
from layers.features import Gate

_CELL_DEG: Final = 0.0025
_HAIR: Final = 1e-18  # square degrees squared: what rounding can do to a product of two of them


class GateIndex:
    """The lines of all gates as flat arrays. Degrees throughout: cutting needs no metres."""

    def __init__(self, gates: Sequence[Gate]) -> None:
        self._cuts: list[Cut] = []
        ends: list[tuple[float, float, float, float]] = []
        for gate in gates:
            sides = ((gate.first, gate.first_adcode), (gate.second, gate.second_adcode))
            for line, (shape, adcode) in enumerate(sides):
                other = sides[1 - line][1]
                corners = shapely.get_coordinates(shape).tolist()
                for (ax, ay), (bx, by) in pairwise(corners):
                    ends.append((ax, ay, bx, by))
                    self._cuts.append(Cut(gate.gate_id, line, adcode, other))
        lines = np.array(ends, dtype=np.float64).reshape(-1, 4)
        self._list = lines.tolist()
        west, east = np.minimum(lines[:, 0], lines[:, 2]), np.maximum(lines[:, 0], lines[:, 2])
        self._spans = np.stack([west, east], axis=1).tolist()
        if self._list:
            # a margin, so that what lies outside is clipped into cells that no line is near
            self._west = float(lines[:, 0::2].min()) - 3 * _CELL_DEG
            self._south = float(lines[:, 1::2].min()) - 3 * _CELL_DEG
            self._table = self._near_table(lines)

    def between(self, a: Spot, b: Spot) -> list[Cut]:
        """Lines cut on the way from `a` to `b`, in order along it."""
        found: list[tuple[float, Cut]] = []
        dx, dy = b.lon - a.lon, b.lat - a.lat
        west, east = min(a.lon, b.lon), max(a.lon, b.lon)
        for number, (low_x, high_x) in enumerate(self._spans):
            if high_x < west or low_x > east:
                continue
            ax, ay, bx, by = self._list[number]
            ex, ey = bx - ax, by - ay
            cross = dx * ey - dy * ex
            if cross == 0.0:
                continue
            share = ((ax - a.lon) * ey - (ay - a.lat) * ex) / cross
            along = ((ax - a.lon) * dy - (ay - a.lat) * dx) / cross
            # half open: a fix exactly on a line is cut once, by the segment that ends there
            if 0.0 < share <= 1.0 and 0.0 <= along <= 1.0:
                found.append((share, self._cuts[number]))
        return [cut for _, cut in sorted(found)]

    def near(self, lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> NDArray[np.bool_]:
        """Which segments may cut a line. A superset by rounding only: no cut is missed."""
        found = np.zeros(lon1.shape, dtype=np.bool_)
        if not self._cuts:
            return found
        with np.errstate(invalid="ignore"):
            # written so that a missing start (nan) is no long step
            long = (np.abs(lon2 - lon1) > _CELL_DEG) | (np.abs(lat2 - lat1) > _CELL_DEG)
        # a step shorter than a cell cuts only lines whose cells, or their neighbours, it ends in
        column = np.clip((lon2 - self._west) / _CELL_DEG, 0, self._table.shape[1] - 1)
        row = np.clip((lat2 - self._south) / _CELL_DEG, 0, self._table.shape[0] - 1)
        close = self._table[row.astype(np.int64), column.astype(np.int64)] | long
        spots = np.flatnonzero(close)
        x, y = lon1[spots], lat1[spots]
        dx, dy = lon2[spots] - x, lat2[spots] - y
        with np.errstate(invalid="ignore"):
            for ax, ay, bx, by in self._list:
                # both ends of each on either side of the other, or nearly
                from_a = dx * (ay - y) - dy * (ax - x)
                from_b = dx * (by - y) - dy * (bx - x)
                start = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
                end = start + (bx - ax) * dy - (by - ay) * dx
                found[spots[(from_a * from_b <= _HAIR) & (start * end <= _HAIR)]] = True
        return found

    def _near_table(self, lines: Floats) -> NDArray[np.bool_]:
        """Cells within one cell of a line, over the box of all lines and a margin about it."""
        east, north = lines[:, 0::2].max(), lines[:, 1::2].max()
        columns = int((east - self._west) / _CELL_DEG) + 4
        rows = int((north - self._south) / _CELL_DEG) + 4
        table = np.zeros((rows, columns), dtype=np.bool_)
        for ax, ay, bx, by in lines.tolist():
            low_x, high_x = (int((v - self._west) / _CELL_DEG) for v in sorted((ax, bx)))
            low_y, high_y = (int((v - self._south) / _CELL_DEG) for v in sorted((ay, by)))
            table[low_y - 1 : high_y + 2, low_x - 1 : high_x + 2] = True
        return table
