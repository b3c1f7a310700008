"""Rounds that somebody wrote, for barges with a part to play: along one channel, stop by stop."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seed.voyage import Round
from seed.waterway_graph import Floats, Route

_GATHER_S = 90.0  # from rest to full way, and back to rest


@dataclass(frozen=True, slots=True)
class Leg:
    """Sail on to `to_m` metres of the path at `speed_mps`, then lie still for `rest_s`."""

    to_m: float
    speed_mps: float
    rest_s: float
    laden: bool
    to_wharf: int


def lane(route: Route, right_m: float, begin_m: float, end_m: float) -> Floats:
    """The way from one chainage of `route` to another, keeping `right_m` to the right; (n, 2)."""
    inside = (route.chainage > begin_m) & (route.chainage < end_m)
    at = np.r_[begin_m, route.chainage[inside], end_m]
    offset = route.xy + right_m * route.right
    return np.column_stack([np.interp(at, route.chainage, offset[:, k]) for k in (0, 1)])


def along(path_xy: Floats) -> Floats:
    """Metres from the start at each vertex."""
    return np.asarray(np.r_[0.0, np.cumsum(np.hypot(*np.diff(path_xy, axis=0).T))])


def scripted(path_xy: Floats, wait_s: float, legs: Sequence[Leg], period_s: int) -> Round:
    """A round that waits at the start of its path, sails the legs and lies at its end.

    Leg 0 is the wait. Raises `ValueError` when the legs take longer than the round, or a leg is too
    short to gather way.
    """
    knots: list[tuple[float, float, float, int]] = [(0.0, 0.0, 0.0, 0)]
    depart, arrive = [0.0], [0.0]
    clock, at = wait_s, 0.0
    for number, leg in enumerate(legs, 1):
        gathering = leg.speed_mps * _GATHER_S / 2
        sails_s = (leg.to_m - at) / leg.speed_mps + _GATHER_S
        if leg.to_m - at < 2 * gathering:
            raise ValueError(f"leg {number}: too short to gather way")
        depart.append(clock)
        arrive.append(clock + sails_s)
        knots += [
            (clock, at, 0.0, number),
            (clock + _GATHER_S, at + gathering, leg.speed_mps, number),
            (clock + sails_s - _GATHER_S, leg.to_m - gathering, leg.speed_mps, number),
            (clock + sails_s, leg.to_m, 0.0, number),
        ]
        clock, at = clock + sails_s + leg.rest_s, leg.to_m
    if clock > period_s:
        raise ValueError(f"the legs take {clock:.0f} s, the round has {period_s}")
    table = np.array(knots)
    return Round(
        period_s=period_s,
        path_xy=path_xy,
        path_m=along(path_xy),
        knot_s=table[:, 0],
        knot_m=table[:, 1],
        knot_mps=table[:, 2],
        knot_leg=table[:, 3].astype(np.int64),
        depart_s=np.array(depart),
        arrive_s=np.array(arrive),
        to_wharf=(legs[0].to_wharf, *(leg.to_wharf for leg in legs)),
        laden=(legs[0].laden, *(leg.laden for leg in legs)),
    )
