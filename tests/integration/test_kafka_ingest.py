"""Ingest from a real Kafka: the same content as by direct calls, whatever the workers suffer."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from kafka_broker import installation
from kafka_traffic import (
    Sent,
    messages_of,
    producing,
    records_of,
    send,
    taken,
    until,
    what_stands,
    worker,
    worker_process,
    working,
)
from killing import opened
from store_content import digests, ingest

from ops.broker import Broker
from streams.inputs import Input
from streams.sources.file import FileSource


@pytest.fixture
async def store(layered_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(layered_url)
    yield connection
    await connection.close()


@pytest.fixture
async def direct(second_url: str, recording: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the recording leaves in the store without Kafka."""
    async with opened(second_url) as store:
        await ingest(second_url, Input(FileSource(recording, feed_id="ais"), "file", None)).run()
        return await what_stands(store)


async def test_by_kafka_the_store_holds_what_it_holds_without(
    bootstrap: str,
    layered_url: str,
    store: asyncpg.Connection,
    recording: Path,
    direct: dict[str, Any],
) -> None:
    settings = installation(bootstrap)
    async with producing(settings) as producer:
        count = await send(settings, producer, records_of(messages_of(recording)))
    async with working(worker(layered_url, settings)):
        await taken(store, count)
    found = await what_stands(store)
    assert len(found["crossings"]) > 3
    assert digests(found) == digests(direct)
    assert found == direct


async def test_killed_at_random_it_goes_on_where_the_store_stands(
    bootstrap: str,
    layered_url: str,
    store: asyncpg.Connection,
    recording: Path,
    direct: dict[str, Any],
) -> None:
    settings = installation(bootstrap, kafka_session_s=2)
    chance = random.Random(7)
    async with producing(settings) as producer:
        count = await send(settings, producer, records_of(messages_of(recording), together=10))
    for share in (0.2, 0.5, 0.8):
        async with worker_process(layered_url, settings, chance.choice([60, 200])) as run:
            await taken(store, int(count * share))
            run.process.kill()
    async with working(worker(layered_url, settings)):
        await taken(store, count)
    assert digests(await what_stands(store)) == digests(direct)


async def test_workers_come_and_go_and_nothing_is_done_twice(
    broker: Broker,
    layered_url: str,
    store: asyncpg.Connection,
    recording: Path,
    direct: dict[str, Any],
) -> None:
    settings = installation(broker.bootstrap, kafka_session_s=2)
    parts = quarters(list(records_of(messages_of(recording), together=10)))
    first, second = (worker(layered_url, settings, batch=100) for _ in range(2))
    async with producing(settings) as producer:
        async with working(first):
            count = await send(settings, producer, parts[0])
            await taken(store, count // 2)
            async with working(second):
                count += await send(settings, producer, parts[1])
                await until(lambda: min(first.held, second.held) >= 12)
                count += await send(settings, producer, parts[2])
                await taken(store, count - len(parts[2]) // 2)
            count += await send(settings, producer, parts[3])
            await taken(store, count)
        assert second.stored > 0
    assert digests(await what_stands(store)) == digests(direct)


async def test_a_broker_that_dies_and_comes_back_loses_nothing(
    broker: Broker,
    layered_url: str,
    store: asyncpg.Connection,
    recording: Path,
    direct: dict[str, Any],
) -> None:
    settings = installation(broker.bootstrap)
    parts = quarters(list(records_of(messages_of(recording), together=10)))
    async with working(worker(layered_url, settings, batch=100)):
        async with producing(settings) as producer:
            count = await send(settings, producer, parts[0] + parts[1])
        await taken(store, count // 2)
        broker.kill()
        broker.start()
        async with producing(settings) as producer:
            count += await send(settings, producer, parts[2] + parts[3])
        await taken(store, count)
    assert digests(await what_stands(store)) == digests(direct)


def quarters(sent: list[Sent]) -> list[list[Sent]]:
    size = -(-len(sent) // 4)
    return [sent[start : start + size] for start in range(0, 4 * size, size)]
