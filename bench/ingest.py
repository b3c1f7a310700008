"""The ingest by its steps and as a whole, against bare COPY of the same rows in equal batches."""

import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from bench.table import Row
from db.migrate import migrate
from db.pool import connect
from db.position import copy_positions, make_partitions, make_stage, upsert_latest
from db.vessel import save_states
from domain.clock import utc_now
from layers.geography import Geography
from ops.cluster import Cluster
from seed.history import write_history
from seed.layers import load_builtin_layers
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Message, PositionMessage, Sentence
from streams.contracts.sentence import BadSentence, parse
from streams.handlers.position import PositionHandler
from streams.handlers.work import Tally
from streams.ingest import Ingest
from streams.inputs import Input
from streams.lifecycle import calm_collector
from streams.settings import IngestSettings
from streams.sources.file import FileSource

BARGES = 1_500
SECONDS = 2_400
BATCH = 5_000
ROUNDS = 3
COLUMNS = [
    "mmsi", "t", "payload_hash", "lon", "lat", "sog_kn", "cog_deg", "heading_deg", "nav_status",
    "message_type", "flags", "feed_id", "recorded_at",
]  # fmt: skip


async def measure() -> list[Row]:
    """Medians of three rounds, baseline and whole in turn; one process, one durable server."""
    calm_collector()
    with tempfile.TemporaryDirectory(prefix="whistle-bench-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240 - the server of a root user runs as another
        recording = Path(folder) / "barges.nmea"
        until = int(utc_now().timestamp()) - 60
        write_history(recording, barges=BARGES, seed=3, until=until, duration_s=SECONDS)
        cluster = Cluster(Path(folder))
        cluster.start()
        try:
            return await _measure(cluster, recording)
        finally:
            cluster.stop()


async def _measure(cluster: Cluster, recording: Path) -> list[Row]:
    now = utc_now()
    lines = recording.read_bytes().splitlines()  # noqa: ASYNC240
    sentences = [Sentence("ais", now, line) for line in lines]
    check = _timed(len(sentences), lambda: _framed(sentences))
    messages: list[Message] = []
    decode = _timed(len(sentences), lambda: messages.extend(_decoded(sentences)))
    batches = [messages[start : start + BATCH] for start in range(0, len(messages), BATCH)]
    bare: list[float] = []
    keyed: list[float] = []
    steps: dict[str, list[float]] = {}
    whole: list[float] = []
    for number in range(ROUNDS):
        name = f"bench_{number}"
        cluster.create_database(name)
        async with _ready(cluster.url(name)) as connection:
            await connection.execute("create table bare (like vessel_position)")
            bare.append(await copied(connection, "bare", batches))
            keyed.append(await copied(connection, "vessel_position", batches))
            await connection.execute("truncate vessel_position")
            for step, rate in (await _stepped(connection, batches)).items():
                steps.setdefault(step, []).append(rate)
            await connection.execute("truncate vessel_position, vessel_latest, vessel_state")
            whole.append(await _whole(cluster.url(name), recording, len(sentences)))
    base = statistics.median(bare)

    def row(what: str, rate: float, aim: str = "") -> Row:
        return Row(what, rate, "messages/s", f"{rate / base:.2f}", aim)

    return [
        row(f"bare COPY of the positions, batches of {BATCH}", base),
        row("the same into the partitioned table with key and BRIN", statistics.median(keyed)),
        row("check: frame and checksum", check),
        row("decode: with checksum, plausibility, times", decode),
        *(row(step, statistics.median(rates)) for step, rates in steps.items()),
        row(
            f"whole: file to committed, {BARGES:,} barges", statistics.median(whole), "ratio ≥ 0.3"
        ),
    ]


def _timed(count: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def _framed(sentences: Sequence[Sentence]) -> None:
    for sentence in sentences:
        with contextlib.suppress(BadSentence):
            parse(sentence.raw, sentence.length)


def _decoded(sentences: Sequence[Sentence]) -> list[Message]:
    decoder = AisDecoder(now=utc_now, retention=timedelta(days=30))
    found = [message for sentence in sentences for message in decoder.decode(sentence)]
    return found + decoder.flush()


@contextlib.asynccontextmanager
async def _ready(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(url)
    try:
        await migrate(connection)
        await load_builtin_layers(connection)
        today = utc_now().date()
        await make_partitions(connection, [today - timedelta(days=1), today])
        await make_stage(connection)
        yield connection
    finally:
        await connection.close()


async def copied(
    connection: asyncpg.Connection, table: str, batches: Sequence[Sequence[Message]]
) -> float:
    """Rows per second of COPY alone, each batch a transaction; repeats are left out beforehand."""
    now = datetime.now(UTC)
    seen: set[tuple[object, ...]] = set()
    prepared = []
    for batch in batches:
        rows = []
        for message in batch:
            if isinstance(message, PositionMessage):
                fix = message.fix
                if (key := (fix.mmsi, fix.t, fix.payload_hash)) not in seen:
                    seen.add(key)
                    rows.append(
                        (
                            *key, fix.lon, fix.lat, fix.sog_kn, fix.cog_deg, fix.heading_deg,
                            fix.nav_status, fix.message_type, 0, "ais", now,
                        )
                    )  # fmt: skip
        prepared.append(rows)
    start = time.perf_counter()
    for rows in prepared:
        await connection.copy_records_to_table(table, records=rows, columns=COLUMNS)
    return len(seen) / (time.perf_counter() - start)


async def _stepped(
    connection: asyncpg.Connection, batches: Sequence[Sequence[Message]]
) -> dict[str, float]:
    """The steps of a batch one by one, each in messages per second over the whole recording."""
    handler = PositionHandler(Geography.builtin())
    spent: dict[str, float] = {}

    async def step(name: str, work: Coroutine[Any, Any, Any]) -> None:
        start = time.perf_counter()
        await work
        spent[name] = spent.get(name, 0.0) + time.perf_counter() - start

    for batch in batches:
        await step("repeats and detection", handler.prepare(connection, batch, Tally()))
        work = handler.prepared
        if work is None:
            continue
        async with connection.transaction():
            await step("upsert: detection state", save_states(connection, work.states))
            feeds, stations = map(list, zip(*work.receivers, strict=True))
            copied = copy_positions(connection, work.rows, feeds, utc_now())
            await step("COPY into the partitioned table", copied)
            latest = upsert_latest(connection, work.rows, feeds, stations, work.labels)
            await step("upsert: latest fix", latest)
        handler.commit()
    total = sum(len(batch) for batch in batches)
    return {name: total / seconds for name, seconds in spent.items()}


async def _whole(url: str, recording: Path, count: int) -> float:
    source = FileSource(recording, feed_id="ais")
    ingest = Ingest(
        url, [Input(source, "file", None)], settings=IngestSettings(batch_messages=BATCH)
    )
    start = time.perf_counter()
    await ingest.run()
    return count / (time.perf_counter() - start)
