"""Versions on two axes of time: when something held out there, and when the product knew it."""

from collections.abc import Callable, Sequence
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

    @property
    def nothing(self) -> bool:
        """It is known already."""
        return not (self.closed or self.added)


def amended(
    known: Sequence[Version[T]], content: T | None, valid_from: datetime, now: datetime
) -> Amendment[T]:
    """`content` holds from `valid_from` on; `None`: nothing does, the entry ends there.

    `known` are the versions of one entry that are held for true; what they say of the time before
    `valid_from` is kept. `now` is the store's clock, and `at` never before a version it closes.
    """
    closed = _from(known, valid_from)
    if content is not None and len(closed) == 1 and _says(closed[0], content, valid_from):
        closed, content = (), None
    at = _after(closed, now)
    added = [_cut(one, valid_from, at) for one in closed if one.valid_from < valid_from]
    if content is not None:
        added.append(Version(content, valid_from, None, at))
    return Amendment(at, closed, tuple(added))


def edited(
    known: Sequence[Version[T]], edit: Callable[[T], T], valid_from: datetime, now: datetime
) -> Amendment[T]:
    """The same for a part of the content: `edit` is applied to each version from `valid_from` on.

    So a correction of one field, also one of long ago, leaves later changes of the others alone.
    """
    closed = tuple(one for one in _from(known, valid_from) if edit(one.content) != one.content)
    at = _after(closed, now)
    added: list[Version[T]] = []
    for one in closed:
        if one.valid_from < valid_from:
            added.append(_cut(one, valid_from, at))
        start = max(one.valid_from, valid_from)
        added.append(Version(edit(one.content), start, one.valid_to, at))
    return Amendment(at, closed, tuple(added))


def _from(known: Sequence[Version[T]], valid_from: datetime) -> tuple[Version[T], ...]:
    return tuple(one for one in known if one.valid_to is None or valid_from < one.valid_to)


def _says(version: Version[T], content: T, valid_from: datetime) -> bool:
    open_ended = version.valid_to is None and version.valid_from <= valid_from
    return open_ended and version.content == content


def _after(closed: Sequence[Version[T]], now: datetime) -> datetime:
    return max([now, *(one.recorded_from + _TICK for one in closed)])


def _cut(version: Version[T], valid_to: datetime, at: datetime) -> Version[T]:
    return Version(version.content, version.valid_from, valid_to, at)
