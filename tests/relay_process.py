"""`whistle relay` as a process of its own, and what has come to the broker."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from ingest_process import free_port
from kafka_broker import environment

from streams.contracts.messages import Message, PositionMessage, StaticMessage
from streams.contracts.records import RECEIVERS, VESSELS, read
from streams.kafka.client import options, topic_name
from streams.settings import KafkaSettings
from streams.topics.keys import partition_of, vessel_key

_KEEPER = ThreadPoolExecutor(1, "broker-keeper")
"""A child dies with the thread that has started it: this one lives as long as the run."""


async def beside(work: Callable[[], None]) -> None:
    """Start, stop or kill a broker while the test goes on."""
    await asyncio.get_running_loop().run_in_executor(_KEEPER, work)


class RelayProcess:
    """One run of the command; use it as a context that kills what is left."""

    def __init__(self, kafka: KafkaSettings, spool: Path, *arguments: str, **more: str) -> None:
        self.port = free_port()
        self._arguments = [*arguments, "--metrics", f"127.0.0.1:{self.port}"]
        self._settings = {**environment(kafka), "WHISTLE_RELAY_SPOOL": str(spool), **more}
        self.errors = b""

    async def __aenter__(self) -> "RelayProcess":
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ops.cli",
            "relay",
            *self._arguments,
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

    async def ready(self) -> tuple[int, dict[str, object]]:
        """Status and body of /healthz/ready, once it answers at all."""
        async with asyncio.timeout(60):
            while True:
                try:
                    status, body = await ask(self.port, b"/healthz/ready")
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    return status, json.loads(body)

    async def until(self, **wanted: object) -> dict[str, object]:
        """What /healthz/ready says once it says this."""
        async with asyncio.timeout(90):
            while True:
                _, said = await self.ready()
                if wanted.items() <= said.items():
                    return said
                await asyncio.sleep(0.05)


async def ask(port: int, path: bytes, *, method: bytes = b"GET") -> tuple[int, bytes]:
    """Status and body of an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(method + b" " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read()
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head:
        raise ConnectionResetError
    return int(head.split()[1]), body


@dataclass
class Delivered:
    """The records of the relay's two topics, from the first on, each checked as it is read."""

    messages: list[Message] = field(default_factory=list)
    records: int = 0

    def of(self, mmsi: int) -> list[PositionMessage]:
        """The fixes of a vessel in the order of the log."""
        return [
            one
            for one in self.messages
            if isinstance(one, PositionMessage) and one.fix.mmsi == mmsi
        ]


async def delivered(kafka: KafkaSettings, count: int, timeout_s: float = 60) -> Delivered:
    """Everything there is once `count` messages are; raises `TimeoutError`.

    Keys, partitions and contracts are asserted.
    """
    found = Delivered()
    names = {topic_name(kafka, one.name): one for one in (VESSELS, RECEIVERS)}
    shared = options(kafka)
    consumer = AIOKafkaConsumer(**shared, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [
            TopicPartition(name, n)
            for name in names
            for n in sorted(await partitions(consumer, name))
        ]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        async with asyncio.timeout(timeout_s):
            while len(found.messages) < count or any(
                [await consumer.position(place) < ends[place] for place in places]
            ):
                batches = await consumer.getmany(timeout_ms=200)
                for place, records in batches.items():
                    for record in records:
                        contents = read(names[place.topic], record.value)
                        assert not contents.faults
                        check(place, len([p for p in places if p.topic == place.topic]), record)
                        found.messages += contents.messages
                        found.records += 1
                ends = await consumer.end_offsets(places)
    finally:
        await consumer.stop()
    return found


async def partitions(consumer: AIOKafkaConsumer, name: str) -> set[int]:
    """Numbers of a topic's partitions."""
    found = await consumer._client._wait_on_metadata(name)
    return set(found)


def check(place: TopicPartition, count: int, record: object) -> None:
    """The record is where its key says, and so is every vessel in it."""
    key = record.key  # type: ignore[attr-defined]
    assert partition_of(key, count) == place.partition
    if place.topic.endswith(VESSELS.name):
        vessels = [
            one.fix.mmsi if isinstance(one, PositionMessage) else one.report.mmsi
            for one in read(VESSELS, record.value).messages  # type: ignore[attr-defined]
            if isinstance(one, PositionMessage | StaticMessage)
        ]
        assert vessel_key(vessels[0]) == key
        assert {partition_of(vessel_key(one), count) for one in vessels} == {place.partition}
