"""What was refused lies in the dead-letter topic, and can be sent again when the reason is gone."""

import asyncio
import json
import sys
from datetime import timedelta
from os import environ

import asyncpg
from aiokafka import AIOKafkaConsumer
from door_process import passage, prepare
from kafka_broker import environment, installation
from kafka_traffic import (
    KEY,
    Sent,
    good,
    producing,
    send,
    taken,
    with_bad_item,
    worker,
    working,
)

from domain.clock import utc_now
from streams.contracts.dead_letter import DEAD_LETTERS
from streams.contracts.records import VESSELS
from streams.kafka.client import options, topic_name
from streams.kafka.dead_letters import replay
from streams.settings import KafkaSettings
from streams.topics.registry import incoming


async def letters(settings: KafkaSettings, count: int) -> list[dict[str, object]]:
    """The first letters of the topic."""
    shared = options(settings)
    name = topic_name(settings, DEAD_LETTERS.name)
    consumer = AIOKafkaConsumer(name, **shared, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            return [json.loads((await consumer.getone()).value) for _ in range(count)]
    finally:
        await consumer.stop()


async def test_every_refused_record_has_a_letter(
    bootstrap: str, layered_url: str, pool: asyncpg.Pool
) -> None:
    settings = installation(bootstrap)
    bad = (VESSELS.name, KEY, b"{")
    async with producing(settings) as producer, pool.acquire() as store:
        count = await send(settings, producer, [good(1), bad, with_bad_item(2)])
        async with working(worker(layered_url, settings)):
            await taken(store, count)
    found = await letters(settings, 2)
    name = topic_name(settings, VESSELS.name)
    assert [(one["topic"], one["offset"]) for one in found] == [(name, 1), (name, 2)]
    assert found[0]["value"] == "ew=="
    assert "malformed" in str(found[0]["detail"]) or "truncated" in str(found[0]["detail"])


async def test_a_refused_reading_is_taken_once_its_point_is_registered(
    bootstrap: str, layered_url: str, pool: asyncpg.Pool
) -> None:
    settings = installation(bootstrap)
    body = passage("wj-1", "1", utc_now() - timedelta(minutes=1))
    told = json.dumps({"v": 1, "system": "wujiang", "body": body}).encode()
    sent: Sent = ("checkpoint.readings", b"wj-1", told)
    since = utc_now() - timedelta(minutes=5)
    topic = incoming()["checkpoint.readings"]
    async with producing(settings) as producer, pool.acquire() as store:
        count = await send(settings, producer, [sent])
        async with working(worker(layered_url, settings)):
            await taken(store, count)
            assert await store.fetchval("select count(*) from reading") == 0
            await prepare(pool)
            assert await replay(pool, settings, topic, since, send=False) == 1
            assert await replay(pool, settings, topic, since, send=True) == 1
            await taken(store, count + 1)
        assert await store.fetchval("select source_key from reading") == "1"


async def test_items_go_again_as_a_batch_of_one(
    bootstrap: str, layered_url: str, pool: asyncpg.Pool
) -> None:
    settings = installation(bootstrap)
    since = utc_now() - timedelta(minutes=5)
    async with producing(settings) as producer, pool.acquire() as store:
        count = await send(settings, producer, [with_bad_item(2)])
        async with working(worker(layered_url, settings)):
            await taken(store, count)
            command = ["-m", "ops.cli", "replay", "vessel.positions", "--since", since.isoformat()]
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                env={**environ, "DATABASE_URL": layered_url, **environment(settings)},
                stdout=asyncio.subprocess.PIPE,
            )
            told, _ = await process.communicate()
            assert (process.returncode, told) == (0, b"1 records sent to vessel.positions\n")
            await taken(store, count + 1)
        raws = await store.fetch("select raw, feed_id from rejected_message order by rejected_id")
    assert len(raws) == 2
    assert raws[0] == raws[1], "it is as bad as it was, and by itself"
