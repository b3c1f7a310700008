"""One fix as detection sees it: with its district, its depth in it, and the gate lines cut."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.tracks import Spot


class Cut(NamedTuple):
    """A gate line cut between the last accepted fix and this one; `line` is 0 (first) or 1."""

    gate_id: str
    line: int
    adcode: str
    other_adcode: str


@dataclass(slots=True)
class Seen:
    """One fix with what geometry says of it: district or `outside`, metres to its boundary."""

    spot: Spot
    district: str
    depth_m: float
    cuts: Sequence[Cut] = ()


def metres_between(a: Spot, b: Spot) -> float:
    """Distance of two spots, metres, good to 0.5 % below 100 km."""
    turn = (b.lon - a.lon + 180.0) % 360.0 - 180.0
    east = turn * math.cos(math.radians((a.lat + b.lat) / 2)) * 111_320.0
    return math.hypot(east, (b.lat - a.lat) * 110_950.0)
