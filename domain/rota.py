"""The duty rota 值班表: who answers for an authority at a moment, and who comes after them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final, Generic, TypeVar

from domain.authorities import ID_EXPECTED, is_id, unless
from domain.errors import InvalidInput

T = TypeVar("T")

LONGEST_SHIFT: Final = timedelta(days=31)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


class Place(IntEnum):
    """In which order the people of a rota are asked."""

    DUTY = 1
    """值班员."""
    DEPUTY = 2
    """副班."""
    HEAD = 3
    """带班领导."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One officer for one authority, from `starts_at` until before `ends_at`, UTC."""

    shift_id: str
    authority_id: str
    officer_id: str
    starts_at: datetime
    ends_at: datetime
    place: Place = Place.DUTY

    def covers(self, at: datetime) -> bool:
        """Whether it is this shift at `at`."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class OnDuty(Generic[T]):
    """Who holds each place of one authority's rota at a moment; `None`: nobody."""

    duty: T | None = None
    deputy: T | None = None
    head: T | None = None

    def in_order(self) -> tuple[T, ...]:
        """Those there are, in the order in which they are asked."""
        return tuple(one for one in (self.duty, self.deputy, self.head) if one is not None)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which nobody holds a place, UTC, the end exclusive."""

    starts_at: datetime
    ends_at: datetime


def wrong_fields(shift: Shift) -> list[InvalidInput]:
    """What no register takes, by field; `[]` when all is well."""
    faults = [
        *unless(is_id(shift.shift_id), "shift_id", ID_EXPECTED),
        *unless(is_id(shift.authority_id), "authority_id", "the id of an authority"),
        *unless(is_id(shift.officer_id), "officer_id", "the id of an officer"),
    ]
    for field, at in (("starts_at", shift.starts_at), ("ends_at", shift.ends_at)):
        if at.tzinfo is None:
            return [*faults, *unless(False, field, "a time with its offset from UTC")]
    if not _EARLIEST <= shift.starts_at <= _LATEST:
        return [*faults, *unless(False, "starts_at", "a time from 2000 to 2200")]
    lasts = shift.ends_at - shift.starts_at
    return [
        *faults,
        *unless(
            timedelta(0) < lasts <= LONGEST_SHIFT,
            "ends_at",
            f"later than starts_at, by at most {LONGEST_SHIFT.days} days",
        ),
    ]


def on_duty(shifts: Iterable[Shift], authority_id: str, at: datetime) -> OnDuty[Shift]:
    """Who answers for `authority_id` at `at`; where shifts overlap, the one that began last."""
    held: dict[Place, Shift] = {}
    for shift in shifts:
        if shift.authority_id == authority_id and shift.covers(at):
            other = held.get(shift.place)
            if other is None or _rank(other) < _rank(shift):
                held[shift.place] = shift
    return OnDuty(held.get(Place.DUTY), held.get(Place.DEPUTY), held.get(Place.HEAD))


def gaps(shifts: Iterable[Shift], starts_at: datetime, ends_at: datetime) -> list[Gap]:
    """The stretches between the two moments that none of `shifts` covers, in order."""
    found: list[Gap] = []
    covered = starts_at
    for shift in sorted(shifts, key=lambda one: one.starts_at):
        if shift.starts_at >= ends_at:
            break
        if shift.starts_at > covered:
            found.append(Gap(covered, shift.starts_at))
        covered = max(covered, shift.ends_at)
    if covered < ends_at:
        found.append(Gap(covered, ends_at))
    return found


def swapped(one: Shift, other: Shift) -> tuple[Shift, Shift]:
    """The two with their officers changed. Raises `InvalidInput` when that changes nothing."""
    if one.officer_id == other.officer_id:
        raise InvalidInput("shift", f"expected shifts of two officers, both are {one.officer_id}'s")
    return replace(one, officer_id=other.officer_id), replace(other, officer_id=one.officer_id)


def in_order(shifts: Iterable[Shift]) -> Sequence[Shift]:
    """Shifts as a rota lists them."""
    return sorted(shifts, key=lambda one: (one.starts_at, one.authority_id, one.place, *_rank(one)))


def _rank(shift: Shift) -> tuple[datetime, str]:
    return shift.starts_at, shift.shift_id
