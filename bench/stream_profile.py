"""Where a worker's time goes: its processor by stage, and the clock of each step of a batch.

The worker runs in this process over the same records. A timer of the processor's time looks every
two milliseconds at what is being done and counts it for the first of `STAGES` up the stack; what is
done in C counts for the line that called it. The steps of the store are timed by the clock, so they
hold what the loop did meanwhile.
"""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from asyncpg.transaction import Transaction

from bench.table import Row
from db import feed, stream
from streams.handlers import position
from streams.kafka.ingest import KafkaIngest
from streams.lifecycle import calm_collector
from streams.settings import IngestSettings, KafkaSettings

EVERY_S = 0.002
STAGES = (
    ("JSON read and checked", (("contracts/contract.py", "decode"),)),
    ("messages made of items", (("contracts/records.py", ""), ("contracts/items.py", ""))),
    ("records taken, times believed", (("topics/", ""), ("kafka/taking.py", ""))),
    ("detection", (("layers/", ""), ("domain/crossing", ""))),
    ("rows made bytes", (("db/position_wire.py", ""),)),
    ("states written", (("db/vessel.py", "save_states"), ("handlers/position.py", "_stored"))),
    ("fixes in columns, stations", (("handlers/fixes.py", ""),)),
    ("counts by outcome and minute", (("handlers/work.py", ""),)),
    ("repeats, vessels remembered", (("handlers/position.py", ""),)),
    ("identities", (("handlers/static.py", ""), ("domain/vessels.py", ""))),
    ("other handlers", (("handlers/", ""),)),
    ("the rest of the store's path", (("db/", ""), ("streams/store.py", ""), ("asyncpg/", ""))),
    ("the broker's client", (("aiokafka/", ""),)),
    ("the worker's loop", (("", ""),)),
)
STEPS = (
    (position, "save_states", "upsert: detection state"),
    (position, "copy_positions", "COPY of the positions"),
    (position, "upsert_latest", "upsert: latest fix"),
    (position, "confirm_crossings", "crossings and their events"),
    (position, "add_heard", "receivers' minutes"),
    (position, "stored_keys", "repeats looked up"),
    (position, "load_states", "states read"),
    (stream, "advance", "offsets"),
    (feed, "add_counts", "counts"),
    (Transaction, "commit", "commit"),
)


async def profiled(url: str, kafka: KafkaSettings, messages: int) -> list[Row]:
    """One worker in this process until everything is stored; rows for the table."""
    calm_collector()
    worker = KafkaIngest(url, kafka=kafka, settings=IngestSettings())
    spent: Counter[str] = Counter()
    with _timed(spent), _sampled() as seen:
        task = asyncio.create_task(worker.run())
        while not worker.stored and not task.done():  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.005)
        begun, first = worker.stored, time.perf_counter()
        busy = time.process_time()
        seen.clear()
        spent.clear()
        while worker.stored < messages and not task.done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        wall, busy = time.perf_counter() - first, time.process_time() - busy
        stages, steps = Counter(seen), Counter(spent)
        worker.stop()
        await task
    count = messages - begun
    samples = stages.total()
    rows = [
        Row("profile: the worker's processor", busy / count * 1e6, "µs/message"),
        Row("profile: by the clock", wall / count * 1e6, "µs/message", f"{busy / wall:.0%} busy"),
    ]
    for what, found in stages.most_common():
        share = found / samples
        rows.append(
            Row(f"processor: {what}", share * busy / count * 1e6, "µs/message", f"{share:.0%}")
        )
    for what, seconds in steps.most_common():
        share = seconds / wall
        rows.append(Row(f"clock: {what}", seconds / count * 1e6, "µs/message", f"{share:.0%}"))
    return rows


@contextmanager
def _sampled() -> Iterator[Counter[str]]:
    seen: Counter[str] = Counter()
    known: dict[tuple[str, str], str | None] = {}

    def look(_: int, frame: FrameType | None) -> None:
        while frame is not None:
            place = (frame.f_code.co_filename, frame.f_code.co_name)
            if place not in known:
                known[place] = _stage(*place)
            if (stage := known[place]) is not None:
                seen[stage] += 1
                return
            frame = frame.f_back
        seen["the worker's loop"] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    try:
        yield seen
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stage(path: str, function: str) -> str | None:
    for stage, places in STAGES[:-1]:
        for part, name in places:
            if part in path and name in {"", function}:
                return stage
    return None


@contextmanager
def _timed(spent: Counter[str]) -> Iterator[None]:
    """The steps of `STEPS` tell how long they took."""
    before = [(holder, name, getattr(holder, name)) for holder, name, _ in STEPS]
    for holder, name, what in STEPS:
        setattr(holder, name, _telling(getattr(holder, name), spent, what))
    try:
        yield
    finally:
        for holder, name, work in before:
            setattr(holder, name, work)


def _telling(
    work: Callable[..., Awaitable[Any]], spent: Counter[str], what: str
) -> Callable[..., Awaitable[Any]]:
    async def told(*given: Any, **named: Any) -> Any:  # noqa: ANN401
        begun = time.perf_counter()
        try:
            return await work(*given, **named)
        finally:
            spent[what] += time.perf_counter() - begun  # type: ignore[assignment]

    return told
