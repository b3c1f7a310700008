"""Recorded fixes through detection, in batches, from nothing."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.crossings import Crossing
from domain.positions import FixFlag
from layers.detection import Detector, FixArrays
from layers.fleet import Fleet

BATCH_ROWS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a recording holds: crossings in order of confirmation, fixes and flags counted."""

    crossings: list[Crossing]
    fixes: int
    vessels: int
    flags: dict[str, int]

    def summary(self) -> str:
        """One line for a person."""
        marks = "".join(f", {n} {name}" for name, n in self.flags.items() if n)
        return (
            f"{self.fixes} fixes of {self.vessels} vessels: {len(self.crossings)} crossings{marks}"
        )


def replay(detector: Detector, fixes: FixArrays) -> Replayed:
    """Run `fixes`, in the order given, through `detector`."""
    fleet = Fleet(detector.geography.labels)
    crossings: list[Crossing] = []
    counts: Counter[str] = Counter()
    for start in range(0, len(fixes), BATCH_ROWS):
        detection = detector.run(fixes.take(slice(start, start + BATCH_ROWS)), fleet)
        fleet.absorb(detection.states)
        crossings += detection.crossings
        for flag in FixFlag:
            if flag.name:
                marked = detection.flags & np.uint16(flag)
                counts[flag.name.lower()] += int(np.count_nonzero(marked))
    crossings.sort(key=lambda c: (c.confirmed_at, c.mmsi, c.crossed_at))
    return Replayed(crossings, len(fixes), len(fleet), dict(counts))
