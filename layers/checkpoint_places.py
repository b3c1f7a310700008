"""Checkpoints of a file on the map: their degrees as WGS-84, and where the map is of another mind.

A datum that was named wrongly puts a gate 480 m off, and nothing it reads will fit a track.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from domain.checkpoint_csv import CheckpointRow
from domain.checkpoints import Checkpoint
from layers.datum import to_wgs84
from layers.geography import Geography

OUTLINES_GOOD_TO_M: Final = 300.0
"""The built-in outlines are good to 150-250 m: nearer to a border the file may be right."""
_DECIMALS: Final = 7
"""A centimetre: the same file gives the same degrees on every machine."""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A point that the map has in another district than its file says; `found` `None`: in none."""

    line: int
    checkpoint_id: str
    said: str
    found: str | None


def in_wgs84(rows: Iterable[CheckpointRow]) -> list[Checkpoint]:
    """The points with WGS-84 degrees; those of a file in WGS-84 stay as they are written."""
    found = []
    for row in rows:
        point = row.checkpoint
        lon, lat = to_wgs84([point.lon], [point.lat], row.datum)
        if (float(lon[0]), float(lat[0])) != (point.lon, point.lat):
            point = replace(
                point, lon=round(float(lon[0]), _DECIMALS), lat=round(float(lat[0]), _DECIMALS)
            )
        found.append(point)
    return found


def misplaced(rows: Iterable[CheckpointRow], geography: Geography) -> Iterator[Misplaced]:
    """Points that stand well inside another district of the map than the one they name.

    Of a district that the map does not have nothing is said.
    """
    rows = list(rows)
    for row, point in zip(rows, in_wgs84(rows), strict=True):
        if geography.district(point.adcode) is None:
            continue
        where = geography.locate([point.lon], [point.lat])
        index = int(where.district[0])
        found = geography.adcodes[index] if index >= 0 else None
        if found != point.adcode and float(where.depth_m[0]) > OUTLINES_GOOD_TO_M:
            yield Misplaced(row.line, point.checkpoint_id, point.adcode, found)
