"""Feeds in the store: the register, counts, and cursors that two workers cannot both advance."""

from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest

from commands.register_feed import RegisterFeed, register_feed
from db import event, feed
from db.feed import Beat, CursorMove, CursorTaken, Feed
from db.pool import transaction
from db.snapshot import read_live

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STATION = Feed("ais", "ais", "岸站", "station", "127.0.0.1:10110")


async def test_the_register_keeps_what_it_said(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        assert await register_feed(connection, "test", RegisterFeed(STATION, NOON))
        assert not await register_feed(connection, "test", RegisterFeed(STATION, NOON))
        file = replace(STATION, address=None)
        assert not await register_feed(connection, "test", RegisterFeed(file, NOON))
        moved = replace(STATION, address="10.0.0.7:5000")
        assert await register_feed(connection, "test", RegisterFeed(moved, NOON))
        assert await feed.current_feeds(connection) == {"ais": moved}
        rows = await connection.fetch(
            "select address, recorded_to from feed order by recorded_from"
        )
        assert [row["address"] for row in rows] == [STATION.address, moved.address]
        kinds = [stored.kind for stored in await event.stream(connection, "feed", "ais")]
        assert kinds == ["feed.registered", "feed.changed"]


async def test_a_worker_that_heard_nothing_keeps_what_another_heard(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await feed.beat(connection, [Beat("ais", True, NOON, NOON)], queued=3, queue_limit=32)
        await feed.beat(connection, [Beat("ais", False, None, None)], queued=0, queue_limit=32)
        row = await connection.fetchrow("select * from feed_status")
    assert (row["last_sentence_at"], row["last_fix_at"], row["connected"]) == (NOON, NOON, False)


async def test_the_end_of_a_source_is_kept_until_it_is_read_again(pool: asyncpg.Pool) -> None:
    async def beat(*, ended: bool) -> asyncpg.Record:
        one = Beat("log", not ended, NOON, NOON, ended=ended)
        await feed.beat(connection, [one], queued=0, queue_limit=32)
        (row,) = (
            await read_live(
                connection,
                since=NOON,
                minutes_since=NOON,
                hour=NOON,
                day=NOON,
                decided_since=NOON,
                crossings=1,
            )
        ).feeds
        return row

    async with pool.acquire() as connection:
        assert (await beat(ended=False))["ended_at"] is None
        first = await beat(ended=True)
        assert first["ended_at"] == pytest.approx(first["recorded_at"], abs=1)
        assert (await beat(ended=True))["ended_at"] == first["ended_at"]
        assert (await beat(ended=False))["ended_at"] is None


async def test_counts_add_up(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        for _ in range(2):
            await feed.add_counts(
                connection, {("ais", NOON, "position"): 2, ("ais", NOON, "checksum"): 1}
            )
        await feed.add_counts(connection, {})
        rows = await connection.fetch("select outcome, n from feed_count order by 1")
    assert [tuple(row) for row in rows] == [("checksum", 2), ("position", 4)]


async def test_a_cursor_moves_from_where_it_stands(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as connection:
        assert await feed.cursor(connection, "ais", "file") == (0, ())
        await feed.move_cursor(connection, CursorMove("ais", "file", 0, 100, (40, 60)))
        assert await feed.cursor(connection, "ais", "file") == (100, (40, 60))
        assert await feed.offsets(connection, "ais") == {"file": 100}
    for stale in (0, 99, 101):
        with pytest.raises(CursorTaken, match="another worker"):
            async with transaction(pool) as connection:
                await feed.move_cursor(connection, CursorMove("ais", "file", stale, 200, ()))
