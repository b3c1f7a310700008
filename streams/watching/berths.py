"""Where a vessel may lie and be unloaded: registered wharves; and locks and sluices, to wait."""

from datetime import datetime, timedelta
from typing import Final

from db.pool import Connection
from db.register import wharves
from db.watch import stays
from layers.datum import to_metres
from layers.geography import Geography

BERTH_M: Final = 500.0
"""So near a registered wharf, a lock or a sluice a vessel lies where it may lie: barges that wait
for their turn lie up to 400 m along the bank from where the wharf stands on the register."""
UNLOADED_IN: Final = timedelta(minutes=20)
"""Nobody unloads a barge faster."""
_WAITING: Final = frozenset({"lock", "sluice"})

Point = tuple[float, float]
"""Longitude, latitude, WGS-84."""


async def wharf_places(connection: Connection, at: datetime) -> list[Point]:
    """The registered wharves."""
    return [(one.lon, one.lat) for one in (await wharves(connection, None, at)).values()]


async def berth_places(connection: Connection, geography: Geography, at: datetime) -> list[Point]:
    """The registered wharves, locks and sluices."""
    waiting = [p.geometry for p in geography.places if p.kind in _WAITING]
    return [*await wharf_places(connection, at), *((one.x, one.y) for one in waiting)]


def is_at(place: Point, berths: list[Point]) -> bool:
    """Whether one of the berths is within `BERTH_M`."""
    if not berths:
        return False
    x, y = to_metres([place[0], *(b[0] for b in berths)], [place[1], *(b[1] for b in berths)])
    return bool((((x[1:] - x[0]) ** 2 + (y[1:] - y[0]) ** 2) <= BERTH_M**2).any())


async def last_at_wharf(
    connection: Connection, mmsi: int, since: datetime, until: datetime
) -> datetime | None:
    """Until when the vessel lay at a wharf last, long enough to be unloaded or loaded there."""
    lain = await stays(connection, mmsi, (since, until), UNLOADED_IN)
    if not lain:
        return None
    known = await wharf_places(connection, until)
    return next((ended for lon, lat, ended in lain if is_at((lon, lat), known)), None)
