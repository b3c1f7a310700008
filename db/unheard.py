"""What the store knows about a passage that no AIS track explains: who may yet have been there."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from db.catalog import load_queries
from db.match import Box
from db.pool import Connection
from domain.positions import UNTRUSTED, FixFlag

_queries = load_queries("unheard")

_WINDOW: Final = timedelta(minutes=2)
_LATE: Final = timedelta(minutes=2)
"""What is stored so long after its own time was held up; the next fix of who sails by is not."""
_BEFORE: Final = timedelta(minutes=4)
_SETTLE: Final = timedelta(seconds=45)
"""Fusion goes by fixes from so long before a passage until so long after it."""
_DOUBLED: Final = timedelta(hours=2)
"""A number that was in two places at once so near in time is one of two hulls."""
_REACH_DEG: Final = 0.3
"""Where a vessel may have sailed to since: two hours at 15 km/h."""


class NearVessel(NamedTuple):
    """A vessel's last trusted fix before a passage, the first one after it, and what it is."""

    mmsi: int
    at: datetime
    lon: float
    lat: float
    sog_kn: float | None
    next_at: datetime | None
    next_lon: float | None
    next_lat: float | None
    length_m: float | None
    register_name: str | None
    own_name: str | None
    spoil: bool


class NearTaken(NamedTuple):
    """A fix about a passage that fusion could not go by."""

    mmsi: int
    t: datetime
    lon: float
    lat: float


async def last_heard(
    connection: Connection, checkpoint_id: str, at: datetime, back: timedelta, box: Box
) -> list[NearVessel]:
    """Vessels that were in the box when last heard before `at`, and no longer than `back` before.

    Those that another passage of the checkpoint is matched with are left out.
    """
    rows = _queries.last_heard(
        connection,
        checkpoint_id=checkpoint_id,
        at=at,
        since=at - back,
        upto=at + back,
        reach=_REACH_DEG,
        untrusted=int(UNTRUSTED),
        **box._asdict(),
    )
    return [NearVessel(**row) async for row in rows]


async def taken(
    connection: Connection, reading_id: UUID, checkpoint_id: str, at: datetime, box: Box
) -> list[NearTaken]:
    """Fixes about a passage that came in after it was judged, under a number of two hulls, or in no
    track.
    """
    rows = _queries.taken(
        connection,
        reading_id=reading_id,
        checkpoint_id=checkpoint_id,
        at=at,
        window=_WINDOW,
        back=_DOUBLED,
        late=_LATE,
        before=_BEFORE,
        settle=_SETTLE,
        clone=int(FixFlag.CLONE),
        flagged=int(FixFlag.LATE),
        **box._asdict(),
    )
    return [NearTaken(**row) async for row in rows]


async def nobodies(connection: Connection, since: datetime, most: int) -> list[UUID]:
    """Passages since then that fusion gave to nobody, and nobody was told of; in turns."""
    rows = _queries.nobodies(connection, since=since, most=most)
    return [row["reading_id"] async for row in rows]
