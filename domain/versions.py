"""Versions on two axes of time: when something held out there, and when the product knew it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_TICK = timedelta(microseconds=1)

AS_KNOWN_NOW: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands for all that is on record, whatever the clocks of two machines say."""


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """What was held for true between `recorded_from` and `recorded_to` of the time `valid_*`.

    UTC; an end is exclusive, `None` while it is open.
    """

    content: T
    valid_from: datetime
    valid_to: datetime | None
    recorded_from: datetime
    recorded_to: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it speaks of the moment `at`."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class Amendment(Generic[T]):
    """What a change does: `closed` are no longer held for true from `at` on, `added` are instead.

    Nothing is overwritten: a closed version stays as what was known before.
    """

    at: datetime
    closed: tuple[Version[T], ...]
    added: tuple[Version[T], ...]


def amended(
    known: Sequence[Version[T]], content: T | None, valid_from: datetime, now: datetime
) -> Amendment[T]:
    """`content` holds from `valid_from` on; `None`: nothing does, the entry ends there.

    `known` are the versions of one entry that are held for true; what they say of the time before
    `valid_from` is kept. `now` is the store's clock, and `at` never before a version it closes.
    """
    closed = tuple(one for one in known if one.valid_to is None or valid_from < one.valid_to)
    at = max([now, *(one.recorded_from + _TICK for one in closed)])
    added = [
        Version(one.content, one.valid_from, valid_from, at)
        for one in closed
        if one.valid_from < valid_from
    ]
    if content is not None:
        added.append(Version(content, valid_from, None, at))
    return Amendment(at, closed, tuple(added))
