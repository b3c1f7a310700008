"""The console's reads: one consistent picture a second, and one vessel in full."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import asyncpg

from db.catalog import load_queries
from db.checkpoint import health
from db.errors import mapped_errors
from db.pipeline import relays, workers
from db.pool import Connection
from domain.checkpoints import DeviceHealth
from domain.positions import UNTRUSTED

Row: TypeAlias = asyncpg.Record

_queries = load_queries("snapshot")


@dataclass(frozen=True, slots=True)
class LiveRows:
    """The rows of one picture, all from the same database snapshot, and the store's clock then."""

    now: datetime
    vessels: list[Row]
    crossings: list[Row]
    crossings_today: int
    alerts: list[Row]
    alerts_open: int
    alerts_hour: int
    watched_at: float | None
    feeds: list[Row]
    feed_minutes: list[Row]
    feed_outcomes: list[Row]
    receivers: list[Row]
    workers: list[Row]
    relays: list[Row]
    checkpoints: list[DeviceHealth]


async def read_live(
    connection: Connection,
    *,
    since: datetime,
    minutes_since: datetime,
    hour: datetime,
    day: datetime,
    decided_since: datetime,
    crossings: int,
    alerts: int = 400,
) -> LiveRows:
    """Read the picture: vessels heard since `since`, newest crossings, alerts, feeds, checkpoints.

    Alerts that nobody has decided are read however old they are, validated ones since
    `decided_since`, closed ones since `hour`.
    Raises `StoreError`.
    """
    async with (
        mapped_errors(),
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return LiveRows(
            now=await _queries.read_clock(connection),
            vessels=await _rows(_queries.select_live_vessels(connection, since=since)),
            crossings=await _rows(_queries.select_recent_crossings(connection, count=crossings)),
            crossings_today=await _queries.count_crossings(connection, since=day),
            alerts=await _rows(
                _queries.select_alerts(
                    connection, decided_since=decided_since, closed_since=hour, count=alerts
                )
            ),
            alerts_open=await _queries.count_open_alerts(connection, decided_since=decided_since),
            alerts_hour=await _queries.count_alerts(connection, since=hour),
            watched_at=await _queries.read_watched(connection),
            feeds=await _rows(_queries.select_feeds(connection)),
            feed_minutes=await _rows(_queries.select_feed_minutes(connection, since=minutes_since)),
            feed_outcomes=await _rows(
                _queries.select_feed_outcomes(connection, hour=hour, day=day)
            ),
            receivers=await _rows(_queries.select_receivers(connection, since=since)),
            workers=await workers(connection, day),
            relays=await relays(connection, day),
            checkpoints=await health(connection),
        )


async def read_tails(connection: Connection, since: datetime) -> list[Row]:
    """Trusted fixes (mmsi, t, lon, lat) since `since`, one per vessel and half minute, in order.

    Raises `StoreError`.
    """
    async with mapped_errors():
        return await _rows(_queries.select_tails(connection, since=since, untrusted=int(UNTRUSTED)))


async def read_vessel(connection: Connection, mmsi: int) -> Row | None:
    """One vessel's declared identity and newest fix, `None` if never heard. Raises `StoreError`."""
    async with mapped_errors():
        found: Row | None = await _queries.select_vessel(connection, mmsi=mmsi)
    return found


async def read_track(connection: Connection, mmsi: int, since: datetime) -> list[Row]:
    """One vessel's fixes (t, lon, lat, flags) since `since`, oldest first. Raises `StoreError`."""
    async with mapped_errors():
        return await _rows(_queries.select_vessel_track(connection, mmsi=mmsi, since=since))


async def read_vessel_crossings(connection: Connection, mmsi: int, count: int) -> list[Row]:
    """One vessel's newest crossings. Raises `StoreError`."""
    async with mapped_errors():
        return await _rows(_queries.select_vessel_crossings(connection, mmsi=mmsi, count=count))


async def read_vessel_flags(connection: Connection, mmsi: int, since: datetime) -> list[Row]:
    """How often each combination of flags (flags, n) occurs in one vessel's fixes."""
    async with mapped_errors():
        return await _rows(_queries.select_vessel_flags(connection, mmsi=mmsi, since=since))


async def _rows(found: AsyncIterable[Row]) -> list[Row]:
    return [row async for row in found]
