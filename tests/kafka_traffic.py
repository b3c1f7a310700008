"""A recording on its way through Kafka, as a relay brings it there, and a worker that takes it."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from ingest_process import IngestProcess, settled
from kafka_broker import environment
from nmea import barge
from store_content import LONG_AGO, content

from domain.clock import utc_now
from domain.positions import Fix
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Message, PositionMessage, Sentence, StaticMessage
from streams.contracts.records import RECEIVERS, VESSELS, encode_receiver, encode_vessels
from streams.kafka.client import options, topic_name
from streams.kafka.ingest import KafkaIngest
from streams.kafka.topics import create
from streams.settings import IngestSettings, KafkaSettings
from streams.sources.lines import LineSplitter
from streams.topics.keys import partition_of, vessel_key
from streams.topics.registry import topics

Sent = tuple[str, bytes, bytes]
"""(topic without prefix, key, value)."""
PARTITIONS = topics()[VESSELS.name].partitions


def messages_of(path: Path, feed_id: str = "ais") -> list[Message]:
    """What a file source and its decoder make of a recording."""
    splitter = LineSplitter(feed_id, offset=0)
    now = utc_now()
    decoder = AisDecoder(now=utc_now, retention=LONG_AGO.retention)
    lines = splitter.feed(path.read_bytes(), now) + splitter.finish(now)
    return [m for line in lines for m in decoder.decode(line)] + decoder.flush()


def records_of(messages: Iterable[Message], *, together: int = 40) -> Iterator[Sent]:
    """Records of at most `together` messages, each vessel's in order."""
    open_: dict[int | None, list[Message]] = defaultdict(list)
    for message in messages:
        place = None
        if isinstance(message, PositionMessage | StaticMessage):
            place = partition_of(vessel_key(_mmsi(message)), PARTITIONS)
        open_[place].append(message)
        if len(open_[place]) == together:
            yield _record(place, open_.pop(place))
    for place, rest in open_.items():
        yield _record(place, rest)


def _record(place: int | None, messages: list[Message]) -> Sent:
    feed_id = messages[0].sentence.feed_id
    if place is None:
        return RECEIVERS.name, feed_id.encode(), encode_receiver(feed_id, messages)
    return VESSELS.name, vessel_key(_mmsi(messages[0])), encode_vessels(feed_id, messages)


def _mmsi(message: Any) -> int:
    return message.fix.mmsi if isinstance(message, PositionMessage) else message.report.mmsi


@asynccontextmanager
async def producing(
    settings: KafkaSettings, patience_ms: int = 10_000
) -> AsyncIterator[AIOKafkaProducer]:
    """A producer as a relay's, which goes on trying so long; the topics are there."""
    await create(settings, list(topics().values()))
    shared = options(settings) | {"request_timeout_ms": patience_ms}
    producer = AIOKafkaProducer(**shared, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def send(settings: KafkaSettings, producer: AIOKafkaProducer, sent: Iterable[Sent]) -> int:
    """Send records in order; how many, all of them at the broker."""
    waiting = [
        await producer.send(topic_name(settings, topic), value, key=key)
        for topic, key, value in sent
    ]
    await asyncio.gather(*waiting)
    return len(waiting)


def worker(
    url: str, settings: KafkaSettings, *, batch: int = 2000, batch_s: float = 0.05
) -> KafkaIngest:
    """A worker in this process."""
    return KafkaIngest(
        url,
        kafka=settings,
        streams=LONG_AGO,
        settings=IngestSettings(batch_messages=batch, batch_s=batch_s),
    )


def worker_process(
    url: str, settings: KafkaSettings, batch: int = 2000, *arguments: str
) -> IngestProcess:
    """`whistle ingest --kafka` as a process."""
    return IngestProcess(
        url,
        "--kafka",
        *arguments,
        WHISTLE_RETENTION_DAYS="40000",
        WHISTLE_BATCH_MESSAGES=str(batch),
        **environment(settings),
    )


@asynccontextmanager
async def working(one: KafkaIngest) -> AsyncIterator[KafkaIngest]:
    """Run a worker; leaving stops it in order."""
    task = asyncio.create_task(one.run())
    try:
        yield one
        one.stop()
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(holds: Callable[[], bool], timeout_s: float = 60) -> None:
    """Wait for something that a worker in this process comes to."""
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110 - the group decides, and nobody is told
            await asyncio.sleep(0.02)


TAKEN = """select coalesce(sum(next_offset), 0)::bigint from stream_offset
    where topic not like '%relay.status'"""


async def taken(store: asyncpg.Connection, count: int, timeout_s: float = 60) -> None:
    """Wait until `count` records are in the store."""
    await settled(store, TAKEN, lambda at: at >= count, timeout_s)


async def what_stands(store: asyncpg.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """The content, but for how far a source was read: that is where the two ways differ."""
    found = await content(store)
    del found["cursors"]
    return found


MMSI = 413000123
KEY = vessel_key(MMSI)


def fix(number: int, mmsi: int = MMSI) -> PositionMessage:
    now = utc_now().replace(microsecond=0)
    sentence = Sentence("ais", now, barge(mmsi=mmsi))
    return PositionMessage(sentence, Fix(mmsi, now, number, 120.9, 31.05, 1))


def good(number: int) -> Sent:
    return VESSELS.name, KEY, encode_vessels("ais", [fix(number)])


def with_bad_item(number: int) -> Sent:
    value = json.loads(encode_vessels("ais", [fix(number), fix(number + 1)]))
    value["items"][0][6] = "121 degrees"
    return VESSELS.name, KEY, json.dumps(value).encode()
