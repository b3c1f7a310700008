"""A grid over the boundaries that answers for most points at once, and exactly for the rest.

Each cell (0.0025 degrees, about 240 × 280 m) knows the edges that come within `REACH_M` of it. A
cell with no edge near lies wholly in one district. Every answer near an edge is exact: point in
polygon in degrees, distance in EPSG:32651 metres.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.borders import Edges
from layers.datum import Floats, to_degrees, to_metres

CELL_DEG: Final = 0.0025
REACH_M: Final = 600.0
"""Distances are exact up to this and reported as this beyond."""

OUTSIDE: Final = -1
_UNSURE: Final = -2
_STEP_M: Final = 100.0
_SLACK_M: Final = 60.0  # half a sampling step, and what a straight edge bends in degrees


class Grid:
    """Index over the polygons (WGS-84, prepared) and their edges (metres). Immutable after init."""

    def __init__(self, polygons: Sequence[shapely.Geometry], edges: Edges) -> None:
        self._polygons = tuple(polygons)
        self._bounds = shapely.bounds(list(polygons))
        self._edges = edges
        west, south = self._bounds[:, 0].min(), self._bounds[:, 1].min()
        east, north = self._bounds[:, 2].max(), self._bounds[:, 3].max()
        margin = 4 * CELL_DEG
        self._west, self._south = west - margin, south - margin
        self._columns = int(np.ceil((east + margin - self._west) / CELL_DEG))
        self._rows = int(np.ceil((north + margin - self._south) / CELL_DEG))
        self._start, self._members = self._near_edges()
        self._label = self._labels()

    def locate(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int16], Floats, Floats]:
        """District index (-1 outside), metres to any boundary, metres to a shared border.

        Distances are capped at `REACH_M`. Arrays of n.
        """
        cell = self._cell(lon, lat)
        district = np.where(cell >= 0, self._label[cell], OUTSIDE).astype(np.int16)
        unsure = np.flatnonzero(district == _UNSURE)
        if unsure.size:
            district[unsure] = self.contains(lon[unsure], lat[unsure])
        boundary = np.full(lon.shape, REACH_M)
        border = np.full(lon.shape, REACH_M)
        near = np.flatnonzero((cell >= 0) & (self._start[cell + 1] > self._start[cell]))
        if near.size:
            boundary[near], border[near] = self._distances(lon[near], lat[near], cell[near])
        return district, boundary, border

    def contains(self, lon: Floats, lat: Floats) -> NDArray[np.int16]:
        """District index by exact point in polygon.

        A point exactly on a border belongs to the first district, by index, that touches it.
        """
        found = np.full(lon.shape, OUTSIDE, dtype=np.int16)
        for touches in (False, True):
            for index, polygon in enumerate(self._polygons):
                west, south, east, north = self._bounds[index]
                here = (found == OUTSIDE) & (lon >= west) & (lon <= east)
                spots = np.flatnonzero(here & (lat >= south) & (lat <= north))
                if not spots.size:
                    continue
                test = shapely.intersects_xy if touches else shapely.contains_xy
                found[spots[test(polygon, lon[spots], lat[spots])]] = index
            if (found != OUTSIDE).all():
                break
        return found

    def _cell(self, lon: Floats, lat: Floats) -> NDArray[np.int64]:
        """Cell number, or -1 beyond the grid (and for values that are no numbers)."""
        with np.errstate(invalid="ignore"):
            column = np.floor((lon - self._west) / CELL_DEG)
            row = np.floor((lat - self._south) / CELL_DEG)
            inside = (column >= 0) & (column < self._columns) & (row >= 0) & (row < self._rows)
        cell = np.where(inside, row * self._columns + column, -1)
        return cell.astype(np.int64)

    def _near_edges(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Edges within reach of each cell in compressed rows: start (cells + 1), edge numbers."""
        edges = self._edges
        pieces = np.maximum(1, np.ceil(edges.lengths_m() / _STEP_M).astype(np.int64))
        number = np.repeat(np.arange(pieces.size), pieces)
        first = np.cumsum(pieces) - pieces
        along = (np.arange(number.size) - np.repeat(first, pieces) + 0.5) / pieces[number]
        x = edges.x1[number] + along * (edges.x2 - edges.x1)[number]
        y = edges.y1[number] + along * (edges.y2 - edges.y1)[number]
        lon, lat = to_degrees(x, y)
        column = np.floor((lon - self._west) / CELL_DEG).astype(np.int64)
        row = np.floor((lat - self._south) / CELL_DEG).astype(np.int64)
        width = CELL_DEG * 111_320.0 * np.cos(np.radians(lat.max()))
        height = CELL_DEG * 110_850.0
        wide = int(np.ceil((REACH_M + _SLACK_M) / width))
        high = int(np.ceil((REACH_M + _SLACK_M) / height))
        codes = np.unique((row * self._columns + column) * edges.x1.size + number)
        reached = []
        for up in range(-high, high + 1):
            for right in range(-wide, wide + 1):
                gap_x, gap_y = max(0, abs(right) - 1) * width, max(0, abs(up) - 1) * height
                if np.hypot(gap_x, gap_y) <= REACH_M + _SLACK_M:
                    reached.append(codes + (up * self._columns + right) * edges.x1.size)
        pairs = np.unique(np.concatenate(reached))
        cell, member = np.divmod(pairs, edges.x1.size)
        inside = (cell >= 0) & (cell < self._columns * self._rows)
        cell, member = cell[inside], member[inside]
        start = np.searchsorted(cell, np.arange(self._columns * self._rows + 1))
        return start.astype(np.int64), member.astype(np.int32)

    def _labels(self) -> NDArray[np.int16]:
        """District of each cell that no edge comes near; `_UNSURE` for the others, row by row."""
        cells = self._columns * self._rows
        label = np.full(cells, _UNSURE, dtype=np.int16)
        empty = self._start[1:] == self._start[:-1]
        # one test per run of empty cells in a row is enough: nothing lies between them
        run_start = empty.copy()
        run_start[1:] &= ~empty[:-1] | (np.arange(1, cells) % self._columns == 0)
        starts = np.flatnonzero(run_start)
        row, column = np.divmod(starts, self._columns)
        lon = self._west + (column + 0.5) * CELL_DEG
        lat = self._south + (row + 0.5) * CELL_DEG
        found = self.contains(lon, lat)
        run = np.cumsum(run_start) - 1
        label[empty] = found[run[empty]]
        return label

    def _distances(
        self, lon: Floats, lat: Floats, cell: NDArray[np.int64]
    ) -> tuple[Floats, Floats]:
        """Exact capped distances to the nearest edge and nearest shared edge, metres."""
        x, y = to_metres(lon, lat)
        counts = self._start[cell + 1] - self._start[cell]
        point = np.repeat(np.arange(cell.size), counts)
        first = np.cumsum(counts) - counts
        offset = np.arange(point.size) - first[point] + self._start[cell][point]
        edge = self._members[offset]
        edges = self._edges
        dx, dy = (edges.x2 - edges.x1)[edge], (edges.y2 - edges.y1)[edge]
        ex, ey = x[point] - edges.x1[edge], y[point] - edges.y1[edge]
        along = np.clip((ex * dx + ey * dy) / (dx * dx + dy * dy), 0.0, 1.0)
        squared = (ex - along * dx) ** 2 + (ey - along * dy) ** 2
        boundary = np.sqrt(np.minimum.reduceat(squared, first))
        squared[~edges.shared[edge]] = np.inf
        border = np.sqrt(np.minimum.reduceat(squared, first))
        return np.minimum(boundary, REACH_M), np.minimum(border, REACH_M)


def metres_apart(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> Floats:
    """Distance between points of two arrays, metres, good to 0.5 % below 100 km."""
    middle = np.radians((lat1 + lat2) / 2)
    turn = (lon2 - lon1 + 180.0) % 360.0 - 180.0
    return np.asarray(
        np.hypot(turn * np.cos(middle) * 111_320.0, (lat2 - lat1) * 110_950.0), np.float64
    )
