"""Where barges of the fleet land a load that the wharf may not take: laden in, light out."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from seed.registers import wharves
from seed.waterway_graph import to_metres
from seed.world import World

LICENSED = "spoil_licensed"


@dataclass(frozen=True, slots=True)
class Landing:
    """A load landed: from `arrived` at the berth to `left` (epoch seconds), WGS-84 degrees.

    `laden_since` began the leg that brought it; `light_until` ends the last leg without a load.
    """

    barge: int
    laden_since: float
    arrived: float
    left: float
    light_until: float
    lon: float
    lat: float


def unlicensed(world: World, barge: int, start: int, end: int) -> list[Landing]:
    """Loads that `barge` begins to land in [start, end) at wharves without a licence for spoil."""
    round_ = world.rounds[barge]
    legs, period = len(round_.laden), round_.period_s
    found = []
    for leg in range(legs):
        following = (leg + 1) % legs
        if not round_.laden[leg] or round_.laden[following]:
            continue
        wharf = world.graph.wharves[round_.to_wharf[leg]]
        if _is_licensed(wharf.lon, wharf.lat):
            continue
        last = following
        while not round_.laden[(last + 1) % legs]:
            last = (last + 1) % legs
        wait = (round_.arrive_s[leg] - (start + int(world.phase_s[barge]))) % period
        for arrived in np.arange(start + wait, end, period).tolist():
            begun = arrived - (round_.arrive_s[leg] - round_.depart_s[leg])
            left = arrived + (round_.depart_s[following] - round_.arrive_s[leg]) % period
            light = left + (round_.arrive_s[last] - round_.depart_s[following]) % period
            found.append(Landing(barge, begun, arrived, left, light, wharf.lon, wharf.lat))
    return found


@cache
def _is_licensed(lon: float, lat: float) -> bool:
    """Whether the registered wharf that this one is has a licence for spoil."""
    known = wharves()
    places = to_metres(np.array([[lon, lat], *((one.lon, one.lat) for one in known)]))
    nearest = int(np.argmin(np.hypot(*(places[1:] - places[0]).T)))
    return known[nearest].kind == LICENSED
