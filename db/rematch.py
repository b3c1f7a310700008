"""Matches to be judged again: those that held-up fixes bear on, and those that rest on another."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from db.catalog import load_queries
from db.pool import Connection
from domain.positions import FixFlag

_queries = load_queries("rematch")


class Reach(NamedTuple):
    """How far about a reading fusion looks for fixes: back, ahead, and degrees of latitude."""

    window: timedelta
    settle: timedelta
    reach_deg: float


class Dependence(NamedTuple):
    """How far ahead of a reading others rest on it: for its tracks, its clock, as second sensor."""

    exclusive: timedelta
    clock_back: timedelta
    second_sensor: timedelta


class Recorded(NamedTuple):
    """A stretch of recording times; what was stored in it is seen by whoever looks `unseen` later.

    `oldest`: fixes and readings of a time before are left as they are.
    """

    since: datetime
    until: datetime
    unseen: timedelta
    oldest: datetime


async def overtake(
    connection: Connection,
    recorded: Recorded,
    reach: Reach,
    *,
    held_up: timedelta,
    heard_deg: float,
    now: datetime,
) -> int:
    """Note that fixes overtook matches, to be judged again from `now` on; how many.

    Only those that came more than `held_up` after their own time count. Where nobody was heard
    within `heard_deg` (of latitude) nobody is accused, so fixes that far away count too.
    """
    tag: str = await _queries.overtake(
        connection,
        **recorded._asdict(),
        **reach._asdict(),
        held_up=held_up,
        heard_deg=heard_deg,
        late=int(FixFlag.LATE),
        now=now,
    )
    return int(tag.rpartition(" ")[2])


async def carry_on(
    connection: Connection,
    reading_id: UUID,
    vessels: Sequence[int],
    reach: Reach,
    dependence: Dependence,
    *,
    first: bool,
    oldest: datetime,
    now: datetime,
) -> None:
    """Note that matches which rest on this reading are to be judged again from `now` on.

    `vessels`: whose passage it was said to be before, and is said to be. `first`: it was not known
    before; else only readings of a later time rest on it, so that this comes to an end.
    """
    await _queries.carry_on(
        connection,
        reading_id=reading_id,
        first=first,
        vessels=list(vessels),
        oldest=oldest,
        now=now,
        **reach._asdict(),
        **dependence._asdict(),
    )


async def judged(connection: Connection, reading_id: UUID) -> None:
    """Note that fusion looked again, by all that had come in, and found the same."""
    await _queries.judged(connection, reading_id=reading_id)
