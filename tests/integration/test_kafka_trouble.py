"""What a worker meets beside good records: bad ones, gaps, a second owner, a slow store."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition
from ingest_process import settled
from kafka_broker import installation
from kafka_traffic import (
    KEY,
    good,
    messages_of,
    producing,
    records_of,
    send,
    taken,
    until,
    what_stands,
    with_bad_item,
    worker,
    worker_process,
    working,
)
from store_content import digests

from ops.broker import Broker
from streams.contracts.records import VESSELS
from streams.kafka.client import options, topic_name
from streams.kafka.errors import UnknownTopic
from streams.topics.keys import partition_of
from streams.topics.registry import incoming

PLACE = partition_of(KEY, 12)
ALL = sum(topic.partitions for topic in incoming().values())


@pytest.fixture
async def store(layered_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(layered_url)
    yield connection
    await connection.close()


async def test_bad_records_are_parked_once_and_the_good_ones_pass(
    bootstrap: str, layered_url: str, store: asyncpg.Connection
) -> None:
    settings = installation(bootstrap)
    bad = [b"{", b'{"v":9,"feed":"ais","items":[]}', b"\0\xff" * 40]
    async with producing(settings) as producer:
        count = await send(
            settings,
            producer,
            [good(1), *((VESSELS.name, KEY, one) for one in bad), with_bad_item(2), good(4)],
        )
        async with working(worker(layered_url, settings)):
            await taken(store, count)
        count += await send(settings, producer, [good(5)])
        async with working(worker(layered_url, settings)):
            await taken(store, count)
    hashes = await store.fetch("select payload_hash from vessel_position order by 1")
    assert [row[0] for row in hashes] == [1, 3, 4, 5]
    parked = await store.fetch(
        """select source_id, source_offset, feed_id, reason, raw
        from rejected_message order by source_offset"""
    )
    where = f"{topic_name(settings, VESSELS.name)}/{PLACE}"
    assert [(row["source_id"], row["source_offset"], row["reason"]) for row in parked] == [
        (where, offset, "undecodable") for offset in (1, 2, 3, 4)
    ]
    assert [row["raw"] for row in parked[:3]] == bad
    assert b"121 degrees" in parked[3]["raw"]
    assert [row["feed_id"] for row in parked] == ["kafka", "kafka", "kafka", "ais"]


async def test_records_lost_before_they_were_taken_are_said_loudly(
    broker: Broker, layered_url: str, store: asyncpg.Connection
) -> None:
    settings = installation(broker.bootstrap)
    name = topic_name(settings, VESSELS.name)
    async with producing(settings) as producer:
        await send(settings, producer, [good(number) for number in range(4)])
        async with working(worker(layered_url, settings)):
            await taken(store, 4)
        await send(settings, producer, [good(number) for number in range(4, 10)])
        admin = AIOKafkaAdminClient(**options(settings))
        await admin.start()
        await admin.delete_records({TopicPartition(name, PLACE): RecordsToDelete(7)})
        await admin.close()
        async with working(worker(layered_url, settings)):
            await taken(store, 10)
    (row,) = await store.fetch("select stream_id, payload from event where kind = 'stream.gap'")
    assert row["stream_id"].endswith(f"/{name}/{PLACE}")
    told = json.loads(row["payload"])
    assert (told["first_missing"], told["goes_on_at"], told["reason"]) == (4, 7, "expired")
    kept = await store.fetch("select payload_hash from vessel_position order by 1")
    assert [row[0] for row in kept] == [0, 1, 2, 3, 7, 8, 9]


async def test_two_owners_of_the_same_partitions_cannot_both_commit(
    bootstrap: str, layered_url: str, store: asyncpg.Connection, recording: Path
) -> None:
    """As after a rebalance that one of them has not noticed: the store decides."""
    settings = installation(bootstrap)
    other = settings.model_copy(update={"kafka_group": f"{settings.kafka_group}-other"})
    async with producing(settings) as producer:
        messages = messages_of(recording)[:6000]
        first, second = (
            worker(layered_url, settings, batch=50),
            worker(layered_url, other, batch=70),
        )
        async with working(first), working(second):
            await until(lambda: first.held == second.held == ALL)
            count = await send(settings, producer, records_of(messages, together=10))
            await taken(store, count)
    both = digests(await what_stands(store))
    outcomes = dict(await store.fetch("select outcome, sum(n)::int from feed_count group by 1"))
    plain = {k: n for k, n in outcomes.items() if not k.startswith("flag_")}
    assert sum(plain.values()) == len(messages)
    assert both["positions"].startswith(f"{outcomes['position']} rows")


async def test_a_slow_store_holds_the_broker_back(
    bootstrap: str, layered_url: str, store: asyncpg.Connection
) -> None:
    settings = installation(bootstrap)
    one = worker(layered_url, settings, batch=10)
    async with producing(settings) as producer, working(one):
        await until(lambda: one.held == ALL)
        async with store.transaction():
            await store.execute("lock table stream_offset in exclusive mode")
            await send(settings, producer, [good(number) for number in range(2000)])
            await until(lambda: one.in_hand == 3 * 10)
            assert await one.lag() > 1500
        await taken(store, 2000)
    assert await store.fetchval("select count(*) from vessel_position") == 2000


async def test_topics_that_nobody_made_are_named(bootstrap: str, database_url: str) -> None:
    settings = installation(bootstrap)
    with pytest.raises(UnknownTopic, match=r"ais\.sentences: is not there; run"):
        await worker(database_url, settings).run()
    async with worker_process(database_url, settings) as run:
        assert await run.ended() == 2
    assert b"run `whistle topics create`" in run.errors


async def test_a_feed_that_comes_by_kafka_is_alive_on_the_register(
    bootstrap: str, layered_url: str, store: asyncpg.Connection
) -> None:
    settings = installation(bootstrap)
    async with producing(settings) as producer, working(worker(layered_url, settings)):
        await send(settings, producer, [good(1)])
        row: Any = await settled(
            store, "select s from feed_status s join feed using (feed_id)", lambda row: row
        )
    assert row["feed_id"] == "ais"
    assert row["connected"]
