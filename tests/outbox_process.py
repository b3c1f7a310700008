"""`whistle outbox` as a process and in this loop, and what has come to the broker of it."""

import asyncio
import os
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from ingest_process import free_port
from kafka_broker import environment, installation
from outgoing_events import contract_of, outgoing
from relay_process import ask

from streams.kafka.client import options, topic_name
from streams.kafka.topics import create
from streams.outbox.kafka import KafkaChannel
from streams.outbox.outbox import Outbox
from streams.settings import KafkaSettings, OutboxSettings
from streams.topics.keys import partition_of
from streams.topics.registry import topics

TOPICS = outgoing(topics())
QUICK = OutboxSettings(outbox_poll_s=0.05, outbox_takeover_s=1, outbox_patience_s=0.5)


async def with_topics(bootstrap: str) -> KafkaSettings:
    """An installation that has the two topics."""
    made = installation(bootstrap)
    await create(made, TOPICS)
    return made


@asynccontextmanager
async def sending(
    url: str, kafka: KafkaSettings, settings: OutboxSettings = QUICK
) -> AsyncIterator[Outbox]:
    """An outbox that runs in this loop and is stopped in order at the end."""
    made = Outbox(url, [KafkaChannel(kafka)], settings)
    running = asyncio.create_task(made.run())
    try:
        yield made
        made.stop()
        async with asyncio.timeout(60):
            await running
    finally:
        running.cancel()
        await asyncio.wait([running])


async def until(holds: Callable[[], bool], timeout_s: float = 60) -> None:
    """Wait for what an outbox in this loop comes to."""
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110 - changes in another task
            await asyncio.sleep(0.02)


async def all_sent(store: asyncpg.Connection, timeout_s: float = 60) -> None:
    """Wait until nothing waits in the store."""
    async with asyncio.timeout(timeout_s):
        while await store.fetchval(  # noqa: ASYNC110 - in the store
            "select exists (select from outbox where sent_at is null and dead_at is null)"
        ):
            await asyncio.sleep(0.03)


class OutboxProcess:
    """One run of the command; use it as a context that kills what is left."""

    def __init__(self, url: str, kafka: KafkaSettings, **more: str) -> None:
        self.port = free_port()
        quick = {f"WHISTLE_{name.upper()}": str(value) for name, value in QUICK}
        self._settings = {**environment(kafka), **quick, "DATABASE_URL": url, **more}
        self.errors = b""

    async def __aenter__(self) -> "OutboxProcess":
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ops.cli",
            "outbox",
            "--metrics",
            f"127.0.0.1:{self.port}",
            env={**os.environ, **self._settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.ended()

    async def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        await self.ended()

    async def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        assert self.process.stderr is not None
        self.errors += await self.process.stderr.read()
        return await self.process.wait()

    async def said(self, path: str, holds: Callable[[int, str], bool]) -> str:
        """The body at `path` once status and body hold."""
        async with asyncio.timeout(60):
            while True:
                try:
                    status, body = await ask(self.port, path.encode())
                    if holds(status, body.decode()):
                        return body.decode()
                except OSError:
                    pass  # not there yet
                await asyncio.sleep(0.03)


@dataclass(frozen=True)
class Told:
    """One record of the log."""

    topic: str
    key: str
    event: Any


async def log_of(kafka: KafkaSettings, *wanted: str, timeout_s: float = 60) -> list[Told]:
    """All records of the two topics, once those with the `wanted` ids are there; in order per key.

    Contracts, headers, keys and partitions are asserted.
    """
    names = {topic_name(kafka, one.name): one for one in TOPICS}
    consumer = AIOKafkaConsumer(**options(kafka), enable_auto_commit=False)
    await consumer.start()
    found: list[Told] = []
    try:
        places = [
            TopicPartition(name, n) for name, one in names.items() for n in range(one.partitions)
        ]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        async with asyncio.timeout(timeout_s):
            while not set(wanted) <= {one.event.id for one in found} or not await at_end(
                consumer, places
            ):
                for place, records in (await consumer.getmany(timeout_ms=100)).items():
                    found += [checked(names[place.topic].name, place, one) for one in records]
    finally:
        await consumer.stop()
    return found


async def at_end(consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> bool:
    ends = await consumer.end_offsets(places)
    return all([await consumer.position(place) >= ends[place] for place in places])


def checked(name: str, place: TopicPartition, record: Any) -> Told:
    """The record is what was published, where its key says."""
    event = contract_of(name).decode(record.value)
    assert record.headers == (("content-type", b"application/cloudevents+json"),)
    assert partition_of(record.key, 6) == place.partition
    assert event.subject == record.key.decode()
    return Told(name, record.key.decode(), event)


async def in_order(store: asyncpg.Connection, log: list[Told]) -> int:
    """Every message that was sent is in the log, first seen in the order it was written.

    How many are there more than once.
    """
    rows = await store.fetch(
        "select destination, ordering_key, message_id from outbox where sent_at is not null"
        " order by outbox_id"
    )
    written: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        written[row["destination"], row["ordering_key"]].append(row["message_id"])
    first: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in log:
        if one.event.id not in first[one.topic, one.key]:
            first[one.topic, one.key].append(one.event.id)
    assert first == written
    return len(log) - len(rows)
