"""What must hold of the geography before anybody relies on it: each fact, found and expected."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
import shapely
from pyproj import Geod

from domain.layers import Datum
from layers.borders import metric
from layers.datum import from_wgs84, to_wgs84
from layers.geography import Geography

TRIPOINTS: Final = {
    ("310118", "320509", "330421"): (120.89722, 31.01982),
    ("310118", "320509", "320583"): (120.85266, 31.10613),
}
BORDERS_KM: Final = {
    ("310118", "320509"): 15.6,
    ("320509", "330421"): 21.8,
    ("310118", "330421"): 24.5,
    ("310118", "320583"): 63.1,
}
JINZE_RESERVOIR: Final = (120.9583, 31.0266)
"""金泽水库, the raw-water intake that most is at stake for."""

RESIDUAL_DEG: Final = 1e-9
GATE_APART_M: Final = 100.0


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about the layers and whether it holds."""

    name: str
    ok: bool
    found: Any
    expected: Any

    def to_json(self) -> dict[str, Any]:
        """One line of `whistle layers check`."""
        return {"fact": self.name, "ok": self.ok, "found": self.found, "expected": self.expected}


def facts(geography: Geography) -> Iterator[Fact]:
    """Every fact in turn: datum, topology, tripoints, border lengths, the reservoir, gates."""
    yield _residual(geography)
    yield from _topology(geography)
    yield from _tripoints(geography)
    yield from _lengths(geography)
    yield from _reservoir(geography)
    yield from _gates(geography)


def _residual(geography: Geography) -> Fact:
    """The conversion undone and done again lands where it was."""
    corners = shapely.get_coordinates([d.geometry for d in geography.districts])
    gcj = from_wgs84(corners[:, 0], corners[:, 1], Datum.GCJ02)
    back = from_wgs84(*to_wgs84(*gcj, Datum.GCJ02), Datum.GCJ02)
    worst = float(np.max(np.abs(np.array(back) - np.array(gcj)), initial=0.0))
    return Fact(
        "GCJ-02 conversion residual, degrees", worst < RESIDUAL_DEG, worst, f"< {RESIDUAL_DEG}"
    )


def _topology(geography: Geography) -> Iterator[Fact]:
    bad = [d.adcode for d in geography.districts if not d.geometry.is_valid]
    yield Fact("every district polygon is valid", not bad, bad, [])
    overlaps = [
        f"{a.adcode}/{b.adcode}"
        for a, b in combinations(geography.districts, 2)
        if a.geometry.intersects(b.geometry)
        and shapely.intersection(a.geometry, b.geometry).area > 0
    ]
    yield Fact("no two districts overlap", not overlaps, overlaps, [])
    broken = []
    for a, b in geography.borders:
        first, second = geography.district(a), geography.district(b)
        if first is None or second is None:
            continue
        exact = shapely.intersection(first.geometry.boundary, second.geometry.boundary).length
        if not np.isclose(exact, geography.borders[a, b].length, rtol=1e-9, atol=1e-9):
            broken.append(f"{a}/{b}")
    yield Fact("neighbours share every vertex of their border", not broken, broken, [])


def _tripoints(geography: Geography) -> Iterator[Fact]:
    corners: Counter[tuple[float, float]] = Counter()
    sides: dict[tuple[float, float], set[str]] = {}
    for district in geography.districts:
        for lon, lat in shapely.get_coordinates(district.geometry).tolist():
            sides.setdefault((lon, lat), set()).add(district.adcode)
            corners[lon, lat] += 1
    for trio, expected in TRIPOINTS.items():
        found = [(lon, lat) for (lon, lat), at in sides.items() if at.issuperset(trio)]
        rounded = [(round(lon, 5), round(lat, 5)) for lon, lat in found]
        yield Fact(f"tripoint {'/'.join(trio)}", expected in rounded, rounded, [expected])


def _lengths(geography: Geography) -> Iterator[Fact]:
    """Lengths on the WGS-84 ellipsoid: the projection stretches by one part in ten thousand."""
    ellipsoid = Geod(ellps="WGS84")
    for pair, expected in BORDERS_KM.items():
        line = geography.borders.get(pair)
        found = round(ellipsoid.geometry_length(line) / 1000, 1) if line else None
        yield Fact(f"border {'–'.join(pair)}, km", found == expected, found, expected)


def _reservoir(geography: Geography) -> Iterator[Fact]:
    where = geography.where(*JINZE_RESERVOIR)
    found = [where.adcode, round(where.nearest_border_m), list(where.neighbours)]
    expected = ["310118", 278, ["330421"]]
    yield Fact(
        "金泽水库: district, metres to the border, neighbour", found == expected, found, expected
    )


def _gates(geography: Geography) -> Iterator[Fact]:
    close, astray = [], []
    for gate in geography.gates:
        if metric(gate.first).distance(metric(gate.second)) < GATE_APART_M:
            close.append(gate.gate_id)
        for line, adcode in (
            (gate.first, gate.first_adcode),
            (gate.second, gate.second_adcode),
        ):
            middle = line.interpolate(0.5, normalized=True)
            if geography.where(middle.x, middle.y).adcode != adcode:
                astray.append(gate.gate_id)
    yield Fact(f"gate lines at least {GATE_APART_M:.0f} m apart", not close, close, [])
    yield Fact("each gate line lies in the district it names", not astray, astray, [])
