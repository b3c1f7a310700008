"""Compaction meets readers, writers, other workers and its own death."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
import structlog
from compacted_day import (
    DAY,
    FIXES,
    LATER,
    NOON,
    VESSELS,
    command,
    compaction,
    filled,
    fixes,
    whole_day,
    write,
)

from commands import compact_positions
from commands.compact_positions import BlockMismatch, Compacted, compact_day
from commands.pin_positions import PinPositions, pin_positions
from db.errors import StoreConflict, StoreError
from db.pool import connect
from db.position import (
    partitions,
)
from db.track import fixes_between
from domain.positions import FixFlag
from streams.partitions import Partitions


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    return await filled(pool)


async def test_killed_in_the_midst_it_leaves_the_day_as_it_was(
    store: asyncpg.Pool, database_url: str
) -> None:
    connection = await connect(database_url, application="victim")
    async with store.acquire() as other:
        before = await whole_day(other, VESSELS[0])

        def kill(vessels: int, _rows: int) -> None:
            if vessels >= 16:
                connection.terminate()

        with pytest.raises(StoreError):
            await compact_day(connection, "test", command(), kill)
        assert await other.fetchval("select count(*) from position_block") == 0
        assert await whole_day(other, VESSELS[0]) == before
        done = None
        while done is None:  # the server may still hold the claim of the one that died
            done = await compact_day(other, "test", command())
        assert done.rows == 2400
        assert await whole_day(other, VESSELS[0]) == before


async def test_of_two_at_once_one_does_it(store: asyncpg.Pool, database_url: str) -> None:
    found = await asyncio.gather(*(compaction(database_url).run() for _ in range(3)))
    done = [one for each in found for one in each]
    assert sorted(one.rows for one in done) == [3, 2400]
    assert await store.fetchval("select count(*) from position_block") == 21


async def test_a_reader_sees_every_fix_at_every_moment(
    store: asyncpg.Pool, database_url: str
) -> None:
    async with store.acquire() as connection:
        before = await whole_day(connection, VESSELS[5])
        work = asyncio.create_task(compaction(database_url).run())
        looks = 0
        while not work.done() or not looks:
            assert await whole_day(connection, VESSELS[5]) == before
            looks += 1
        assert len(await work) == 2
        assert await whole_day(connection, VESSELS[5]) == before


async def test_a_day_in_use_is_waited_for(store: asyncpg.Pool, database_url: str) -> None:
    reached = asyncio.Event()
    async with store.acquire() as reader, store.acquire() as connection:
        held = reader.transaction()
        await held.start()
        await reader.fetchval("select count(*) from vessel_position")
        work = asyncio.create_task(
            compact_day(connection, "test", command(), lambda *_: reached.set())
        )
        await reached.wait()
        blocked = "select count(*) from pg_locks where not granted"
        while not await store.fetchval(blocked):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.05)
        assert await reader.fetchval("select count(*) from vessel_position") == 2403
        await held.rollback()
        done = await work
        assert isinstance(done, Compacted)


async def test_a_fix_that_comes_meanwhile_puts_the_day_off(
    store: asyncpg.Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved = compact_positions._prove
    late = fixes(VESSELS[0], 1, begin=NOON + timedelta(hours=3))

    async def meanwhile(*args) -> None:
        await proved(*args)
        monkeypatch.undo()
        async with store.acquire() as writer:
            await write(writer, late)

    monkeypatch.setattr(compact_positions, "_prove", meanwhile)
    async with store.acquire() as connection:
        with pytest.raises(StoreConflict, match="more fixes"):
            await compact_day(connection, "test", command())
        assert await connection.fetchval("select count(*) from position_block") == 0
        done = await compact_day(connection, "test", command())
        assert done is not None
        assert done.rows == 2401


async def test_a_pin_that_comes_meanwhile_puts_the_day_off(
    store: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved = compact_positions._prove

    async def meanwhile(*args) -> None:
        await proved(*args)
        monkeypatch.undo()
        async with store.acquire() as other:
            until = NOON + timedelta(minutes=1)
            pin = PinPositions(uuid4(), VESSELS[9], NOON, until, "incident", "i-2", LATER)
            assert await pin_positions(other, "test", pin)

    monkeypatch.setattr(compact_positions, "_prove", meanwhile)
    async with store.acquire() as connection:
        with pytest.raises(StoreConflict, match="stay exact"):
            await compact_day(connection, "test", command(60))
        assert await compact_day(connection, "test", command(60)) is not None
        left = await fixes_between(connection, VESSELS[9], NOON, NOON + timedelta(minutes=1))
        assert len(left) == 7


async def test_a_block_that_lies_is_found_and_the_rows_stay(
    store: asyncpg.Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = compact_positions.encode

    def wrong(one):
        other = one._replace(rows=one.rows.copy())
        other.rows["lon"][-1] += 1e-6
        return right(other)

    monkeypatch.setattr(compact_positions, "encode", wrong)
    with structlog.testing.capture_logs() as logs:
        await compaction(database_url).attempt()  # as the ingest does it: it has to live on
    assert [entry["action"] for entry in logs] == ["compaction.failed"]
    async with store.acquire() as connection:
        with pytest.raises(BlockMismatch):
            await compact_day(connection, "test", command())
        assert await connection.fetchval("select count(*) from vessel_position") == 2403
        assert await connection.fetchval("select count(*) from position_block") == 0


@pytest.mark.parametrize("metres", [0.0, 60.0])
async def test_a_fix_that_waited_too_long_joins_the_block(
    store: asyncpg.Pool, database_url: str, metres: float
) -> None:
    settings = {"compact_thin_m": metres}
    async with store.acquire() as connection:
        days = Partitions(0, timedelta(days=3))
        await days.make_ahead(connection, LATER)
        await compaction(database_url, **settings).run()
        before = await whole_day(connection, VESSELS[0])
        late = fixes(VESSELS[0], 2, begin=NOON + timedelta(seconds=5), flags=int(FixFlag.LATE))
        stranger = fixes(7, 1)
        again = fixes(VESSELS[0])[:1]  # what the block has already
        await days._make(connection, {DAY})
        await write(connection, late, stranger, again)
        seen = await whole_day(connection, VESSELS[0])
        assert len(seen) == len(before) + 2
        (done,) = await compaction(database_url, **settings).run()
        assert (done.vessels, done.rows) == (2, 4)
        assert "vessel_position_20260504" not in await partitions(connection)
        joined = await whole_day(connection, VESSELS[0])
        key = [(one.t, one.payload_hash, one.lon, one.flags, one.feed_id) for one in joined]
        assert key == [(one.t, one.payload_hash, one.lon, one.flags, one.feed_id) for one in seen]
        assert len(await whole_day(connection, 7)) == 1
        heard = await connection.fetchval(
            "select heard from position_block where mmsi = $1 and day = $2", VESSELS[0], DAY
        )
        assert heard >= FIXES + 2
