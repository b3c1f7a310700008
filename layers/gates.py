"""Which gate lines a segment of a track cuts, and in which order."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely

from domain.crossings import Cut
from domain.tracks import Spot
from layers.datum import Floats
from layers.features import Gate


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
        self._ax, self._ay, self._bx, self._by = lines.T
        self._list = lines.tolist()

    def between(self, a: Spot, b: Spot) -> list[Cut]:
        """Lines cut on the way from `a` to `b`, in order along it."""
        found: list[tuple[float, Cut]] = []
        dx, dy = b.lon - a.lon, b.lat - a.lat
        for cut, (ax, ay, bx, by) in zip(self._cuts, self._list, strict=True):
            if max(ax, bx) < min(a.lon, b.lon) or min(ax, bx) > max(a.lon, b.lon):
                continue
            ex, ey = bx - ax, by - ay
            cross = dx * ey - dy * ex
            if cross == 0.0:
                continue
            share = ((ax - a.lon) * ey - (ay - a.lat) * ex) / cross
            along = ((ax - a.lon) * dy - (ay - a.lat) * dx) / cross
            # half open: a fix exactly on a line is cut once, by the segment that ends there
            if 0.0 < share <= 1.0 and 0.0 <= along <= 1.0:
                found.append((share, cut))
        return [cut for _, cut in sorted(found)]

    def cuts(self, lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> set[int]:
        """Rows whose segment may cut a line: bounding boxes overlap. A superset, nothing missed."""
        rows: set[int] = set()
        if not self._cuts:
            return rows
        west, east = np.fmin(lon1, lon2), np.fmax(lon1, lon2)
        south, north = np.fmin(lat1, lat2), np.fmax(lat1, lat2)
        for ax, ay, bx, by in self._list:
            hit = (east >= min(ax, bx)) & (west <= max(ax, bx))
            hit &= (north >= min(ay, by)) & (south <= max(ay, by))
            rows.update(np.flatnonzero(hit).tolist())
        return rows
