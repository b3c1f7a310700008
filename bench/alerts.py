"""Alerts over a simulated stretch: how many are right, how much is found, and how soon."""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import numpy as np
import orjson

from bench.alert_score import Score, Told, deeds, score
from bench.alert_world import FEED, UNDER_WAY_S, AlertWorld
from bench.simulated_clock import give_clock, set_clock
from bench.table import Row
from commands.register_feed import RegisterFeed, register_feed
from commands.take_reading import TakeReading, take_reading
from db.feed import Feed
from db.migrate import migrate
from db.pool import connect, create_pool
from domain.alert_life import Alert
from domain.alert_rules import GROUNDS
from domain.alerts import Rule
from domain.checkpoints import System
from layers.geography import Geography
from ops.cluster import Cluster
from seed.devices import Sighted, message
from seed.load_registers import load_registers
from streams.batch import Batch
from streams.handlers.position import PositionHandler
from streams.handlers.rejected import RejectedHandler
from streams.partitions import Partitions
from streams.settings import StreamSettings
from streams.sources.http.app import PASSAGES, SIGHTINGS
from streams.store import BatchStore
from streams.watch import Watch

BARGES = 600
SEED = 2024
BEGIN = int(datetime(2026, 11, 18, 3, 0, tzinfo=UTC).timestamp())
"""11:00 in Shanghai: the strays loiter and fall silent in the afternoon, and rest by night."""
HOURS = 24
BUDGET_S = 900.0
"""A run that takes longer ends where it is, and what it has seen until then is judged."""
WARM_S = 3600
"""Nothing is judged before: districts are not confirmed yet, nobody has been measured."""
END_S = 600
STEP_S = 60
"""Between two looks of the watch, which in life looks every second."""
_CASE_S = 4 * 3600
_CHUNK_S = 600


@dataclass(slots=True)
class Log:
    """What the controller was told, by alert, and how the work went."""

    alerts: dict[UUID, Alert] = field(default_factory=dict)
    first: dict[UUID, dict[Rule, float]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    fixes: int = 0
    readings: int = 0
    rounds: list[float] = field(default_factory=list)
    until: int = BEGIN

    def hear(self, t: float, alerts: Sequence[Alert]) -> None:
        """The alerts as they stand at `t` after a change."""
        for alert in alerts:
            self.alerts[alert.alert_id] = alert
            known = self.first.setdefault(alert.alert_id, {})
            for rule in (Rule(name) for name in alert.rules):
                if rule in GROUNDS:
                    known.setdefault(rule, t)

    def told(self) -> list[Told]:
        """Every alert as it is judged."""
        return [
            Told(
                who=self._who(alert),
                grounds=self.first[alert_id],
                began=alert.began_at.timestamp(),
                last=alert.last_at.timestamp(),
                retracted=alert.retracted_at is not None,
            )
            for alert_id, alert in self.alerts.items()
        ]

    def _who(self, alert: Alert) -> frozenset[str]:
        if alert.mmsi is not None:
            return frozenset({f"mmsi:{alert.mmsi}"})
        cited = [one["id"] for reason in alert.reasons for one in reason["evidence"]]
        return frozenset(f"key:{self.keys[one]}" for one in cited if one in self.keys)


async def measure() -> list[Row]:
    """Simulate, watch, judge; what was wrong or missed is told on standard error."""
    with tempfile.TemporaryDirectory(prefix="whistle-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103  (the server of a root user runs as another one)
        world = AlertWorld(BARGES, SEED, BEGIN + _CASE_S, Path(folder))
        cluster = Cluster(Path(folder), durable=False)
        cluster.start()
        try:
            cluster.create_database("bench")
            log = await _run(cluster.url("bench"), world)
        finally:
            cluster.stop()
    return judged(world, log)


def judged(world: AlertWorld, log: Log) -> list[Row]:
    """What the controller was told against the labels of the same time."""
    hulls = world.hulls(BEGIN, log.until)
    known = deeds(world.labels(BEGIN, log.until), BEGIN, hulls)
    between = BEGIN + WARM_S, log.until - END_S
    told = log.told()
    whole = score(told, known, between)
    for line in _remarks(whole):
        print(line, file=sys.stderr)
    hours = (between[1] - between[0]) / 3600
    rows = [
        Row("barges", BARGES, "", f"and strays, and {len(world.bank.all_sources)} fleets in all"),
        Row("stretch judged", hours, "h", f"after {WARM_S // 60} min to warm up"),
        Row("fixes", log.fixes, "", f"every {UNDER_WAY_S} s at most"),
        Row("readings", log.readings, ""),
        Row("one look of the watch, p50", 1000 * float(np.median(log.rounds)), "ms"),
        Row("looks of the watch, one every", STEP_S, "s"),
        Row("alerts", (len(whole.right) + len(whole.wrong)) / hours, "per hour", aim="2 to 6"),
        *_rows("all", whole, ("≥ 0.9", "≥ 0.95", "≤ 2")),
    ]
    stood = [alert for alert in told if not alert.retracted]
    left = score(stood, known, between)
    n = len(left.right) + len(left.wrong)
    if left.precision is not None:
        rows.append(Row("all: precision of those that stood", left.precision, "", f"{n} alerts"))
    for rule in sorted(GROUNDS):
        rows += _rows(rule, score(told, known, between, rule))
    never = [d for d in known if d.known_at is None and between[0] <= d.start < between[1]]
    rows.append(Row("laden and without paper, but never measured", len(never), ""))
    return rows


def _rows(name: str, found: Score, aims: tuple[str, str, str] = ("", "", "")) -> list[Row]:
    rows = []
    if found.precision is not None:
        n = len(found.right) + len(found.wrong)
        rows.append(
            Row(f"{name}: precision", found.precision, "", f"{len(found.right)} of {n}", aims[0])
        )
    if found.recall is not None:
        n = len(found.found) + len(found.missed)
        rows.append(Row(f"{name}: recall", found.recall, "", f"{len(found.found)} of {n}", aims[1]))
    if found.delays:
        p50, p95 = np.percentile(found.delays, [50, 95]) / 60
        rows.append(Row(f"{name}: until the alert, p50", float(p50), "min", aim=aims[2]))
        rows.append(Row(f"{name}: until the alert, p95", float(p95), "min"))
    return rows


def _remarks(found: Score) -> list[str]:
    lines = [f"wrong: {alert}" for alert in found.wrong]
    lines += [f"missed: {deed}" for deed in found.missed]
    slow = zip(found.found, found.delays, strict=True)
    return lines + [f"slow: {delay / 60:.1f} min {deed}" for deed, delay in slow if delay > 120]


async def _run(url: str, world: AlertWorld) -> Log:
    connection = await connect(url)
    await migrate(connection)
    await connection.close()
    await give_clock(url)
    pool = await create_pool(url, application="bench watch", size=3)
    try:
        return await _through(pool, url, world)
    finally:
        await pool.close()


async def _through(pool: asyncpg.Pool, url: str, world: AlertWorld) -> Log:
    log, geography = Log(), Geography.builtin()
    async with pool.acquire() as connection:
        begun = _time(BEGIN)
        await set_clock(connection, begun)
        await load_registers(connection, BARGES, SEED, begun)
        feed = Feed(FEED, "ais", "仿真", "simulated", None)
        await register_feed(connection, "bench", RegisterFeed(feed, begun))
    store = BatchStore(
        lambda: connect(url, application="bench ingest"),
        PositionHandler(geography),
        RejectedHandler({}, per_minute=1),
        partitions=Partitions(1, StreamSettings().retention).make_for,
    )
    watch = Watch(url)
    watch.use(geography)
    try:
        begun_at = time.monotonic()
        for start in range(BEGIN, BEGIN + HOURS * 3600, _CHUNK_S):
            if time.monotonic() - begun_at > BUDGET_S:
                break
            fixes = world.fixes(start, start + _CHUNK_S)
            sent = world.readings(start, start + _CHUNK_S)
            at = 0
            for t in range(start, start + _CHUNK_S, STEP_S):
                now = t + STEP_S
                until = at
                while until < len(fixes) and fixes[until].fix.t.timestamp() < now:
                    until += 1
                due = [one for one in sent if t <= (one.sent_at or 0.0) < now]
                async with pool.acquire() as connection:
                    await set_clock(connection, _time(now))
                    for one in due:
                        await _take(connection, one, log)
                await store.store(Batch(list(fixes[at:until])))
                log.fixes, at = log.fixes + until - at, until
                before = time.perf_counter()
                done = await watch.round(pool, everything=True)
                log.rounds.append(time.perf_counter() - before)
                log.hear(now, [*(one.alert for one in done.raised), *done.retracted])
            log.until = start + _CHUNK_S
            print(f"{_time(start):%H:%M} {len(log.alerts)} alerts", file=sys.stderr)
    finally:
        await store.close()
    return log


async def _take(connection: asyncpg.Connection, one: Sighted, log: Log) -> None:
    """As the door does it, without the picture and without HTTP."""
    _, body = message(one, None)
    adapter = PASSAGES if one.checkpoint.system is System.WUJIANG else SIGHTINGS
    reading = adapter.read(orjson.dumps(body))
    command = TakeReading(reading, body, _time(one.sent_at or 0.0))
    await take_reading(connection, f"checkpoint:{one.checkpoint.checkpoint_id}", command)
    log.keys[str(reading.reading_id)] = one.key
    log.readings += 1


def _time(t: float) -> datetime:
    return datetime.fromtimestamp(t, UTC)
