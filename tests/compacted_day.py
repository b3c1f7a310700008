"""A day of twenty barges in the store, old enough to be compacted."""

from datetime import UTC, datetime, timedelta

import asyncpg
import numpy as np

from commands.compact_positions import CompactDay
from db.position import copy_positions, make_partitions
from db.position_wire import batch_rows, set_times
from db.track import StoredPosition, fixes_between
from domain.clock import utc_now
from domain.thinning import Bound
from streams.compaction import Compaction
from streams.settings import StorageSettings

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = NOON.date()
VESSELS = [413_000_001 + n for n in range(20)]
FIXES = 120
ABOUT = timedelta(minutes=2)
LATER = NOON + timedelta(days=9)


def fixes(mmsi: int, count: int = FIXES, *, begin: datetime = NOON, flags: int = 0) -> np.ndarray:
    """A barge under way, every ten seconds, with the noise of its receiver."""
    random = np.random.default_rng(mmsi)
    rows = batch_rows(count)
    rows["mmsi"] = mmsi
    set_times(rows, begin.timestamp() + 10.0 * np.arange(count))
    rows["payload_hash"] = random.integers(-(2**63), 2**63 - 1, count)
    rows["lon"] = np.rint(120.9e6 + np.arange(count) * 300 + random.normal(0, 15, count)) / 1e6
    rows["lat"] = np.rint(31.0e6 + random.normal(0, 15, count)) / 1e6
    rows["sog_kn"] = np.round(random.normal(5, 0.1, count), 1)
    rows["cog_deg"] = np.nan if mmsi % 2 else np.round(random.normal(90, 2, count), 1)
    rows["heading_deg"], rows["nav_status"] = -1, 0
    rows["message_type"], rows["feed"], rows["district"], rows["flags"] = 1, 1 + mmsi % 2, 1, flags
    return rows


async def write(connection: asyncpg.Connection, *parts: np.ndarray) -> None:
    rows = batch_rows(sum(len(part) for part in parts))
    place = 0
    for part in parts:  # numpy's own joining would turn the bytes of the wire round
        rows[place : place + len(part)] = part
        place += len(part)
    await copy_positions(connection, rows, ["north", "岸站"], utc_now())


async def whole_day(connection: asyncpg.Connection, mmsi: int) -> list[StoredPosition]:
    return await fixes_between(connection, mmsi, NOON - timedelta(days=1), NOON + timedelta(days=1))


def command(metres: float = 0.0) -> CompactDay:
    return CompactDay(DAY, Bound(metres) if metres else None, ABOUT, LATER)


def compaction(url: str, at: datetime = LATER, **settings: float) -> Compaction:
    return Compaction(url, timedelta(days=3), StorageSettings(**settings), now=lambda: at)


async def filled(pool: asyncpg.Pool) -> asyncpg.Pool:
    """A day of twenty vessels in its partition, and one of the day after."""
    async with pool.acquire() as connection:
        await make_partitions(connection, [DAY, DAY + timedelta(days=1)])
        await write(connection, *(fixes(mmsi) for mmsi in VESSELS))
        await write(connection, fixes(VESSELS[0], 3, begin=NOON + timedelta(days=1)))
    return pool
