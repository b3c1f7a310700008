"""One poller for all viewers: a snapshot a second, whatever happens to the database.

It logs failed once and recovered once, keeps the last picture, and says how old it is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from dashboard.alert import rank
from dashboard.atlas import Atlas
from dashboard.bodies import Bodies
from dashboard.outage import Outage
from dashboard.rates import Rates
from dashboard.reading import (
    dead_receivers,
    passage,
    to_alert,
    to_device,
    to_feed,
    to_relay,
    to_vessels,
    to_worker,
)
from dashboard.settings import ConsoleSettings
from dashboard.snapshot import Snapshot
from dashboard.tails import Tails
from db.errors import mapped_errors
from db.snapshot import LiveRows, read_live, read_tails
from domain.clock import SHANGHAI, utc_now

TICK_S = 1.0
"""A picture a second: ticks are numbered by the second, and pages judge freshness by that."""
QUERY_TIMEOUT_S = 4.0
"""A picture that takes longer is no live picture; the database counts as away."""

BESIDE_TIMEOUT_S = 40.0
"""Layers and tails are waited for longer: the picture does without them until they are there."""
DECIDED = timedelta(hours=24)
"""For so long a validated alert stays on the rail; an undecided one stays until it is decided."""
BESIDE_EVERY_S = 20.0
"""Between two looks whether an operator has imported another layer."""


class Coordinator:
    """Reads the store at 1 Hz and keeps the newest snapshot and its bodies for every viewer."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Pool]],
        settings: ConsoleSettings,
        bodies: Bodies,
        atlas: Atlas,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connect = connect
        self._pool: asyncpg.Pool | None = None
        self.settings = settings
        self.bodies = bodies
        self._atlas = atlas
        self.snapshot: Snapshot | None = None
        self._now = now
        self._clock: tuple[datetime, float] | None = None
        self._outage = Outage("snapshot", now)
        self._first = asyncio.Event()
        self._layers_outage = Outage("layers", now)
        self._tails_outage = Outage("tails", now)
        self._rates = Rates()
        self._tails = Tails(settings.tail_min * 60)
        self._tails_read = False
        self.loop: asyncio.AbstractEventLoop | None = None
        """The loop whose pool this is, once `run` has begun: threads send their work there."""

    async def run(self) -> None:
        """Poll until cancelled; nothing that one picture does ends it."""
        self.loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poll())
            group.create_task(self._follow())

    async def _poll(self) -> None:
        due = time.monotonic()
        while True:
            await self.step()
            due = max(due + TICK_S, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def _follow(self) -> None:
        """What takes long, beside the pictures and after the first of them."""
        await self._first.wait()
        while True:
            await self.look_beside()
            await asyncio.sleep(BESIDE_EVERY_S)

    async def look_beside(self) -> None:
        """Take the store's layers if they changed, and the past of the tails if still missing."""
        await self._try(self._layers_outage, self._take_layers)
        if not self._tails_read:
            await self._try(self._tails_outage, self._take_tails)

    async def _try(self, outage: Outage, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(BESIDE_TIMEOUT_S):
                await work()
        except Exception as error:
            outage.failed(error)
        else:
            outage.worked()

    async def _take_layers(self) -> None:
        await self._atlas.check(await self.pool())

    async def _take_tails(self) -> None:
        since = self.now() - self._tails.span
        async with mapped_errors(), (await self.pool()).acquire() as connection:
            rows = await read_tails(connection, since)
        past = Tails(self._tails.span.total_seconds())
        await asyncio.to_thread(past.fill, rows)
        self._tails.precede(past)
        self._tails_read = True

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._pool.close(), 2)
            self._pool = None

    async def pool(self) -> asyncpg.Pool:
        """The pool, opened when the database is there for the first time. Raises `StoreError`."""
        if self._pool is None:
            self._pool = await self._connect()
        return self._pool

    def now(self) -> datetime:
        """The store's clock, so that every age is told by one: its last answer and time since."""
        if self._clock is None:
            return self._now()
        told, at = self._clock
        return told + timedelta(seconds=time.monotonic() - at)

    @property
    def failing_since(self) -> float | None:
        """Since when no picture could be taken, epoch seconds; `None` while all is well."""
        return self._outage.since

    async def step(self) -> None:
        """Take one snapshot and make its bodies, or note why there is none."""
        try:
            async with asyncio.timeout(QUERY_TIMEOUT_S), mapped_errors():
                snapshot = await self._take()
            self.snapshot = snapshot
            await asyncio.to_thread(self.bodies.add, snapshot)
        except Exception as error:
            self._outage.failed(error)
        else:
            self._outage.worked()
            self._first.set()

    async def _take(self) -> Snapshot:
        moment = self.now()
        day = moment.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        async with (await self.pool()).acquire() as connection:
            asked = time.monotonic()
            rows = await read_live(
                connection,
                since=moment - timedelta(hours=self.settings.live_horizon_h),
                minutes_since=moment - timedelta(minutes=15),
                hour=moment - timedelta(hours=1),
                day=day,
                decided_since=moment - DECIDED,
                crossings=self.settings.recent_crossings,
                alerts=self.settings.live_alerts,
            )
        self._clock = rows.now, asked
        return self._compose(rows)

    def _compose(self, rows: LiveRows) -> Snapshot:
        now = rows.now.timestamp()
        rates = self._rates.update(now, rows.feed_minutes)
        outcomes: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows.feed_outcomes:
            outcomes.setdefault(row["feed_id"], []).append(row)
        deaf = dead_receivers(rows.receivers, rows.now)
        feeds = tuple(
            to_feed(
                row,
                rates,
                outcomes.get(row["feed_id"], []),
                deaf.get(row["feed_id"], []),
                self.settings.silent_s,
            )
            for row in rows.feeds
        )
        vessels = to_vessels(rows.vessels, feeds, now)
        self._tails.extend(vessels, now)
        previous = self.snapshot.tick if self.snapshot else 0
        return Snapshot(
            tick=max(previous + 1, int(now)),
            taken_at=now,
            vessels=vessels,
            crossings=tuple(passage(row) for row in rows.crossings),
            crossings_today=rows.crossings_today,
            feeds=feeds,
            alerts=tuple(sorted(map(to_alert, rows.alerts), key=rank)),
            alerts_open=rows.alerts_open,
            alerts_hour=rows.alerts_hour,
            watched_at=rows.watched_at,
            workers=tuple(map(to_worker, rows.workers)),
            relays=tuple(map(to_relay, rows.relays)),
            checkpoints=tuple(to_device(known, rows.now) for known in rows.checkpoints),
            tails=self._tails.lines(),
        )
