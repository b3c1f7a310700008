"""Spells of trouble: stretches of time in which a radio is silent or a position far off.

Time is cut into slots; chance gives each barge at most one spell a slot, inside the slot.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seed.chance import Channel, Ints, uniform

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spell:
    """When a barge is in trouble: epoch seconds, `start` included, `end` not."""

    barge: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spells:
    """One kind of spell: drawn from `channel` and the two after it; lengths and slot in seconds."""

    seed: int
    channel: Channel
    slot_s: int
    least_s: int
    most_s: int
    chance: float

    def inside(self, barge: Ints, t: Ints) -> tuple[Flags, Ints]:
        """Whether `t` falls into a spell of the barge, and the number of the slot."""
        slot = t // self.slot_s
        start, end = self._of(barge, slot)
        return np.asarray((t >= start) & (t < end)), slot

    def between(self, barges: Ints, start: int, end: int) -> list[Spell]:
        """The spells of these barges that touch [start, end), in order of time within each slot."""
        found = []
        for slot in range(start // self.slot_s, (end - 1) // self.slot_s + 1):
            begin, stop = self._of(barges, np.full(len(barges), slot, dtype=np.int64))
            touches = (stop > begin) & (begin < end) & (stop > start)
            found += [
                Spell(int(b), int(x), int(y))
                for b, x, y in zip(barges[touches], begin[touches], stop[touches], strict=True)
            ]
        return found

    def _of(self, barge: Ints, slot: Ints) -> tuple[Ints, Ints]:
        """Start and end in each slot; equal where chance left the slot out."""
        happens = uniform(self.seed, self.channel, barge, slot) < self.chance
        place = uniform(self.seed, Channel(self.channel + 1), barge, slot)
        stretch = uniform(self.seed, Channel(self.channel + 2), barge, slot)
        begin = slot * self.slot_s + (place * (self.slot_s - self.most_s)).astype(np.int64)
        length = self.least_s + stretch * (self.most_s - self.least_s)
        return begin, begin + np.where(happens, length, 0).astype(np.int64)
