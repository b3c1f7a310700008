"""The geography that detection, the map and the place names share: built once, never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from domain.jurisdiction import OUTSIDE_ADCODE, Whereabouts
from layers.borders import Edges, border_lines, degrees, edges_of
from layers.datum import Floats, to_metres
from layers.features import District, Gate, Place, Waterway
from layers.grid import REACH_M, Grid

BORDER_ZONE_M = 300.0
"""Inside it the answer is 交界水域, joint inspection proposed: geometry is good to 150–250 m."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where n points lie.

    `district`: index into `Geography.adcodes`, -1 outside. `depth_m`: metres to the nearest
    boundary of any district, rim included; `nearest_border_m`: metres to the nearest border
    between two districts. Both are exact up to 600 m and stand at 600 beyond.
    """

    district: NDArray[np.int16]
    border_water: NDArray[np.bool_]
    nearest_border_m: Floats
    depth_m: Floats


class Geography:
    """Districts, borders, waterways, gates and places, WGS-84. Safe to share between threads."""

    def __init__(
        self,
        districts: Iterable[District],
        waterways: Iterable[Waterway] = (),
        gates: Iterable[Gate] = (),
        places: Iterable[Place] = (),
    ) -> None:
        self.districts: tuple[District, ...] = tuple(sorted(districts, key=lambda d: d.adcode))
        self.waterways: tuple[Waterway, ...] = tuple(waterways)
        self.gates: tuple[Gate, ...] = tuple(sorted(gates, key=lambda g: g.gate_id))
        self.places: tuple[Place, ...] = tuple(places)
        self.adcodes: tuple[str, ...] = tuple(d.adcode for d in self.districts)
        # one more at the end, so that index -1 names the outside
        self.labels: tuple[str, ...] = (*self.adcodes, OUTSIDE_ADCODE)
        self._polygons = [d.geometry for d in self.districts]
        for polygon in self._polygons:
            shapely.prepare(polygon)
        self.edges: Edges = edges_of(self.districts)
        self._grid = Grid(self._polygons, self.edges)

    @classmethod
    def builtin(cls) -> "Geography":
        """The packaged geography: 3 member districts, 12 neighbours, 7 waterways, 3 lakes."""
        return _builtin()

    @classmethod
    def from_features(
        cls,
        districts: Sequence[District],
        waterways: Sequence[Waterway] = (),
        gates: Sequence[Gate] = (),
        places: Sequence[Place] = (),
    ) -> "Geography":
        """A geography from stored or imported layers."""
        return cls(districts, waterways, gates, places)

    def district(self, adcode: str) -> District | None:
        """The district of that code, `None` for the outside or an unknown one."""
        return self._by_code.get(adcode)

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> Located:
        """Where the points are (WGS-84 degrees, arrays of n)."""
        x, y = (
            np.atleast_1d(np.asarray(lon, np.float64)),
            np.atleast_1d(np.asarray(lat, np.float64)),
        )
        district, depth_m, border_m = self._grid.locate(x, y)
        return Located(district, border_m <= BORDER_ZONE_M, border_m, depth_m)

    def where(self, lon: float, lat: float) -> Whereabouts:
        """The full answer for one point: district, border water, who else must be asked."""
        point = shapely.Point(*(float(v[0]) for v in to_metres([lon], [lat])))
        index = int(self._grid.contains(np.array([lon]), np.array([lat]))[0])
        tree, shared = self._border_tree
        nearest = tree.query_nearest(point, all_matches=False, return_distance=True)
        border_m = float(nearest[1][0]) if shared.size else float("inf")
        close = shared[tree.query(point, predicate="dwithin", distance=BORDER_ZONE_M)]
        sides = {int(s) for s in self.edges.left[close]} | {int(s) for s in self.edges.right[close]}
        found = self.districts[index] if index >= 0 else None
        return Whereabouts(
            adcode=self.labels[index],
            name_zh=found.name_zh if found else "区域之外",
            name_en=found.name_en if found else "outside the area",
            border_water=border_m <= BORDER_ZONE_M,
            nearest_border_m=border_m,
            neighbours=tuple(sorted(self.adcodes[s] for s in sides if s != index)),
            lon=lon,
            lat=lat,
        )

    @cached_property
    def borders(self) -> dict[tuple[str, str], BaseGeometry]:
        """Shared borders by pair of adcodes (lower first), WGS-84 degrees."""
        return {
            (self.adcodes[a], self.adcodes[b]): degrees(line)
            for (a, b), line in self._metric_borders.items()
        }

    @cached_property
    def border_zones(self) -> dict[tuple[str, str], BaseGeometry]:
        """The 300 m zone about each shared border, degrees: for drawing, not for deciding."""
        zones: dict[tuple[str, str], BaseGeometry] = {}
        for (a, b), line in self._metric_borders.items():
            merged = shapely.line_merge(shapely.simplify(line, 5.0))
            zones[self.adcodes[a], self.adcodes[b]] = degrees(
                shapely.simplify(merged.buffer(BORDER_ZONE_M, quad_segs=6), 3.0)
            )
        return zones

    @cached_property
    def _metric_borders(self) -> dict[tuple[int, int], shapely.MultiLineString]:
        return border_lines(self.edges)

    @cached_property
    def _by_code(self) -> dict[str, District]:
        return {d.adcode: d for d in self.districts}

    @cached_property
    def _border_tree(self) -> tuple[shapely.STRtree, NDArray[np.int64]]:
        """Tree over the shared edges only, and their edge numbers."""
        shared = np.flatnonzero(self.edges.shared)
        return shapely.STRtree(self.edges.lines()[shared]), shared


@cache
def _builtin() -> Geography:
    from layers.sources import (  # noqa: PLC0415
        builtin_districts,
        builtin_gates,
        builtin_places,
        builtin_waterways,
    )

    return Geography(builtin_districts(), builtin_waterways(), builtin_gates(), builtin_places())


__all__ = ["BORDER_ZONE_M", "REACH_M", "Geography", "Located"]
