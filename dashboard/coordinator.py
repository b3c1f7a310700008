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

from dashboard.atlas import Atlas
from dashboard.bodies import Bodies
from dashboard.outage import Outage
from dashboard.rates import Rates
from dashboard.reading import passage, to_feed, to_vessel
from dashboard.settings import ConsoleSettings
from dashboard.snapshot import Snapshot
from dashboard.tails import Tails
from db.errors import mapped_errors
from db.snapshot import LiveRows, read_live, read_tails
from domain.clock import SHANGHAI, utc_now

QUERY_TIMEOUT_S = 4.0
"""A picture that takes longer is no live picture; the database counts as away."""


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
        self._outage = Outage("snapshot", now)
        self._rates = Rates()
        self._tails = Tails(settings.tail_min * 60)
        self._tails_read = False

    async def run(self) -> None:
        """Poll until cancelled; nothing that one picture does ends it."""
        due = time.monotonic()
        while True:
            await self.step()
            due = max(due + self.settings.tick_s, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

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

    async def _take(self) -> Snapshot:
        moment = self._now()
        day = moment.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        async with (await self.pool()).acquire() as connection:
            rows = await read_live(
                connection,
                since=moment - timedelta(hours=self.settings.live_horizon_h),
                minutes_since=moment - timedelta(minutes=15),
                hour=moment - timedelta(hours=1),
                day=day,
                crossings=self.settings.recent_crossings,
            )
            await self._atlas.check(connection)
            if not self._tails_read:
                self._tails.fill(await read_tails(connection, moment - self._tails.span))
                self._tails_read = True
        return self._compose(moment, rows)

    def _compose(self, moment: datetime, rows: LiveRows) -> Snapshot:
        now = moment.timestamp()
        vessels = tuple(to_vessel(row) for row in rows.vessels)
        self._tails.extend(vessels, now)
        rates = self._rates.update(now, rows.feed_minutes)
        outcomes: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows.feed_outcomes:
            outcomes.setdefault(row["feed_id"], []).append(row)
        previous = self.snapshot.tick if self.snapshot else 0
        return Snapshot(
            tick=max(previous + 1, int(now)),
            taken_at=now,
            vessels=vessels,
            crossings=tuple(passage(row) for row in rows.crossings),
            crossings_today=rows.crossings_today,
            feeds=tuple(
                to_feed(row, rates, outcomes.get(row["feed_id"], []), self.settings.silent_s)
                for row in rows.feeds
            ),
            tails=self._tails.lines(),
        )
