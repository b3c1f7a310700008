"""Borders between districts, from their polygons.

A *border* is a stretch of boundary that two known districts share. The outer rim of the set
(towards a district we have no polygon of, or the sea) is no border: nobody stands on the other side
to inspect jointly. A coverage whose polygons share their vertices gives its borders exactly, edge
by edge; in an imported one, an edge that no other district repeats still counts as shared when its
midpoint lies within `MATCH_M` of another district.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.datum import Floats, to_degrees, to_metres
from layers.features import District

MATCH_M = 20.0
MATCH_LEAST_M = 200.0
RIM = -1

Shape = TypeVar("Shape", bound=BaseGeometry)


@dataclass(frozen=True, slots=True)
class Edges:
    """Every boundary edge once, in EPSG:32651 metres; all arrays have length m.

    `left` and `right` are district indices; `right` is -1 on the rim.
    """

    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    left: NDArray[np.int16]
    right: NDArray[np.int16]

    @property
    def shared(self) -> NDArray[np.bool_]:
        """Which edges are borders between two known districts."""
        return np.asarray(self.right != RIM)

    def lines(self) -> NDArray[np.object_]:
        """The edges as shapely lines, metres."""
        ends = np.stack([self.x1, self.y1, self.x2, self.y2], axis=1).reshape(-1, 2, 2)
        return np.asarray(shapely.linestrings(ends), dtype=np.object_)

    def lengths_m(self) -> Floats:
        """Length of each edge."""
        return np.asarray(np.hypot(self.x2 - self.x1, self.y2 - self.y1), np.float64)


def edges_of(districts: Sequence[District]) -> Edges:
    """All boundary edges of the districts, shared ones merged."""
    found: dict[tuple[float, float, float, float], list[int]] = {}
    for index, district in enumerate(districts):
        for ring in shapely.get_rings(shapely.get_parts(district.geometry)):
            corners = shapely.get_coordinates(ring).tolist()
            for (ax, ay), (bx, by) in pairwise(corners):
                key = (ax, ay, bx, by) if (ax, ay) < (bx, by) else (bx, by, ax, ay)
                found.setdefault(key, []).append(index)
    ends = np.array(list(found), dtype=np.float64).reshape(-1, 4)
    x1, y1 = to_metres(ends[:, 0], ends[:, 1])
    x2, y2 = to_metres(ends[:, 2], ends[:, 3])
    left = np.array([sides[0] for sides in found.values()], dtype=np.int16)
    right = np.array([sides[1] if len(sides) > 1 else RIM for sides in found.values()], np.int16)
    _match_rim(districts, x1, y1, x2, y2, left, right)
    return Edges(x1, y1, x2, y2, left, right)


def _match_rim(  # noqa: PLR0917
    districts: Sequence[District],
    x1: Floats,
    y1: Floats,
    x2: Floats,
    y2: Floats,
    left: NDArray[np.int16],
    right: NDArray[np.int16],
) -> None:
    """Give rim edges that run along another district their neighbour; changes `right` in place."""
    rim = np.flatnonzero(right == RIM)
    if rim.size == 0:
        return
    lengths = np.hypot(x2[rim] - x1[rim], y2[rim] - y1[rim])
    middles = shapely.points((x1[rim] + x2[rim]) / 2, (y1[rim] + y2[rim]) / 2)
    for index, district in enumerate(districts):
        shape = metric(district.geometry)
        shapely.prepare(shape)
        near = shapely.dwithin(shape, middles, MATCH_M) & (left[rim] != index)
        near &= right[rim] == RIM
        # where a border meets the rim, a short rim edge is near both districts: that is no border
        if lengths[near].sum() >= MATCH_LEAST_M:
            right[rim[near]] = index


def metric(shape: Shape) -> Shape:
    """A WGS-84 geometry in EPSG:32651; vertices move, edges stay straight, as ST_Transform does."""

    def project(coordinates: Floats) -> Floats:
        return np.stack(to_metres(coordinates[:, 0], coordinates[:, 1]), axis=1)

    return shapely.transform(shape, project)


def degrees(shape: Shape) -> Shape:
    """An EPSG:32651 geometry in WGS-84 degrees."""

    def unproject(coordinates: Floats) -> Floats:
        return np.stack(to_degrees(coordinates[:, 0], coordinates[:, 1]), axis=1)

    return shapely.transform(shape, unproject)


def border_lines(edges: Edges) -> dict[tuple[int, int], shapely.MultiLineString]:
    """Shared borders by pair of district indices (lower first), EPSG:32651 metres."""
    lines = edges.lines()
    low, high = np.minimum(edges.left, edges.right), np.maximum(edges.left, edges.right)
    pairs = sorted({(int(a), int(b)) for a, b in zip(low, high, strict=True) if a != RIM})
    return {
        (a, b): shapely.multilinestrings(lines[(low == a) & (high == b)].tolist()) for a, b in pairs
    }
