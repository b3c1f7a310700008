"""From records in a real Kafka to rows that are persisted and checked: one, two and four workers.

A recording is brought to the broker as a relay does it, once. Each run has a database and a group
of its own; its workers join, and are let go at one moment by a lock on the table of offsets. The
clock stops with the last row. Then every row is compared with what was sent.
"""

import asyncio
import gzip
import json
import os
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from bench.ground import Ground, Program, addressed, processor_s, standing
from bench.ingest import copied
from bench.relay import decoded, packed, produced, producing, stamped
from bench.stream_profile import profiled
from bench.table import Row
from db.pool import connect
from db.position import make_partitions
from domain.clock import utc_now
from seed.history import write_history
from streams.contracts.messages import Message, PositionMessage
from streams.kafka.topics import create
from streams.relay.entry import Entry
from streams.settings import IngestSettings, KafkaSettings
from streams.topics.registry import incoming, topics

BARGES = int(os.environ.get("BENCH_STREAM_BARGES", "1500"))
SECONDS = int(os.environ.get("BENCH_STREAM_S", "2400"))
ROUNDS = int(os.environ.get("BENCH_STREAM_ROUNDS", "3"))
WORKERS = (1, 2, 4)
BATCH = IngestSettings().batch_messages
FLUSH = 700
"""Messages between two closings of the relay by time: a tenth of a second of the delta's 7 000."""

Place = tuple[int, datetime, int, float, float]
"""(mmsi, t, payload_hash, lon, lat)."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was sent, and what of it has to stand in the store."""

    kafka: KafkaSettings
    messages: Sequence[Message]
    entries: Sequence[Entry]
    places: frozenset[Place]
    log_bytes: int

    @property
    def positions(self) -> int:
        """Positions sent, repeats too."""
        return sum(isinstance(one, PositionMessage) for one in self.messages)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds by the clock and of the processor; bytes of a stored position, and of the
    write-ahead log for all that was stored.
    """

    seconds: float
    worker_s: float
    store_s: float
    broker_s: float
    row_bytes: float
    wal_bytes: float


async def measure() -> list[Row]:
    """Medians of the rounds; in each the baseline and every number of workers in turn."""
    with standing() as ground:
        traffic = await _sent(ground)
        bare: list[float] = []
        runs: dict[int, list[Run]] = {count: [] for count in WORKERS}
        for number in range(ROUNDS):
            bare.append(await _bare(ground, traffic, f"bare_{number}"))
            for count in WORKERS:
                runs[count].append(await _run(ground, traffic, count, f"run_{number}_{count}"))
        url = await ground.prepare("profile")
        profile = await profiled(url, _group(traffic, "profile"), len(traffic.messages))
    return [*_rows(traffic, statistics.median(bare), runs), *profile]


async def _sent(ground: Ground) -> Traffic:
    """The recording at the broker."""
    recording = ground.folder / "barges.nmea"
    until = int(utc_now().timestamp()) - 60
    write_history(recording, barges=BARGES, seed=3, until=until, duration_s=SECONDS)
    messages = decoded(stamped(recording.read_bytes().splitlines()))
    entries = packed(messages, FLUSH)
    kafka = ground.settings("stream")
    await create(kafka, list(topics().values()))
    async with producing(kafka) as producer:
        await produced(kafka, producer, entries)
    fixes = [one.fix for one in messages if isinstance(one, PositionMessage)]
    places = frozenset((f.mmsi, f.t, f.payload_hash, f.lon, f.lat) for f in fixes)
    log = (ground.broker.root / "data").glob("stream.*/*.log")
    return Traffic(kafka, messages, entries, places, sum(path.stat().st_size for path in log))


def _group(traffic: Traffic, name: str) -> KafkaSettings:
    return traffic.kafka.model_copy(update={"kafka_group": name})


async def _bare(ground: Ground, traffic: Traffic, name: str) -> float:
    """Positions per second of COPY alone, in batches as large as the workers'."""
    messages = traffic.messages
    batches = [messages[start : start + BATCH] for start in range(0, len(messages), BATCH)]
    connection = await connect(await ground.prepare(name))
    try:
        await connection.execute("create table bare (like vessel_position)")
        return await copied(connection, "bare", batches)
    finally:
        await connection.close()


async def _run(ground: Ground, traffic: Traffic, count: int, name: str) -> Run:
    url = await ground.prepare(name)
    environment = addressed(_group(traffic, name)) | {"DATABASE_URL": url}
    logs = [ground.folder / "log" / f"{name}_{number}.log" for number in range(count)]
    store, gate = await connect(url), await connect(url)
    try:
        await make_partitions(store, {place[1].date() for place in traffic.places})
        with ExitStack() as stack:
            held = gate.transaction()
            await held.start()
            await gate.execute("lock table stream_offset in exclusive mode")
            workers = [
                stack.enter_context(Program(log, "ingest", "--kafka", **environment))
                for log in logs
            ]
            await _dealt(workers, logs)
            groups = [[one.pid for one in workers], [ground.store_pid], [ground.broker_pid]]
            before = [processor_s(pids) for pids in groups]
            log = await gate.fetchval("select pg_current_wal_insert_lsn()")
            began = await gate.fetchval("select clock_timestamp()")
            await held.rollback()
            ended = await _stored(store, workers, len(traffic.entries))
            spent = [processor_s(pids) - was for pids, was in zip(groups, before, strict=True)]
        wal = await store.fetchval(
            "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::pg_lsn)::float8", log
        )
        await _check(store, traffic)
        size = await store.fetchval(
            "select sum(pg_total_relation_size(inhrelid))::float8 from pg_inherits"
            " where inhparent = 'vessel_position'::regclass"
        )
    finally:
        await gate.close()
        await store.close()
    worker_s, store_s, broker_s = spent
    seconds = (ended - began).total_seconds()
    return Run(seconds, worker_s, store_s, broker_s, size / len(traffic.places), wal)


async def _dealt(workers: Sequence[Program], logs: Sequence[Path]) -> None:
    """Every partition has been given to one of the workers, and each of them has some."""
    wanted = sum(topic.partitions for topic in incoming().values())
    async with asyncio.timeout(120):
        while True:
            taken = [_taken(log) for log in logs]
            if all(taken) and sum(map(len, taken)) == len(set().union(*taken)) == wanted:
                return
            for one in workers:
                one.check()
            await asyncio.sleep(0.1)


def _taken(log: Path) -> set[str]:
    """The partitions that a worker was given last, by what it says."""
    held: set[str] = set()
    for line in log.read_text("utf-8").splitlines():
        said = json.loads(line) if line.startswith("{") else {}
        if said.get("action") in {"stream.assigned", "stream.revoked"}:
            held = set(said["partitions"]) if said["action"] == "stream.assigned" else set()
    return held


async def _stored(store: asyncpg.Connection, workers: Sequence[Program], records: int) -> datetime:
    """When the last row was written, once all records are taken."""
    async with asyncio.timeout(600):
        while await store.fetchval("select sum(next_offset) from stream_offset") != records:
            for one in workers:
                one.check()
            await asyncio.sleep(0.05)
    ended: datetime = await store.fetchval("select max(recorded_at) from stream_offset")
    return ended


async def _check(store: asyncpg.Connection, traffic: Traffic) -> None:
    """The store holds each distinct position that was sent, nothing else, and counted them all."""
    rows = await store.fetch("select mmsi, t, payload_hash, lon, lat from vessel_position")
    assert len(rows) == len(traffic.places)
    assert {tuple(row) for row in rows} == traffic.places
    counted = await store.fetchval(
        "select sum(n) from feed_count where outcome not like 'flag\\_%'"
    )
    assert counted == len(traffic.messages)


def _rows(traffic: Traffic, base: float, runs: dict[int, list[Run]]) -> list[Row]:
    sent = len(traffic.messages)
    one = statistics.median(run.seconds for run in runs[WORKERS[0]])
    found = [
        Row(f"bare COPY of the positions, batches of {BATCH:,}", base, "positions/s", "1.00"),
    ]
    for count, each in runs.items():
        seconds = statistics.median(run.seconds for run in each)
        rate = traffic.positions / seconds
        aim = "ratio ≥ 0.25" if count == 1 else ""
        name = f"{count} worker{'s' if count > 1 else ''}"
        found += [
            Row(f"{name}, persisted and checked", rate, "positions/s", f"{rate / base:.2f}", aim),
            Row(f"{name}, all messages", sent / seconds, "messages/s", f"{one / seconds:.2f} x 1"),
        ]
        for what, spent in (
            ("workers", [run.worker_s for run in each]),
            ("PostgreSQL", [run.store_s for run in each]),
            ("broker", [run.broker_s for run in each]),
        ):
            busy = statistics.median(spent)
            found.append(
                Row(
                    f"{name}: {what}, of a core",
                    sent / busy,
                    "messages/s",
                    f"{busy / seconds:.2f} cores",
                )
            )
    values = sum(len(entry.value) for entry in traffic.entries)
    packed_small = sum(len(gzip.compress(entry.value, 6)) for entry in traffic.entries)
    last = [run for each in runs.values() for run in each]
    return [
        *found,
        Row("distinct positions stored, each compared", len(traffic.places), "positions"),
        Row("messages in a record", sent / len(traffic.entries), "messages"),
        Row("a message in Kafka, its value", values / sent, "bytes"),
        Row("a message in Kafka, on the broker's disk", traffic.log_bytes / sent, "bytes"),
        Row("a message in Kafka, were values gzipped", packed_small / sent, "bytes"),
        Row(
            "a position in PostgreSQL, with its indexes",
            statistics.median(run.row_bytes for run in last),
            "bytes",
        ),
        Row(
            "write-ahead log of a message",
            statistics.median(run.wal_bytes for run in last) / sent,
            "bytes",
        ),
    ]
