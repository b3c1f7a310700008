"""Reads of one alert in full: the row itself, readings, register, earlier alerts, pictures."""

from collections.abc import AsyncIterable, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from db.catalog import load_queries
from db.errors import mapped_errors
from db.pool import Connection

Row: TypeAlias = asyncpg.Record

_queries = load_queries("alert_file")


async def read_alert(connection: Connection, alert_id: UUID) -> Row | None:
    """One alert with the names of its vessel and checkpoint. Raises `StoreError`."""
    async with mapped_errors():
        found: Row | None = await _queries.select_alert(connection, alert_id=alert_id)
    return found


async def read_readings(
    connection: Connection,
    *,
    mmsi: int | None,
    ids: Sequence[UUID],
    since: datetime,
    count: int,
) -> list[Row]:
    """Checkpoint readings matched to `mmsi` since `since`, and those of `ids`, newest first.

    Matches that were taken back stand there too, with who did it. Raises `StoreError`.
    """
    async with mapped_errors():
        return await _rows(
            _queries.select_readings(connection, mmsi=mmsi, ids=list(ids), since=since, count=count)
        )


async def read_hull(connection: Connection, mmsi: int) -> Row | None:
    """The vessel by the register of hulls, `None` if it is not on it. Raises `StoreError`."""
    async with mapped_errors():
        found: Row | None = await _queries.select_hull(connection, mmsi=mmsi)
    return found


async def read_declared(connection: Connection, mmsi: int) -> Row | None:
    """Draught, loaded field and size as the crew declares them. Raises `StoreError`."""
    async with mapped_errors():
        found: Row | None = await _queries.select_declared(connection, mmsi=mmsi)
    return found


async def read_earlier(connection: Connection, mmsi: int, alert_id: UUID, count: int) -> list[Row]:
    """Other alerts about the vessel, newest first. Raises `StoreError`."""
    async with mapped_errors():
        return await _rows(
            _queries.select_earlier_alerts(connection, mmsi=mmsi, alert_id=alert_id, count=count)
        )


async def read_thumbnail(connection: Connection, image_hash: bytes) -> bytes | None:
    """The small version of a checkpoint's picture. Raises `StoreError`."""
    async with mapped_errors():
        found: bytes | None = await _queries.select_thumbnail(connection, image_hash=image_hash)
    return found


async def _rows(found: AsyncIterable[Row]) -> list[Row]:
    return [row async for row in found]
