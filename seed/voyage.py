"""A barge's round: which wharves it serves for ever, along which lane and at which speeds.

A round is closed, so where a barge is at any moment is known without sailing up to it: history,
live feed and a restart after any pause are the same world. Speeds are straight lines between knots
about four minutes apart, so barges gather and lose way slowly.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from seed.fleet import Barge, generator
from seed.waterway_graph import Floats, Route, WaterwayGraph

_KNOT_S = 240.0
_APPROACH_MPS = 1.2  # dead slow for the last minutes before a berth
_MANOEUVRE_M = 150.0  # from the berth to the lane
_BERTH_M = 32.0  # from the centreline to the bank
_SCATTER_M = 400.0  # berths of one wharf along the bank
_SHORTEST_LEG_M = 3500.0
_REACH_M = 22_000.0  # barges of this trade mostly serve wharves within a morning's sail
_MIN_MPS, _MAX_MPS = 6.0 / 3.6, 12.0 / 3.6


@dataclass(frozen=True, slots=True)
class Round:
    """One closed round. Times are seconds from its start, distances metres along its path.

    `path_xy` (v, 2) EPSG:32651 with `path_m` (v,); knots `knot_s`, `knot_m`, `knot_mps`, `knot_leg`
    (k,); per leg `depart_s`, `arrive_s`, `to_wharf`, `laden`. `period_s` is a whole number.
    """

    period_s: int
    path_xy: Floats
    path_m: Floats
    knot_s: Floats
    knot_m: Floats
    knot_mps: Floats
    knot_leg: npt.NDArray[np.int64]
    depart_s: Floats
    arrive_s: Floats
    to_wharf: tuple[int, ...]
    laden: tuple[bool, ...]

    @property
    def last_knots(self) -> npt.NDArray[np.int64]:
        """Index of each leg's last knot: the one at the berth."""
        return np.flatnonzero(np.diff(self.knot_leg, append=-1) != 0)

    def leg_at(self, at_m: float) -> int:
        """The leg sailed at `at_m` of the path."""
        knot = int(np.searchsorted(self.knot_m, at_m, side="right")) - 1
        return int(self.knot_leg[knot])

    def when(self, at_m: float) -> float:
        """Seconds since the start of the round at which `at_m` of the path is reached."""
        knot = int(np.searchsorted(self.knot_m, at_m, side="right")) - 1
        if knot >= len(self.knot_m) - 1:
            return float(self.knot_s[-1])
        gap = self.knot_s[knot + 1] - self.knot_s[knot]
        speed, rise = self.knot_mps[knot], (self.knot_mps[knot + 1] - self.knot_mps[knot]) / gap
        ahead = at_m - self.knot_m[knot]
        # ahead = speed t + rise t^2 / 2, in the form that stands rise = 0
        root = np.sqrt(max(speed**2 + 2 * rise * ahead, 0.0))
        return float(self.knot_s[knot] + (2 * ahead / (speed + root) if ahead > 0 else 0.0))


def plan(graph: WaterwayGraph, barge: Barge, seed: int) -> Round:
    """The round of one barge: four to seven calls, lanes right of the centreline, dwell times."""
    rng = generator(seed, barge.index, 2)
    stops = _stops(graph, rng)
    routes = [graph.route(a, b) for a, b in zip(stops, stops[1:] + stops[:1], strict=True)]
    short = [
        float(rng.uniform(30, _SCATTER_M)) for _ in routes
    ]  # where along the wharf each leg ends
    berths = [_berth(route, s) for route, s in zip(routes, short, strict=True)]
    path: list[Floats] = []
    lengths: list[float] = []
    for leg, route in enumerate(routes):
        reverses = _reverses(routes[leg - 1], route)
        first = _MANOEUVRE_M + (short[leg - 1] if reverses else 0.0)
        lane = _lane(route, barge.keeps_m, first, route.length_m - short[leg] - _MANOEUVRE_M)
        line = np.vstack([berths[leg - 1], lane, berths[leg]])
        lengths.append(float(np.sum(np.hypot(*np.diff(line, axis=0).T))))
        path.append(line[:-1])
    path.append(berths[-1][None, :])
    return _timetable(rng, barge, np.vstack(path), lengths, tuple(stops[1:] + stops[:1]))


def _stops(graph: WaterwayGraph, rng: np.random.Generator) -> list[int]:
    chance = _chances(graph)
    stops = [int(rng.choice(len(chance[0]), p=chance[0]))]
    wanted = int(rng.integers(4, 8))
    for _ in range(50):
        if len(stops) >= wanted:
            break
        following = int(rng.choice(len(chance[0]), p=chance[1 + stops[-1]]))
        # the round closes, so the last call has to be a leg away from the first as well
        far_enough = graph.distances[following, stops[0]] > _SHORTEST_LEG_M
        if far_enough or len(stops) < wanted - 1:
            stops.append(following)
    while len(stops) > 2 and graph.distances[stops[-1], stops[0]] <= _SHORTEST_LEG_M:
        stops.pop()
    return stops


@lru_cache(maxsize=4)
def _chances(graph: WaterwayGraph) -> Floats:
    """Row 0: where rounds begin; row 1 + i: where a barge goes from wharf i. Rows sum to one."""
    weight = np.array([wharf.weight for wharf in graph.wharves])
    onward = weight * np.exp(-graph.distances / _REACH_M) * (graph.distances > _SHORTEST_LEG_M)
    rows = np.vstack([weight, onward])
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def _at(route: Route, chainage: Floats, right_m: float) -> Floats:
    """Points at `chainage`, `right_m` metres to the right of the centreline."""
    return np.column_stack(
        [
            np.interp(chainage, route.chainage, route.xy[:, axis] + right_m * route.right[:, axis])
            for axis in (0, 1)
        ]
    )


def _berth(route: Route, short_m: float) -> Floats:
    return np.asarray(_at(route, np.array([route.length_m - short_m]), _BERTH_M)[0])


def _lane(route: Route, right_m: float, start: float, end: float) -> Floats:
    inside = (route.chainage > start) & (route.chainage < end)
    return _at(route, np.r_[start, route.chainage[inside], end], right_m)


def _reverses(arrived_by: Route, leaves_by: Route) -> bool:
    """Whether the barge leaves a wharf the way it came."""
    came = arrived_by.xy[-1] - arrived_by.xy[-2]
    goes = leaves_by.xy[1] - leaves_by.xy[0]
    return bool(np.dot(came, goes) < 0)


def _timetable(
    rng: np.random.Generator,
    barge: Barge,
    xy: Floats,
    lengths: list[float],
    to_wharf: tuple[int, ...],
) -> Round:
    knot_s, knot_m, knot_mps, knot_leg = [], [], [], []
    depart, arrive = [], []
    clock, travelled = 0.0, 0.0
    for leg, length in enumerate(lengths):
        speed = _speeds(rng, barge.cruise_mps, length)
        covered = np.r_[0.0, np.cumsum((speed[1:] + speed[:-1]) / 2)]
        # stretching time, not speed, makes the last knot fall on the berth
        step = length / covered[-1]
        knot_s.append(clock + step * np.arange(len(speed)))
        knot_m.append(travelled + step * covered)
        knot_mps.append(speed)
        knot_leg.append(np.full(len(speed), leg))
        depart.append(clock)
        arrive.append(float(knot_s[-1][-1]))
        travelled += length
        clock = arrive[-1] + _dwell_s(rng)
    path_m = np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    return Round(
        period_s=int(np.ceil(clock)),
        path_xy=xy,
        path_m=path_m,
        knot_s=np.concatenate(knot_s),
        knot_m=np.concatenate(knot_m),
        knot_mps=np.concatenate(knot_mps),
        knot_leg=np.concatenate(knot_leg),
        depart_s=np.array(depart),
        arrive_s=np.array(arrive),
        to_wharf=to_wharf,
        laden=tuple(bool(x) for x in rng.random(len(lengths)) < 0.55),
    )


def _speeds(rng: np.random.Generator, cruise_mps: float, length_m: float) -> Floats:
    """Speeds at the knots of one leg, m/s: from rest, wandering about the cruise, back to rest."""
    count = max(2, round(length_m / (cruise_mps * _KNOT_S)))
    drift = np.zeros(count)
    push = rng.normal(0, 0.06, count)
    for n in range(1, count):
        drift[n] = 0.85 * drift[n - 1] + push[n]
    way = np.clip(cruise_mps * (1 + drift), _MIN_MPS, _MAX_MPS)
    return np.concatenate([[0.0], way, [_APPROACH_MPS, 0.0]])


def _dwell_s(rng: np.random.Generator) -> float:
    """Seconds at a berth: mostly loading or unloading, sometimes only a wait [estimate]."""
    if rng.random() < 0.3:
        return float(rng.uniform(10, 40)) * 60
    return float(np.clip(rng.lognormal(np.log(100), 0.6), 30, 420)) * 60
