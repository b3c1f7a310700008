"""The relay by its steps and as a whole, to a real broker, against decoding alone.

By the clock, and by the processor's time of this process: the broker has the other core, and on a
machine that others use too only the second figure means much.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaProducer

from bench.table import Row
from domain.clock import utc_now
from ops.broker import Broker
from seed.history import write_history
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Message, Sentence
from streams.inputs import Input
from streams.kafka.client import options, topic_name
from streams.kafka.topics import create
from streams.lifecycle import calm_collector
from streams.relay.entry import Entry
from streams.relay.packing import Packer
from streams.relay.relay import Relay
from streams.relay.spool import Spool
from streams.settings import KafkaSettings, RelaySettings, StreamSettings
from streams.sources.file import FileSource
from streams.sources.intake import CHUNK_BYTES
from streams.sources.lines import LineSplitter
from streams.topics.registry import topics

BARGES = 1_500
SECONDS = 1_200
READ = 700
"""Sentences that share a stamp: those of one read of 64 KiB."""
FLUSH = 2_000
"""Messages between two closings by time, at some 20 000 a second."""
ROUNDS = 3
DECODE = "decode alone"


@dataclass(slots=True)
class Meter:
    """Seconds by the clock and of the processor, by step; one figure a round."""

    clock: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        start, busy = time.perf_counter(), time.process_time()
        yield
        self.clock.setdefault(what, []).append(time.perf_counter() - start)
        self.processor.setdefault(what, []).append(time.process_time() - busy)

    def rows(self, messages: int) -> list[Row]:
        """Medians, each against decoding alone."""
        found = []
        for by, steps in (("", self.clock), (", by processor time", self.processor)):
            base = messages / statistics.median(steps[DECODE])
            for what, seconds in steps.items():
                rate = messages / statistics.median(seconds)
                found.append(Row(what + by, rate, "messages/s", f"{rate / base:.2f}"))
        return found


async def measure() -> list[Row]:
    """Medians of three rounds, all steps in each; one process beside one broker on loopback."""
    calm_collector()
    with tempfile.TemporaryDirectory(prefix="whistle-bench-") as folder:
        recording = Path(folder) / "barges.nmea"
        until = int(utc_now().timestamp()) - 60
        write_history(recording, barges=BARGES, seed=3, until=until, duration_s=SECONDS)
        broker = Broker(Path(folder) / "kafka", heap_mb=512)
        broker.root.mkdir()
        broker.start()
        try:
            return await _measure(broker, Path(folder), recording)
        finally:
            broker.kill()


async def _measure(broker: Broker, folder: Path, recording: Path) -> list[Row]:
    data = recording.read_bytes()  # noqa: ASYNC240
    lines = data.splitlines()
    meter = Meter()
    size = 0.0
    for number in range(ROUNDS):
        kafka = KafkaSettings(kafka_bootstrap=broker.bootstrap, kafka_prefix=f"bench-{number}.")
        await create(kafka, list(topics().values()))
        sentences = stamped(lines)
        with meter.step("split: bytes of a file to lines"):
            split = _split(data)
        assert split == len(lines)
        with meter.step(DECODE):
            messages = decoded(sentences)
        with meter.step("pack: records of JSON by partition"):
            entries = packed(messages)
        with meter.step("spool: write, read, done"):
            _spooled(folder / f"only-{number}", entries)
        async with producing(kafka) as producer:
            with meter.step("produce: acks=all, idempotent"):
                await produced(kafka, producer, entries)
        with meter.step("whole: file to the broker's answer"):
            await _whole(kafka, folder, recording)
        size = sum(len(entry.value) for entry in entries) / len(lines)
        del sentences, messages, entries
    rows = meter.rows(len(lines))
    return [*rows, Row("bytes of a message in Kafka, uncompressed", size, "bytes")]


def stamped(lines: Sequence[bytes]) -> list[Sentence]:
    """Sentences as a socket gives them: those of one read share their stamp."""
    found: list[Sentence] = []
    for start in range(0, len(lines), READ):
        now = utc_now()
        found += [Sentence("ais", now, line) for line in lines[start : start + READ]]
    return found


def _split(data: bytes) -> int:
    splitter = LineSplitter("ais", offset=0, line=1)
    for start in range(0, len(data), CHUNK_BYTES):
        splitter.feed(data[start : start + CHUNK_BYTES], utc_now())
    return splitter.found


def decoded(sentences: Sequence[Sentence]) -> list[Message]:
    """What the relay's decoder makes of them."""
    decoder = AisDecoder(now=utc_now, retention=StreamSettings().retention)
    found = [message for sentence in sentences for message in decoder.decode(sentence)]
    return found + decoder.flush()


def packed(messages: Sequence[Message], flush: int = FLUSH) -> list[Entry]:
    """The records that a relay makes of them, closed by time after so many messages."""
    packer = Packer(relay="bench", most=RelaySettings().relay_batch_messages)
    found: list[Entry] = []
    for start in range(0, len(messages), flush):
        found += packer.add("ais", None, messages[start : start + flush])
        found += packer.close()
    return found


def _spooled(folder: Path, entries: Sequence[Entry]) -> None:
    spool = Spool(folder, limit_bytes=1 << 30)
    for entry in entries:
        spool.append([entry])
    while (taken := spool.take()) is not None:
        spool.done(taken)
    spool.close()


@asynccontextmanager
async def producing(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaProducer]:
    """A producer set up as the relay's."""
    made = AIOKafkaProducer(
        **options(kafka), acks="all", enable_idempotence=True, max_batch_size=256 * 1024
    )
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def produced(
    kafka: KafkaSettings, producer: AIOKafkaProducer, entries: Sequence[Entry]
) -> None:
    """Until the broker has taken all of them, by the client alone."""
    answers = [
        await producer.send(topic_name(kafka, entry.topic), value=entry.value, key=entry.key)
        for entry in entries
    ]
    await asyncio.gather(*answers)


async def _whole(kafka: KafkaSettings, folder: Path, recording: Path) -> None:
    settings = RelaySettings(relay_spool=folder / f"spool-{kafka.kafka_prefix}")
    source = FileSource(recording, feed_id="ais")
    await Relay([Input(source, "file", None)], kafka, settings=settings).run()
