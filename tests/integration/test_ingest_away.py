"""The store goes away and comes back: nothing taken is lost, and senders are held back."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from ingest_process import IngestProcess, free_port, sender, settled
from nmea import barge
from store_proxy import Proxy

POSITIONS = "select count(*) from vessel_position"
COUNTED = """select coalesce(sum(n), 0)::int from feed_count
    where outcome in ('position', 'duplicate')"""
LIMIT = 2_000_000
"""Sentences: far more than all buffers on the way can hold."""


@pytest.fixture
async def store(layered_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(layered_url)
    yield connection
    await connection.close()


@pytest.fixture
async def wire(layered_url: str) -> AsyncIterator[Proxy]:
    proxy = Proxy(layered_url)
    await proxy.mend()
    yield proxy
    await proxy.cut()


def fix(number: int) -> bytes:
    return barge(mmsi=413000000 + number % 900, lon=120.9 + number / 1e5) + b"\n"


async def drained(writer: asyncio.StreamWriter) -> bool:
    """Whether the other side goes on reading."""
    try:
        async with asyncio.timeout(2):
            await writer.drain()
    except TimeoutError:
        return False
    return True


async def test_a_store_that_was_away_gets_everything(
    wire: Proxy, store: asyncpg.Connection
) -> None:
    port = free_port()
    async with IngestProcess(wire.url, "--listen", f"127.0.0.1:{port}") as run:
        _, writer = await sender(port)
        for number in range(500):
            writer.write(fix(number))
        await settled(store, POSITIONS, lambda n: n == 500)
        await wire.cut()
        for number in range(500, 1000):
            writer.write(fix(number))
        await writer.drain()
        await wire.mend()
        await settled(store, POSITIONS, lambda n: n == 1000)
        for number in range(1000, 1500):
            writer.write(fix(number))
        await settled(store, POSITIONS, lambda n: n == 1500)
        writer.close()
        assert await run.terminate() == 0
    log = run.errors.decode()
    assert log.count('"store.lost"') == log.count('"store.recovered"') <= 1


async def test_a_sender_is_held_back_while_the_store_is_away(
    wire: Proxy, store: asyncpg.Connection
) -> None:
    port = free_port()
    async with IngestProcess(
        wire.url,
        "--listen",
        f"127.0.0.1:{port}",
        WHISTLE_SOURCE_QUEUE_BATCHES="2",
        WHISTLE_BATCH_MESSAGES="50",
    ) as run:
        _, writer = await sender(port)
        writer.write(fix(0))
        await settled(store, POSITIONS, lambda n: n == 1)
        await wire.cut()
        sent = 1
        block = b"".join(fix(number) for number in range(900))
        while sent < LIMIT:
            writer.write(block)
            sent += 900
            if not await drained(writer):
                break
        assert sent < LIMIT, "nothing held the sender back"
        await wire.mend()
        await writer.drain()
        await settled(store, COUNTED, lambda n: n == sent, 240)
        writer.close()
        assert await run.terminate() == 0


async def test_a_statement_that_takes_too_long_is_tried_again(
    layered_url: str, store: asyncpg.Connection
) -> None:
    """Somebody holds a table for longer than a statement may last, twice over."""
    waiting = """select max(pid) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database() and pid <> all($1)"""
    port = free_port()
    async with IngestProcess(
        layered_url, "--listen", f"127.0.0.1:{port}", WHISTLE_STATEMENT_TIMEOUT_S="1"
    ) as run:
        _, writer = await sender(port)
        seen: list[int] = []
        async with asyncpg.create_pool(layered_url, min_size=1, max_size=1) as other:
            async with store.transaction():
                await store.execute("lock table vessel_latest")
                for number in range(500):
                    writer.write(fix(number))
                await writer.drain()
                async with asyncio.timeout(60):
                    while len(seen) < 3:  # each try comes on a new connection
                        pid = await other.fetchval(waiting, seen)
                        seen += [pid] if pid else []
                        await asyncio.sleep(0.01)
            assert run.process.returncode is None
        await settled(store, POSITIONS, lambda n: n == 500)
        for number in range(500, 600):
            writer.write(fix(number))
        await settled(store, POSITIONS, lambda n: n == 600)
        writer.close()
        assert await run.terminate() == 0
    log = run.errors.decode()
    assert log.count('"store.lost"') == log.count('"store.recovered"') == 1
    assert await store.fetchval(COUNTED) == 600


async def test_a_stop_that_cannot_store_says_so(wire: Proxy, store: asyncpg.Connection) -> None:
    port = free_port()
    async with IngestProcess(wire.url, "--listen", f"127.0.0.1:{port}", WHISTLE_STOP_S="1") as run:
        _, writer = await sender(port)
        writer.write(fix(0))
        await settled(store, POSITIONS, lambda n: n == 1)
        await wire.cut()
        writer.write(fix(1))
        await writer.drain()
        assert await run.terminate() == 2
        writer.close()
    assert "the store could not be reached within 1 s" in run.errors.decode().splitlines()[-1]


async def test_an_ingest_started_before_its_store_waits(
    wire: Proxy, store: asyncpg.Connection
) -> None:
    await wire.cut()
    port = free_port()
    async with IngestProcess(wire.url, "--listen", f"127.0.0.1:{port}") as run:
        _, writer = await sender(port)
        writer.write(fix(0))
        await writer.drain()
        await wire.mend()
        await settled(store, POSITIONS, lambda n: n == 1)
        writer.close()
        assert await run.terminate() == 0
