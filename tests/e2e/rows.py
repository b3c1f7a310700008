"""Rows as the ingest writes them, put into the store by hand where a test needs control."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import asyncpg

from db.migrate import migrate_url

UPSERT = """
insert into vessel_latest (mmsi, t, lon, lat, sog_kn, cog_deg, heading_deg, nav_status,
                           message_type, flags, adcode, border_water, feed_id, recorded_at)
values ($1, clock_timestamp() - make_interval(secs => $2), $3, $4, $5, $6, $7, 0, $8, 0, $9, $10,
        'ais', clock_timestamp())
on conflict (mmsi) do update set t = excluded.t, lon = excluded.lon, lat = excluded.lat,
    sog_kn = excluded.sog_kn, cog_deg = excluded.cog_deg, recorded_at = excluded.recorded_at
"""
IDENTITY = """
insert into vessel (mmsi, name, length_m, valid_from, recorded_from)
values ($1, $2, 48, clock_timestamp(), clock_timestamp())
"""
CROSSING = """
insert into crossing (crossing_id, mmsi, from_adcode, to_adcode, via, crossed_at, confirmed_at,
                      lon, lat, by, grazing, fix_before_at, fix_after_at, recorded_at)
select $1, $2, $3, $4, '{}', t, t, $5, $6, 'gate', false, t, t, t
from (select clock_timestamp() - make_interval(secs => $7) as t) moment
"""
CLEAR = """
truncate vessel, vessel_latest, vessel_position, crossing, feed, feed_status, feed_count,
         receiver_minute, alert, command_done, watch_cursor, hull, carrier, permit, checkpoint,
         reading, image cascade
"""
FEED = """
insert into feed (feed_id, kind, name_zh, name_en, valid_from, recorded_from)
values ('ais', 'ais', '岸台', 'Shore station', clock_timestamp(), clock_timestamp())
on conflict do nothing
"""
BEAT = """
insert into feed_status (feed_id, connected, last_sentence_at, last_fix_at, recorded_at, queued,
                         queue_limit)
values ('ais', $1, clock_timestamp(), clock_timestamp(), clock_timestamp(), 3, 2000)
on conflict (feed_id) do update set connected = excluded.connected,
    last_sentence_at = case when $1 then excluded.last_sentence_at
                            else feed_status.last_sentence_at end,
    recorded_at = excluded.recorded_at
"""
COUNT = """
insert into feed_count (feed_id, minute, outcome, n)
values ('ais', date_trunc('minute', clock_timestamp()), $1, $2)
on conflict (feed_id, minute, outcome) do update set n = feed_count.n + excluded.n
"""

WATCHES = """
update watch_cursor set recorded_at = clock_timestamp()
where source = 'round' and recorded_at > clock_timestamp() - interval '15 seconds'
"""
"""A watch that lives ends rounds; one that is dead stays so."""


@dataclass(frozen=True, slots=True)
class Barge:
    """A barge where a test wants it."""

    mmsi: int
    name: str | None
    lon: float
    lat: float
    sog_kn: float = 5.0
    cog_deg: float = 90.0
    heading_deg: int | None = 90
    message_type: int = 1
    adcode: str = "310118"
    border_water: bool = False
    age_s: float = 0.0


class Rows:
    """A writer beside the test: it keeps the feed alive and the barges new until told otherwise."""

    def __init__(self, url: str, *, migrated: bool = True) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._barges: dict[int, Barge] = {}
        self._beating: asyncio.Task[None] | None = None
        self._thread.start()
        if not migrated:
            self._run(migrate_url(url))
        self._run(self._open())

    def execute(self, statement: str, *values: Any) -> None:
        """Any statement."""
        self._run(self._execute(statement, *values))

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found = self._run(self._fetch(query, *values))
        return [tuple(row) for row in found]

    def clear(self) -> None:
        """Begin with nothing."""
        self.execute(CLEAR)

    def put(self, *barges: Barge) -> None:
        """Make these barges known, or move them; they are renewed with every beat."""
        for barge in barges:
            new = barge.mmsi not in self._barges
            self._barges[barge.mmsi] = barge
            if new:
                self._run(self._execute(IDENTITY, barge.mmsi, barge.name))
            self._run(self._write(barge))

    def move(self, mmsi: int, **changes: Any) -> None:
        """Change one barge."""
        self.put(replace(self._barges[mmsi], **changes))

    def cross(
        self, mmsi: int, start: str, end: str, lon: float, lat: float, *, ago_s: float
    ) -> None:
        """A confirmed crossing, some seconds ago."""
        self._run(self._execute(CROSSING, uuid4(), mmsi, start, end, lon, lat, ago_s))

    def count(self, outcome: str, n: int) -> None:
        """So many sentences with that outcome in this minute."""
        self._run(self._execute(COUNT, outcome, n))

    def beat(self) -> None:
        """From now on the feed lives: a sign of life and new fixes four times a second."""
        self._run(self._execute(FEED))
        self._beating = self._run(self._start())

    def hush(self) -> None:
        """From now on there is nothing: no sign of life, no fix."""
        if self._beating is not None:
            self._loop.call_soon_threadsafe(self._beating.cancel)
            self._beating = None

    def cut(self) -> None:
        """The ingest lives and says that its source is gone."""
        self.hush()
        self._run(self._execute(BEAT, False))

    def reopen(self) -> None:
        """Connect again, to a server that was away."""
        self._run(self._end())
        self._run(self._open())

    def close(self) -> None:
        """Stop the beat and the connection."""
        self.hush()
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        """Let the connection go, and wait until its socket is closed too."""
        try:
            await self._store.close(timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._store.terminate()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # the transport closes its socket in the loop's next turn

    async def _open(self) -> None:
        self._store = await asyncpg.connect(self._url)
        self._turn = asyncio.Lock()

    async def _start(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            async with asyncio.timeout(10):
                await self._execute(BEAT, True)
                await self._execute(COUNT, "position", len(self._barges) + 1)
                await self._execute(WATCHES)
                for barge in list(self._barges.values()):
                    await self._write(barge)
            await asyncio.sleep(0.25)

    async def _write(self, b: Barge) -> None:
        await self._execute(
            UPSERT,
            b.mmsi,
            b.age_s,
            b.lon,
            b.lat,
            b.sog_kn,
            b.cog_deg,
            b.heading_deg,
            b.message_type,
            b.adcode,
            b.border_water,
        )

    async def _execute(self, statement: str, *values: Any) -> None:
        async with self._turn:
            await self._store.execute(statement, *values)

    async def _fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        async with self._turn:
            found: list[asyncpg.Record] = await self._store.fetch(query, *values)
            return found

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)
