"""The relay by its steps and as a whole, to a real broker, against decoding alone."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

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
from streams.topics.registry import topics

BARGES = 1_500
SECONDS = 1_200
READ = 700
"""Sentences that share a stamp: those of one read of 64 KiB."""
FLUSH = 2_000
"""Messages between two closings by time, at some 20 000 a second."""
ROUNDS = 3
_T = TypeVar("_T")


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
    lines = recording.read_bytes().splitlines()  # noqa: ASYNC240
    rates: dict[str, list[float]] = {}
    sizes: list[float] = []

    def note(what: str, seconds: float) -> None:
        rates.setdefault(what, []).append(len(lines) / seconds)

    for number in range(ROUNDS):
        kafka = KafkaSettings(kafka_bootstrap=broker.bootstrap, kafka_prefix=f"bench-{number}.")
        await create(kafka, list(topics().values()))
        sentences = _stamped(lines)
        messages, seconds = _timed(partial(_decoded, sentences))
        note("decode alone", seconds)
        entries, seconds = _timed(partial(_packed, messages))
        note("pack: records of JSON by partition", seconds)
        _, seconds = _timed(partial(_spooled, folder / f"only-{number}", entries))
        note("spool: write, read, done", seconds)
        note("produce: acks=all, idempotent", await _produced(kafka, entries))
        note("whole: file to the broker's answer", await _whole(kafka, folder, recording))
        sizes.append(sum(len(entry.value) for entry in entries) / len(lines))
        del sentences, messages, entries
    base = statistics.median(rates["decode alone"])
    rows = [
        Row(what, rate := statistics.median(found), "messages/s", f"{rate / base:.2f}")
        for what, found in rates.items()
    ]
    return [*rows, Row("bytes of a message in Kafka, uncompressed", sizes[-1], "bytes")]


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def _stamped(lines: Sequence[bytes]) -> list[Sentence]:
    found: list[Sentence] = []
    for start in range(0, len(lines), READ):
        now = utc_now()
        found += [Sentence("ais", now, line) for line in lines[start : start + READ]]
    return found


def _decoded(sentences: Sequence[Sentence]) -> list[Message]:
    decoder = AisDecoder(now=utc_now, retention=StreamSettings().retention)
    found = [message for sentence in sentences for message in decoder.decode(sentence)]
    return found + decoder.flush()


def _packed(messages: Sequence[Message]) -> list[Entry]:
    packer = Packer(relay="bench", most=RelaySettings().relay_batch_messages)
    found: list[Entry] = []
    for start in range(0, len(messages), FLUSH):
        found += packer.add("ais", None, messages[start : start + FLUSH])
        found += packer.close()
    return found


def _spooled(folder: Path, entries: Sequence[Entry]) -> None:
    spool = Spool(folder, limit_bytes=1 << 30)
    for entry in entries:
        spool.append([entry])
    while (taken := spool.take()) is not None:
        spool.done(taken)
    spool.close()


async def _produced(kafka: KafkaSettings, entries: Sequence[Entry]) -> float:
    """Seconds until the broker has taken all of them, by the client alone."""
    producer = AIOKafkaProducer(
        **options(kafka), acks="all", enable_idempotence=True, max_batch_size=256 * 1024
    )
    await producer.start()
    start = time.perf_counter()
    answers = [
        await producer.send(topic_name(kafka, entry.topic), value=entry.value, key=entry.key)
        for entry in entries
    ]
    await asyncio.gather(*answers)
    seconds = time.perf_counter() - start
    await producer.stop()
    return seconds


async def _whole(kafka: KafkaSettings, folder: Path, recording: Path) -> float:
    settings = RelaySettings(relay_spool=folder / f"spool-{kafka.kafka_prefix}")
    source = FileSource(recording, feed_id="ais")
    relay = Relay([Input(source, "file", None)], kafka, settings=settings)
    start = time.perf_counter()
    await relay.run()
    return time.perf_counter() - start
