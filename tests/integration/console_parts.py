"""A console's coordinator over a test's database, and rows for it to read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from dashboard.alert_file import AlertFiles
from dashboard.atlas import Atlas
from dashboard.bodies import Bodies
from dashboard.console import Console
from dashboard.coordinator import Coordinator
from dashboard.dossier import Dossiers
from dashboard.handling import Handling
from dashboard.incident_desk import IncidentDesk
from dashboard.matching import Matching
from dashboard.paper_desk import PaperDesk
from dashboard.people import People
from dashboard.settings import ConsoleSettings
from domain.clock import utc_now
from layers.geography import Geography

MMSI = 413000001

LATEST = """
insert into vessel_latest (mmsi, t, lon, lat, sog_kn, cog_deg, heading_deg, nav_status,
                           message_type, flags, adcode, border_water, feed_id, recorded_at)
values ($1, clock_timestamp(), 120.9, 31.02, 5, 90, 90, 0, 1, 0, '310118', false, 'ais',
        clock_timestamp())
on conflict (mmsi) do nothing
"""
FIX = """
insert into vessel_position (mmsi, t, payload_hash, lon, lat, message_type, flags, feed_id,
                             recorded_at)
values ($1, $2, $3, $4, $5, 1, $6, 'ais', clock_timestamp())
"""


def coordinator(
    pool: asyncpg.Pool,
    bodies: Bodies | None = None,
    now: Callable[[], datetime] = utc_now,
    **settings: Any,
) -> Coordinator:
    """A coordinator that reads through `pool`, on a machine whose clock says `now`."""

    async def connect() -> asyncpg.Pool:
        return pool

    return Coordinator(
        connect,
        ConsoleSettings(**settings),
        bodies or Bodies({}),
        Atlas(Geography.builtin()),
        now=now,
    )


def console_of(poller: Coordinator, bodies: Bodies) -> Console:
    """All that the routes of a console work with."""
    dossiers = Dossiers(poller)
    return Console(
        poller.settings,
        bodies,
        poller,
        Atlas(Geography.builtin()),
        dossiers,
        AlertFiles(poller, dossiers.turns),
        Handling(poller),
        Matching(poller),
        PaperDesk(poller),
        People(poller, poller.settings.lifetime),
        IncidentDesk(poller),
    )


async def hear(pool: asyncpg.Pool, mmsi: int = MMSI) -> None:
    """A vessel in the picture, heard now."""
    await pool.execute(LATEST, mmsi)


async def sail(
    pool: asyncpg.Pool, points: list[tuple[float, float, float]], *, flags: int = 0
) -> datetime:
    """Fixes of one vessel as (seconds before now, longitude, latitude); the store's now."""
    now: datetime = await pool.fetchval("select clock_timestamp()")
    for day in {(now - timedelta(seconds=age)).date() for age, _, _ in points}:
        await pool.execute("select make_position_partition($1)", day)
    await pool.executemany(
        FIX,
        [
            (MMSI, now - timedelta(seconds=age), at, lon, lat, flags)
            for at, (age, lon, lat) in enumerate(points)
        ],
    )
    return now
