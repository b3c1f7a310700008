"""A simulated day at all checkpoints: what receivers hear near each, and what the devices read.

Barges, waterways and radio troubles are those of `seed`; dark barges, clocks and cameras are drawn
here, so that the day does not depend on how the demo's devices happen to be set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.checkpoints import Checkpoint, Direction, Entering, Reading, System
from layers.passings import REACH_M, Hull, TrackArrays
from seed.checkpoints import checkpoints
from seed.history import RECORDED_FROM
from seed.passages import Passages, TruePassage
from seed.reception import Reception
from seed.world import M_PER_DEG_LAT, M_PER_DEG_LON, World

BARGES = 600
HOURS = 24
DARK = 0.1
CLOCK_S = 20.0
MISSED = 0.04
SEED = 2024
_HOUR_S = 3600
_AT_REST_S = 180
_MISREAD = 0.03  # of the digits of a name
_SIZE = 0.03  # one sigma of length and beam, as a share


@dataclass(frozen=True, slots=True)
class TruthOf:
    """Whose passage a reading was; `heard`: its own AIS was taken within 100 s of it."""

    mmsi: int
    heard: bool


@dataclass(frozen=True, slots=True)
class GateDay:
    """All readings by time, the truth by `source_key`, the fixes near each point by time."""

    points: Mapping[str, Checkpoint]
    readings: list[Reading]
    truth: Mapping[str, TruthOf]
    tracks: Mapping[str, TrackArrays]
    dark: int


class GateWorld:
    """The barges of a day and what is heard of them, to be read by several kinds of device."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(SEED)
        self.points = {point.checkpoint_id: point for point in checkpoints()}
        world = World(BARGES, SEED)
        # a clone's number is another barge's: neither is dark, so that truth stays plain
        numbers = [barge.mmsi for barge in world.barges]
        alone = np.array([numbers.count(number) == 1 for number in numbers])
        self.is_dark = (self._random.random(BARGES) < DARK) & alone
        start, end = RECORDED_FROM, RECORDED_FROM + HOURS * _HOUR_S
        self.passages = Passages(world, checkpoints()).between(start + 600, end - 600)
        self._fixes = _heard_near(world, self.is_dark, self.points, start, end)
        hulls = {b.mmsi: Hull((b.name,), round(b.length_m), round(b.beam_m)) for b in world.barges}
        self.tracks = {
            name: TrackArrays(
                numbers_of(world)[fixes[0].astype(np.int64)],
                fixes[1],
                fixes[2],
                fixes[3],
                fixes[4],
                fixes[5],
                hulls,
            )
            for name, fixes in self._fixes.items()
        }

    def day(self, named: float, *, steady: bool) -> GateDay:
        """What the devices read when they make out the name of a share `named` of the hulls.

        Clocks are off by up to `CLOCK_S`: each reading anew, or each device for the day (`steady`,
        with 2 s of its own at each reading).
        """
        random = np.random.default_rng(SEED + 1)
        clocks = {name: random.uniform(-CLOCK_S + 2, CLOCK_S - 2) for name in self.points}
        readings: list[Reading] = []
        truth: dict[str, TruthOf] = {}
        for number, passage in enumerate(self.passages):
            draws = random.random(8)
            if draws[0] < MISSED:
                continue
            anew = 2 * draws[1] - 1
            clock = clocks[passage.checkpoint.checkpoint_id]
            off = clock + 2 * anew if steady else CLOCK_S * anew
            plate = _plate(passage, number) if draws[2] < named else None
            reading = _read(passage, number, off, plate, random.normal(size=3).tolist())
            readings.append(reading)
            truth[reading.source_key] = TruthOf(passage.barge.mmsi, self._is_heard(passage))
        readings.sort(key=lambda one: (one.t, one.source_key))
        return GateDay(self.points, readings, truth, self.tracks, int(self.is_dark.sum()))

    def _is_heard(self, passage: TruePassage) -> bool:
        fixes = self._fixes[passage.checkpoint.checkpoint_id]
        low, high = np.searchsorted(fixes[1], [passage.t - 100, passage.t + 100])
        return bool(np.any(fixes[0][low:high] == passage.index))


def numbers_of(world: World) -> NDArray[np.int64]:
    """MMSI of each barge."""
    return np.array([barge.mmsi for barge in world.barges], dtype=np.int64)


def _plate(passage: TruePassage, number: int) -> str:
    random = np.random.default_rng([SEED, number])
    name = passage.barge.name.split()[-1]
    return "某货" + "".join(
        str(random.integers(10)) if random.random() < _MISREAD else digit for digit in name
    )


def _read(
    passage: TruePassage, number: int, off_s: float, plate: str | None, errors: list[float]
) -> Reading:
    barge, point = passage.barge, passage.checkpoint
    at_gate = point.system is System.WUJIANG
    draught = barge.laden_m if passage.laden else barge.light_m
    return Reading(
        checkpoint_id=point.checkpoint_id,
        system=point.system,
        source_key=str(number),
        t=datetime.fromtimestamp(passage.t + off_s, UTC),
        direction=(Direction.FORTH if passage.forth else Direction.BACK) if at_gate else None,
        entering=None if at_gate else (Entering.IN if passage.forth else Entering.OUT),
        draught_m=max(0.2, draught + 0.06 * errors[2]) if at_gate else None,
        draught_error_m=0.06 if at_gate else None,
        length_m=barge.length_m * (1 + _SIZE * errors[0]),
        beam_m=barge.beam_m * (1 + _SIZE * errors[1]),
        plate=plate,
    )


def _heard_near(
    world: World,
    dark: NDArray[np.bool_],
    points: Mapping[str, Checkpoint],
    start: int,
    end: int,
) -> dict[str, NDArray[np.float64]]:
    """Per point an array (6, n) by time: barge, epoch seconds, lon, lat, knots, degrees."""
    reception = Reception(world)
    parts: dict[str, list[NDArray[np.float64]]] = {name: [] for name in points}
    for begin, until in pairwise(range(start, end + 1, _HOUR_S)):
        seconds = np.arange(begin, until, 10, dtype=np.int64)
        barge = np.repeat(np.arange(BARGES, dtype=np.int64), len(seconds))
        # every barge has its own second; all intervals are multiples of ten
        t = np.tile(seconds, BARGES) + barge % 10
        inland = np.array([b.radio == "B" for b in world.barges])[barge]
        truth = world.at(barge, t)
        slow = np.where(inland, truth.speed_mps <= 1.03, truth.moored)
        every = np.where(slow, _AT_REST_S, np.where(inland, 30, 10))
        due = ((t - barge % 10 + 10 * (barge % 18)) % every == 0) & ~dark[barge]
        # what a receiver makes of it is private to the simulation, and just what is wanted here
        pick = reception._heard(truth, due)
        lon, lat = reception._measured(truth, pick)
        knots = truth.speed_mps[pick] * 3600 / 1852
        fixes = np.stack([barge[pick], t[pick], lon, lat, knots, truth.course_deg[pick]])
        fixes = fixes[:, np.argsort(fixes[1], kind="stable")]
        for name, point in points.items():
            east = (fixes[2] - point.lon) * M_PER_DEG_LON
            north = (fixes[3] - point.lat) * M_PER_DEG_LAT
            parts[name].append(fixes[:, np.hypot(east, north) <= REACH_M])
    return {name: np.concatenate(found, axis=1) for name, found in parts.items()}
