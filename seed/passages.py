"""True passages: who really goes through the line of which checkpoint, and when.

Like true crossings they come from the noise-free path, once per round, and are asked for by time.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import shapely

from domain.checkpoints import Checkpoint
from seed.checkpoints import gate_lines
from seed.fleet import Barge
from seed.voyage import Round
from seed.world import World


@dataclass(frozen=True, slots=True)
class TruePassage:
    """A vessel through a gate line at `t` (epoch seconds). `forth`: along the bearing.

    `index` is the barge's number in its world.
    """

    checkpoint: Checkpoint
    barge: Barge
    index: int
    t: float
    forth: bool
    laden: bool


@dataclass(frozen=True, slots=True)
class _Cut:
    checkpoint: int
    barge: int
    since_s: float
    forth: bool
    laden: bool


class Passages:
    """All passages of a world through `points`, to be asked for by time."""

    def __init__(self, world: World, points: Sequence[Checkpoint]) -> None:
        self.world = world
        self.points = tuple(points)
        self._index(_all_cuts(world, self.points))

    def of(self, barge: int) -> "Passages":
        """Those of one barge of the world."""
        own = copy(self)
        own._index([cut for cut in self._cuts if cut.barge == barge])
        return own

    def _index(self, cuts: Sequence[_Cut]) -> None:
        self._cuts = tuple(cuts)
        self._since = np.array([cut.since_s for cut in self._cuts])
        owner = np.array([cut.barge for cut in self._cuts], dtype=np.int64)
        rounds = self.world.rounds
        periods = np.array([round_.period_s for round_ in rounds], dtype=np.int64)
        self._period = periods[owner]
        self._phase = self.world.phase_s[owner]

    def between(self, start: float, end: float) -> list[TruePassage]:
        """Passages in [start, end), epoch seconds, by time."""
        if not self._cuts:
            return []
        wait = (self._since - (start + self._phase)) % self._period
        found = []
        for n in np.flatnonzero(wait < end - start).tolist():
            cut = self._cuts[n]
            for t in np.arange(start + wait[n], end, int(self._period[n])).tolist():
                found.append(
                    TruePassage(
                        checkpoint=self.points[cut.checkpoint],
                        barge=self.world.barges[cut.barge],
                        index=cut.barge,
                        t=t,
                        forth=cut.forth,
                        laden=cut.laden,
                    )
                )
        return sorted(found, key=lambda passage: (passage.t, passage.index))


def _all_cuts(world: World, points: tuple[Checkpoint, ...]) -> list[_Cut]:
    ends = gate_lines(points)
    lines = np.asarray(shapely.linestrings(ends), dtype=np.object_)
    tree = shapely.STRtree(lines)
    found = []
    for barge, round_ in enumerate(world.rounds):
        xy = round_.path_xy
        steps = np.asarray(
            shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)), dtype=np.object_
        )
        for step, gate in zip(*tree.query(steps, predicate="intersects"), strict=True):
            meets = shapely.centroid(shapely.intersection(steps[step], lines[gate]))
            at_m = float(round_.path_m[step] + shapely.line_locate_point(steps[step], meets))
            (ex, ey), (gx, gy) = xy[step + 1] - xy[step], ends[gate, 1] - ends[gate, 0]
            found.append(
                _Cut(
                    checkpoint=int(gate),
                    barge=barge,
                    since_s=_when(round_, at_m),
                    # a line runs from port to starboard of those who pass forth
                    forth=bool(ex * gy - ey * gx < 0),
                    laden=round_.laden[round_.leg_at(at_m)],
                )
            )
    return found


def _when(round_: Round, at_m: float) -> float:
    return min(round_.when(at_m), float(round_.period_s - 1))
