"""Putting the parts of a message together again: type 5 and long binary messages have several."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from streams.contracts.messages import Sentence
from streams.contracts.sentence import TagBlock, spelt

FILE_WINDOW = 1000
"""Sentences. A file is read as fast as the store takes it, so there distance counts, not time."""


@dataclass(frozen=True, slots=True)
class Part:
    """One sentence of a message in several: `number` of `total`, both from 1."""

    sentence: Sentence
    tag: TagBlock | None
    total: int
    number: int
    sequence: bytes
    channel: bytes
    payload: bytes
    fill: int

    @property
    def label(self) -> str:
        """For the operator: which part of what."""
        sequence, channel = spelt(self.sequence) or "none", spelt(self.channel) or "none"
        return f"part {self.number} of {self.total}, sequence {sequence}, channel {channel}"


@dataclass(slots=True)
class Assembly:
    """Parts of one message so far, in order of arrival, never empty."""

    parts: list[Part]
    seen_at: int = field(default=0)

    @property
    def complete(self) -> bool:
        return len(self.parts) == self.parts[0].total

    @property
    def time_s(self) -> int | None:
        """The receiver's clock, epoch seconds, if any part carries it."""
        times = (part.tag.time_s for part in self.parts if part.tag is not None)
        return next((time_s for time_s in times if time_s is not None), None)

    @property
    def payload(self) -> bytes:
        """The armoured payload in the order of the parts."""
        return b"".join(part.payload for part in sorted(self.parts, key=lambda part: part.number))

    @property
    def fill(self) -> int:
        """Fill bits at the end: those of the part with the highest number."""
        return max(self.parts, key=lambda part: part.number).fill

    @property
    def missing(self) -> str:
        """The numbers of the parts that did not arrive: `2` or `1, 3`."""
        have = {part.number for part in self.parts}
        return ", ".join(str(n) for n in range(1, self.parts[0].total + 1) if n not in have)

    def takes(self, part: Part, timeout_s: float) -> bool:
        """Whether `part` may belong here: stations reuse the numbers 0-9 all the time."""
        first = self.parts[0]
        if (first.total, first.sequence, first.channel, first.sentence.feed_id) != (
            part.total,
            part.sequence,
            part.channel,
            part.sentence.feed_id,
        ):
            return False
        if part.tag is None or first.tag is None:
            return True
        if first.tag.group is not None and part.tag.group is not None:
            return first.tag.group == part.tag.group
        if (
            None not in (first.tag.station, part.tag.station)
            and first.tag.station != part.tag.station
        ):
            return False
        if first.tag.time_s is None or part.tag.time_s is None:
            return True
        return abs(first.tag.time_s - part.tag.time_s) <= timeout_s


class Assembler:
    """Holds unfinished messages: at most `limit` of them, each for at most `timeout`.

    Every part that goes in comes out exactly once: in a complete assembly or in an orphaned one.
    """

    def __init__(self, *, timeout: timedelta, limit: int) -> None:
        self._timeout = timeout
        self._timeout_s = timeout.total_seconds()
        self._limit = limit
        self._seen = 0
        self.pending: list[Assembly] = []

    def add(self, part: Part) -> tuple[Assembly | None, list[Assembly]]:
        """The message that `part` completes, if it does, and those given up because of it."""
        orphans: list[Assembly] = []
        home = None
        for candidate in self.pending:
            if candidate.takes(part, self._timeout_s):
                home = candidate
                break
        if home is not None and any(known.number == part.number for known in home.parts):
            self.pending.remove(home)  # the station has begun its next message under this number
            orphans.append(home)
            home = None
        if home is None:
            home = Assembly([part], self._seen)
            self.pending.append(home)
            if len(self.pending) > self._limit:
                orphans.append(self.pending.pop(0))
            return None, orphans
        home.parts.append(part)
        if not home.complete:
            return None, orphans
        self.pending.remove(home)
        return home, orphans

    def expire(self, sentence: Sentence) -> list[Assembly]:
        """Give up what waited too long when `sentence` arrived; call it for every sentence."""
        self._seen += 1
        if not self.pending:
            return []
        old = [known for known in self.pending if self._is_over(known, sentence)]
        for known in old:
            self.pending.remove(known)
        return old

    def _is_over(self, known: Assembly, sentence: Sentence) -> bool:
        first = known.parts[0].sentence
        if first.offset is not None:
            return self._seen - known.seen_at > FILE_WINDOW
        return sentence.arrived_at - first.arrived_at > self._timeout

    def drain(self) -> Iterator[Assembly]:
        """Give up everything that is left."""
        while self.pending:
            yield self.pending.pop(0)
