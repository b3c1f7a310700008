"""Positions in the store: partitions by UTC day, staging, unknown values, the latest fix."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import asyncpg
import numpy as np
import pytest

from db.errors import StoreConflict, StoreUnavailable, store_error
from db.pool import create_pool
from db.position import (
    copy_positions,
    days_ahead,
    days_kept,
    drop_partition,
    make_partitions,
    make_stage,
    partitions,
    stored_keys,
    upsert_latest,
)
from db.position_wire import batch_rows, set_times
from domain.positions import Fix, FixFlag
from streams.contracts.messages import PositionMessage, Sentence
from streams.partitions import Partitions

MIDNIGHT = datetime(2026, 5, 4, tzinfo=UTC)


def batch(*fixes: tuple[int, float, int], flags: int = 0) -> np.ndarray:
    """Fixes as (mmsi, seconds from midnight, hash)."""
    rows = batch_rows(len(fixes))
    rows["mmsi"] = [mmsi for mmsi, _, _ in fixes]
    set_times(rows, np.array([MIDNIGHT.timestamp() + seconds for _, seconds, _ in fixes]))
    rows["payload_hash"] = [hashed for _, _, hashed in fixes]
    rows["lon"], rows["lat"] = 120.9, 31.0
    rows["sog_kn"], rows["cog_deg"], rows["heading_deg"], rows["nav_status"] = np.nan, 0.0, -1, 0
    rows["message_type"], rows["feed"], rows["district"], rows["flags"] = 18, 1, 1, flags
    return rows


async def test_partitions_are_whole_utc_days(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await make_partitions(connection, [date(2026, 5, 4), date(2026, 5, 3), date(2026, 5, 4)])
        assert await partitions(connection) == [
            "vessel_position_20260503",
            "vessel_position_20260504",
        ]
        rows = batch((1, -1, 1), (1, 0, 2), (1, 86_399, 3))
        await copy_positions(connection, rows, ["ais"], MIDNIGHT)
        days = await connection.fetch(
            "select tableoid::regclass::text as day, count(*) as n from vessel_position group by 1"
        )
        assert {row["day"]: row["n"] for row in days} == {
            "vessel_position_20260503": 1,
            "vessel_position_20260504": 2,
        }
    assert days_ahead(datetime.fromisoformat("2026-05-04T07:00+08:00"), 1) == [
        date(2026, 5, 3),
        date(2026, 5, 4),
    ]


async def test_workers_make_the_same_day_without_a_quarrel(
    database_url: str, pool: asyncpg.Pool
) -> None:
    workers = await asyncio.gather(*(create_pool(database_url, size=1) for _ in range(4)))
    try:

        async def make(worker: asyncpg.Pool) -> None:
            async with worker.acquire() as connection:
                await Partitions(3, timedelta(days=30)).make_ahead(connection, MIDNIGHT)

        await asyncio.gather(*(make(worker) for worker in workers))
    finally:
        await asyncio.gather(*(worker.close() for worker in workers))
    async with pool.acquire() as connection:
        assert len(await partitions(connection)) == 4


async def test_a_day_that_another_process_took_is_made_again_when_a_fix_needs_it(
    pool: asyncpg.Pool,
) -> None:
    def fix(t: datetime) -> PositionMessage:
        sentence = Sentence("ais", t, b"")
        return PositionMessage(sentence, Fix(1, t, 1, 120.9, 31.0, 18))

    one = Partitions(0, timedelta(days=3))
    async with pool.acquire() as connection:
        for now in (MIDNIGHT, MIDNIGHT + timedelta(days=9)):
            await one.make_ahead(connection, now)
            await one.make_for(connection, [fix(MIDNIGHT)])
            days = await days_kept(connection)
            assert days[0] == MIDNIGHT.date()
        assert days == [MIDNIGHT.date(), MIDNIGHT.date() + timedelta(days=9)]
        assert await drop_partition(connection, MIDNIGHT.date())
        assert not await drop_partition(connection, MIDNIGHT.date())
        await one.make_for(connection, [fix(MIDNIGHT)])
        assert await days_kept(connection) == days
        await Partitions(0, timedelta.max).make_ahead(connection, MIDNIGHT)


async def test_a_held_table_only_puts_the_drop_off(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection, pool.acquire() as holder:
        await make_partitions(connection, [MIDNIGHT.date()])
        async with holder.transaction():
            await holder.execute("select count(*) from vessel_position")
            with pytest.raises(asyncpg.LockNotAvailableError) as refused:
                await drop_partition(connection, MIDNIGHT.date())
        mapped = store_error(refused.value)
        assert mapped is not None
        assert mapped.retriable
        assert await drop_partition(connection, MIDNIGHT.date())
        assert await partitions(connection) == []


async def test_unknown_is_null_and_a_repeat_is_a_conflict(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await make_partitions(connection, [MIDNIGHT.date()])
        rows = batch((1, 5, 7), (1, 5, 8))
        await copy_positions(connection, rows, ["north"], MIDNIGHT)
        again = batch((1, 6, 1), (1, 5, 8))
        with pytest.raises(StoreConflict, match="stored by another worker meanwhile"):
            await copy_positions(connection, again, ["north"], MIDNIGHT)
        assert await connection.fetchval("select count(*) from vessel_position") == 2
        row = await connection.fetchrow("select * from vessel_position where payload_hash = 7")
        assert row["t"] == MIDNIGHT + timedelta(seconds=5)
        assert row["recorded_at"] == MIDNIGHT
        assert (row["sog_kn"], row["heading_deg"]) == (None, None)
        assert (row["cog_deg"], row["nav_status"], row["feed_id"]) == (0.0, 0, "north")
        keys = [(1, row["t"], 7), (1, row["t"], 9), (2, row["t"], 7)]
        assert await stored_keys(connection, keys) == {keys[0]}


async def test_latest_is_the_newest_trusted_fix(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await make_stage(connection)

        async def latest(rows: np.ndarray) -> int:
            async with connection.transaction():
                await upsert_latest(connection, rows, ["ais"], ["JINZE"], ["310118", "outside"])
            t = await connection.fetchval("select t from vessel_latest where mmsi = 1")
            return round((t - MIDNIGHT).total_seconds())

        assert await latest(batch((1, 10, 1), (1, 30, 2), (1, 20, 3), (2, 99, 4))) == 30
        assert await latest(batch((1, 25, 5))) == 30
        for flag in (FixFlag.LATE, FixFlag.JUMP, FixFlag.CLONE):
            assert await latest(batch((1, 60, 6), flags=int(flag))) == 30
        assert await latest(batch((1, 61, 7), flags=int(FixFlag.FAST))) == 61
        assert await connection.fetchval("select count(*) from vessel_latest") == 2


async def test_what_the_server_says_has_a_name() -> None:
    assert isinstance(store_error(ConnectionRefusedError()), StoreUnavailable)
    assert isinstance(store_error(asyncpg.TooManyConnectionsError("full")), StoreUnavailable)
    deadlock = store_error(asyncpg.DeadlockDetectedError("deadlock"))
    assert deadlock is not None
    assert deadlock.retriable
    refused = store_error(asyncpg.CheckViolationError("no"))
    assert refused is not None
    assert not refused.retriable
    assert store_error(ValueError("ours")) is None
