"""Whose silence it is: the vessel's own (船舶失联), its receiver's (岸站无信号), or our pipeline's
(数据链路中断). Three different statements, and only the first is about the vessel.

A silence is proved by who was heard meanwhile: a receiver that hears others would have heard this
one too. So it counts for as long as every receiver about the place was heard to work, and not a
minute longer; when a receiver dies nobody's silence grows. Everything here is a function of what
is known, in whatever order it came in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

QUIET: Final = timedelta(minutes=4)
"""Longer than the slowest report of AIS (3 min): a receiver with anybody in reach is heard by
then, unless it is dead."""

GAP_LEAST: Final = timedelta(minutes=15)
"""AIS gaps shorter than this are everyday radio."""

COMPANY: Final = 2
"""So many other vessels have to have gone silent with it before a receiver is called dead: one
alone may have moored or left."""

NO_BEAT: Final = timedelta(minutes=1)
"""A worker beats every second; one that has not for so long is gone, or cannot reach the store."""

LAG_MOST: Final = timedelta(minutes=2)
"""What arrives later than this after it was heard says nothing yet about who is silent now."""

_MINUTE: Final = timedelta(minutes=1)


class Cause(StrEnum):
    """船舶失联 / 岸站无信号 / 数据链路中断 / 尚不能判定."""

    VESSEL = "vessel"
    RECEIVER = "receiver"
    PIPELINE = "pipeline"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiver about a place. `minutes`: beginnings of the minutes in which it heard somebody
    else, in any order. `company`: how many others it was the last to hear.
    """

    name: str
    minutes: frozenset[datetime]
    company: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The way of one feed from the socket to the store.

    `beat_at`: last sign of life of its worker; `connected`: to its source; `last_at`: arrival of
    the last sentence; `lag`: how far behind the worker is with what has arrived already.
    """

    beat_at: datetime | None
    connected: bool = True
    last_at: datetime | None = None
    lag: timedelta = timedelta()

    def down_since(self, now: datetime) -> datetime | None:
        """Since when nothing comes through; `None` while it works."""
        if self.beat_at is None:
            return None  # never begun: nothing to miss
        if now - self.beat_at >= NO_BEAT:
            return self.beat_at
        if not self.connected:
            return self.last_at or self.beat_at
        return now - self.lag if self.lag >= LAG_MOST else None


@dataclass(frozen=True, slots=True)
class Silence:
    """What holds: `since` when, by which `receiver`, and for how long the silence is `proven`."""

    cause: Cause
    since: datetime
    receiver: str | None
    proven: timedelta


def tell(
    last_at: datetime,
    now: datetime,
    home: str | None,
    receivers: Sequence[Receiver],
    pipeline: Pipeline | None,
    *,
    until: datetime | None = None,
) -> Silence:
    """Whose silence it is that began after the vessel's last fix at `last_at`, as known `now`.

    `home`: the receiver of that fix, if it is known. `receivers`: it, and the others that hear
    vessels about there; the vessel may have sailed on into the reach of another one, so all of
    them have to be alive. `until`: when the silence ended, or is asked about; by default `now`.
    """
    proofs = [proven(last_at, until or now, one) for one in receivers]
    least = min(proofs, default=timedelta())
    if least >= GAP_LEAST:
        return Silence(Cause.VESSEL, last_at, home, least)
    down = pipeline.down_since(now) if pipeline is not None else None
    if down is not None:
        return Silence(Cause.PIPELINE, down, None, least)
    dead = [(since, one.name) for one in receivers if (since := dead_since(one, now)) is not None]
    if len(dead) > 1 and len(dead) == len(receivers) and _together(since for since, _ in dead):
        # receivers do not die in the same minutes: what they have in common has
        return Silence(Cause.PIPELINE, max(dead)[0], None, least)
    if dead:
        mine = [one for one in dead if one[1] == home]
        since, name = min(mine or dead)
        return Silence(Cause.RECEIVER, since, name, least)
    return Silence(Cause.UNSURE, last_at, None, least)


def proven(last_at: datetime, now: datetime, receiver: Receiver) -> timedelta:
    """For how long, without a break, this receiver heard others while the vessel was silent.

    From hearing to hearing: what came after its last one proves nothing.
    """
    best = timedelta()
    begun = previous = last_at
    for at in sorted(one for one in receiver.minutes if last_at < one <= now):
        if at - previous > QUIET:
            begun = at
        best, previous = max(best, at - begun), at
    return best


def dead_since(receiver: Receiver, now: datetime) -> datetime | None:
    """When a receiver died, or `None`: it is heard, or too few go by it to tell."""
    heard = max((one for one in receiver.minutes if one <= now), default=None)
    if heard is None or receiver.company < COMPANY:
        return None
    ended = heard + _MINUTE
    return ended if now - ended >= QUIET else None


def _together(times: Iterable[datetime]) -> bool:
    known = list(times)
    return max(known) - min(known) <= _MINUTE
