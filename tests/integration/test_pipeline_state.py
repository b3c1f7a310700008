"""The way by the broker as the screen tells it: workers, a broker that is away, relays' spools."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from console_parts import coordinator
from ingest_process import free_port, sender, settled
from kafka_broker import installation
from kafka_traffic import worker, working
from killing import opened
from nmea import barge
from relay_process import RelayProcess, beside

from db.pipeline import RelayWord, end_worker, feed_beat, relay_told, worker_beat
from domain.clock import utc_now
from ops.broker import Broker
from streams.kafka.topics import create
from streams.topics.registry import topics

SEEN = "select count(*) from stream_worker where broker_lost_at is null"
LOST = "select count(*) from stream_worker where broker_lost_at is not null"
TOLD = "select count(*) from relay_status where relay = 'mast-1' and "


@pytest.fixture
async def store(layered_url: str) -> AsyncIterator[asyncpg.Connection]:
    async with opened(layered_url) as connection:
        yield connection


async def test_a_broker_that_is_away_and_what_the_relay_has_kept(
    broker: Broker, layered_url: str, store: asyncpg.Connection, tmp_path: Path
) -> None:
    kafka = installation(broker.bootstrap)
    await create(kafka, list(topics().values()))
    port = free_port()
    relay = RelayProcess(
        kafka,
        tmp_path / "spool",
        "--listen",
        f"127.0.0.1:{port}",
        WHISTLE_RELAY_NAME="mast-1",
        WHISTLE_RELAY_PATIENCE_S="0.5",
    )
    async with working(worker(layered_url, kafka)), relay:
        await settled(store, f"{TOLD} 'ais' = any (lost_feeds)", bool)
        _, receiver = await sender(port)
        await settled(store, f"{TOLD} lost_feeds = '{{}}'", bool)
        await settled(store, SEEN, bool)
        await beside(broker.kill)
        await settled(store, LOST, bool)
        for number in range(200):
            receiver.write(barge(mmsi=413_000_000 + number) + b"\r\n")
        await receiver.drain()
        await relay.until(broker="away", spool_messages=200)
        await beside(broker.start)
        await settled(store, SEEN, bool)
        await settled(store, "select count(*) from vessel_latest", lambda found: found == 200)
        await settled(store, f"{TOLD} waiting_messages = 0 and dropped_messages = 0", bool)
        receiver.close()
        assert await relay.terminate() == 0
        await settled(store, f"{TOLD} ended", bool)
    assert await store.fetchval("select count(*) from stream_worker") == 0


async def test_the_picture_has_workers_and_relays(pool: asyncpg.Pool) -> None:
    now = utc_now()
    late = RelayWord("mast-1", now - timedelta(seconds=9), 99, 9900, 10_000, 0, None)
    word = RelayWord("mast-1", now, 3, 4711, 10_000, 2, "disk full", ("ais-2",))
    gone = RelayWord("mast-2", now, 0, 0, 10_000, 0, None, ended=True)
    async with pool.acquire() as connection:
        await worker_beat(connection, "a", partitions=3, waiting=40, blind=False)
        await worker_beat(connection, "b", partitions=2, waiting=2, blind=True)
        lost = await connection.fetchval("select max(broker_lost_at) from stream_worker")
        await worker_beat(connection, "b", partitions=2, waiting=2, blind=True)
        await relay_told(connection, [word, gone])
        await relay_told(connection, [late])
        await feed_beat(connection, {"ais": (now, now), "ais-2": (now, None)})
        poller = coordinator(pool)
        await poller.step()
        shown = poller.snapshot
        assert shown is not None
        assert [(one.waiting, one.broker_lost_at) for one in shown.workers] == [
            (40, None),
            (2, pytest.approx(lost.timestamp(), abs=1e-3)),
        ]
        (relay,) = shown.relays
        assert (relay.name, relay.waiting_messages, relay.dropped_messages) == ("mast-1", 3, 2)
        assert relay.spool_fault == "disk full"
        assert [(one.feed_id, one.connected, one.queued) for one in shown.feeds] == [
            ("ais", True, 42),
            ("ais-2", False, 42),
        ]
        await worker_beat(connection, "b", partitions=2, waiting=2, blind=False)
        await end_worker(connection, "a", now - timedelta(hours=1))
        rest = await connection.fetch("select worker, broker_lost_at from stream_worker")
    assert [tuple(row) for row in rest] == [("b", None)]
