"""The simulated world: where every barge is at any moment, as arrays.

A pure function of (seed, time): nothing is stepped, nothing is saved. Barge n of a world is the
same in every larger world of the same seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from seed.fleet import Barge, generator, launch
from seed.voyage import Round, plan
from seed.waterway_graph import WaterwayGraph, builtin_graph, to_degrees

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

M_PER_DEG_LAT = 110_880.0  # at 31 degrees north
M_PER_DEG_LON = 95_506.0

_SPAN = 1e8  # keys of one barge: seconds of a round and metres of a path stay far below


@dataclass(frozen=True, slots=True)
class Truth:
    """Noise-free state, one element per (barge, moment) asked for. Degrees WGS-84, m/s.

    `leg` is the leg sailed or just ended; `moored` is true at a berth. `run` counts legs since the
    beginning of time, so it tells voyages apart.
    """

    barge: Ints
    t: Ints
    lon: Floats
    lat: Floats
    speed_mps: Floats
    course_deg: Floats
    leg: Ints
    run: Ints
    moored: npt.NDArray[np.bool_]


class World:
    """All barges of one seed on one graph. `barges`: how many, 1 to 100 000."""

    def __init__(self, barges: int, seed: int, graph: WaterwayGraph | None = None) -> None:
        graph = graph or builtin_graph()
        fleet = tuple(launch(seed, n) for n in range(barges))
        rounds = tuple(plan(graph, barge, seed) for barge in fleet)
        phases = [
            int(generator(seed, n, 3).integers(round_.period_s)) for n, round_ in enumerate(rounds)
        ]
        self._sail(seed, graph, fleet, rounds, phases)

    @classmethod
    def of(
        cls,
        seed: int,
        graph: WaterwayGraph,
        fleet: Sequence[Barge],
        rounds: Sequence[Round],
        phase_s: Sequence[int],
    ) -> Self:
        """A world of barges on rounds that somebody wrote; barge n is `phase_s[n]` into its round
        at the epoch."""
        world = cls.__new__(cls)
        world._sail(seed, graph, tuple(fleet), tuple(rounds), phase_s)
        return world

    def _sail(
        self,
        seed: int,
        graph: WaterwayGraph,
        fleet: tuple[Barge, ...],
        rounds: tuple[Round, ...],
        phase_s: Sequence[int],
    ) -> None:
        self.seed = seed
        self.graph = graph
        self.barges = fleet
        self.rounds = rounds
        self.phase_s = np.array(phase_s, dtype=np.int64)
        self._period = np.array([r.period_s for r in self.rounds], dtype=np.int64)
        self._legs = np.array([len(r.to_wharf) for r in self.rounds], dtype=np.int64)
        self._lay_out_knots()
        self._lay_out_paths()

    def _lay_out_knots(self) -> None:
        rounds = self.rounds
        owner = np.repeat(np.arange(len(rounds)), [len(r.knot_s) for r in rounds])
        self._knot_s = np.concatenate([r.knot_s for r in rounds])
        self._knot_key = owner * _SPAN + self._knot_s
        self._knot_m = np.concatenate([r.knot_m for r in rounds])
        self._knot_mps = np.concatenate([r.knot_mps for r in rounds])
        self._knot_leg = np.concatenate([r.knot_leg for r in rounds])
        gap = np.diff(self._knot_s, append=self._knot_s[-1] + 1)
        same = np.diff(owner, append=-1) == 0
        rise = np.diff(self._knot_mps, append=0.0)
        # between two rests there is no acceleration, whatever lies in between
        self._knot_mps2 = np.where(same & (gap > 0), rise / np.where(gap > 0, gap, 1.0), 0.0)
        self._knot_rests = (self._knot_mps == 0) & (np.diff(self._knot_leg, append=-1) != 0)
        self._knot_mps2[self._knot_rests] = 0.0

    def _lay_out_paths(self) -> None:
        rounds = self.rounds
        counts = [len(r.path_m) for r in rounds]
        owner = np.repeat(np.arange(len(rounds)), counts)
        degrees = to_degrees(np.concatenate([r.path_xy for r in rounds]))
        self._path_m = np.concatenate([r.path_m for r in rounds])
        self._path_key = owner * _SPAN + self._path_m
        self._path_lon, self._path_lat = degrees[:, 0], degrees[:, 1]
        east = np.diff(self._path_lon, append=self._path_lon[-1]) * M_PER_DEG_LON
        north = np.diff(self._path_lat, append=self._path_lat[-1]) * M_PER_DEG_LAT
        self._path_course = np.degrees(np.arctan2(east, north)) % 360
        self._last_vertex = np.cumsum(counts) - 1
        self._first_vertex = self._last_vertex - np.array(counts) + 1

    def at(self, barge: Ints, t: Ints) -> Truth:
        """The state of `barge[k]` at `t[k]` (epoch seconds)."""
        turns, since = np.divmod(t + self.phase_s[barge], self._period[barge])
        knot = np.searchsorted(self._knot_key, barge * _SPAN + since, side="right") - 1
        moored = self._knot_rests[knot]
        elapsed = np.where(moored, 0.0, since - self._knot_s[knot])
        rise = self._knot_mps2[knot]
        along = self._knot_m[knot] + elapsed * (self._knot_mps[knot] + 0.5 * rise * elapsed)
        speed = np.where(moored, 0.0, self._knot_mps[knot] + rise * elapsed)
        # at a berth the bow still points the way the barge came
        look = along - np.where(moored, 0.5, 0.0)
        vertex = np.searchsorted(self._path_key, barge * _SPAN + look, side="right") - 1
        vertex = np.clip(vertex, self._first_vertex[barge], self._last_vertex[barge] - 1)
        length = self._path_m[vertex + 1] - self._path_m[vertex]
        share = np.clip((along - self._path_m[vertex]) / np.where(length > 0, length, 1), 0, 1)
        lon, lat = self._path_lon, self._path_lat
        leg = self._knot_leg[knot]
        return Truth(
            barge=barge,
            t=t,
            lon=lon[vertex] + share * (lon[vertex + 1] - lon[vertex]),
            lat=lat[vertex] + share * (lat[vertex + 1] - lat[vertex]),
            speed_mps=np.maximum(speed, 0.0),
            course_deg=self._path_course[vertex],
            leg=leg,
            run=turns * self._legs[barge] + leg,
            moored=moored,
        )
