"""The watch: every second what is new → matched → facts → assessed → alerts; and asked again."""

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import asyncpg
import structlog

from commands.raise_alert import Raised
from db.alert import store_now
from db.checkpoint import checkpoints
from db.errors import StoreError, store_error
from db.pool import Connection, create_pool, transaction
from db.watch import APPLICATION, WatchTaken, end_round, spoil_carriers
from domain.alert_life import Alert
from domain.errors import WhistleError
from domain.water_source import WaterSource
from layers.geography import Geography
from streams.layers import LayerWatch
from streams.matching import match_pending
from streams.rematching import note_overtaken
from streams.sealing import Sealer
from streams.watching.again import passages_again
from streams.watching.carriers import BACK, border_cases, silence_cases, stop_cases
from streams.watching.case import pursue_each
from streams.watching.dossier import water_source
from streams.watching.guard import Guard
from streams.watching.news import new_crossings, new_matches
from streams.watching.recheck import recheck
from streams.watching.turns import Turns

_log = structlog.get_logger(__name__)
EVERY_S: Final = 1.0
RECHECK_S: Final = 2.0
"""Between two rounds in which some open alerts are asked again, and silences looked for."""
STOPS_S: Final = 30.0
_WAIT_S: Final = 0.5
_CLOSE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one round brought: readings decided, alerts raised (or raised again), retracted."""

    matched: int
    raised: tuple[Raised, ...]
    retracted: tuple[Alert, ...]


class Watch:
    """Looks every second, until `stop`. All it remembers stands in the store.

    Each step is a transaction, and every step may be repeated: a watch that is killed, or two at
    once, raise each alert once. A store that is away is waited for.
    """

    def __init__(self, url: str, *, every_s: float = EVERY_S) -> None:
        self._url = url
        self._every_s = every_s
        self._stopping = asyncio.Event()
        self._geography: Geography | None = None
        self._source: WaterSource | None = None
        self._due: dict[str, float] = {}
        self._told = False
        self._turns = Turns()
        self._guard = Guard()
        self._sealer = Sealer()
        self.stored = 0

    def stop(self) -> None:
        """End after the round that runs. Callable again."""
        self._stopping.set()

    async def run(self) -> None:
        """Until told to stop. Raises `StoreError` for what waiting cannot mend."""
        pool: asyncpg.Pool | None = None
        layers: LayerWatch | None = None
        lost = False
        loop = asyncio.get_running_loop()
        try:
            while not self._stopping.is_set():
                due = loop.time() + self._every_s
                try:
                    if pool is None or layers is None:
                        pool = await create_pool(self._url, application=APPLICATION, size=2)
                        layers = LayerWatch(pool)
                    await self._look(layers)
                    self._tell(await self.round(pool))
                    self._begun()
                    await self._sealer.turn(pool)
                except Exception as error:
                    lost = _waited_for(error, lost)
                    due = loop.time() + _WAIT_S
                else:
                    if lost:
                        lost = False
                        _log.info("store is back", action="store.recovered")
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        await self._stopping.wait()
        finally:
            if pool is not None:
                await _close(pool)

    async def _look(self, layers: LayerWatch) -> None:
        """Take the store's layers, and again when they change."""
        geography = await layers.geography()
        if geography is None and self._geography is None:
            geography = await asyncio.to_thread(Geography.builtin)
        if geography is not None:
            self.use(geography)

    def use(self, geography: Geography) -> None:
        """Judge places by these layers from now on."""
        self._geography = geography
        self._source = water_source(geography)

    async def round(self, pool: asyncpg.Pool, *, everything: bool = False) -> Round:
        """Look once. `everything`: also at what is looked at less often. Raises `StoreError`."""
        if self._geography is None:
            self.use(await asyncio.to_thread(Geography.builtin))
        geography, source = self._geography, self._source
        if geography is None:
            raise AssertionError("no geography")
        if everything or self._is_due("overtaken", STOPS_S):
            with suppress(WatchTaken):
                async with transaction(pool) as connection:
                    now = await store_now(connection)
                    await note_overtaken(connection, now, at_once=everything)
        async with transaction(pool) as connection:
            points = await checkpoints(connection)
            now = await store_now(connection)
            matched = await match_pending(connection, points, now, self._guard)
        raised: list[Raised] = []
        for step in (new_matches, new_crossings):
            with suppress(WatchTaken):  # another watch was there first, and does this work
                async with transaction(pool) as connection:
                    raised += await step(connection, geography, source)
        often = everything or self._is_due("recheck", RECHECK_S)
        async with transaction(pool) as connection:
            raised += await self._carriers(
                connection, often, everything or self._is_due("stops", STOPS_S)
            )
        retracted: list[Alert] = []
        if often:
            async with transaction(pool) as connection:
                now = await store_now(connection)
                ask = recheck if everything else self._turns.take
                retracted = await ask(connection, geography, source, now, self._guard)
        async with transaction(pool) as connection:
            await end_round(connection)
        return Round(len(matched), tuple(raised), tuple(retracted))

    async def _carriers(self, connection: Connection, silences: bool, stops: bool) -> list[Raised]:
        if self._geography is None:
            return []
        now, guard = await store_now(connection), self._guard
        states = await spoil_carriers(connection, now - BACK)
        looks = [border_cases]
        looks += [silence_cases] if silences else []
        looks += [stop_cases] if stops else []
        raised: list[Raised] = []
        for look in looks:
            cases = await look(connection, self._geography, self._source, states, now, guard=guard)
            raised += await pursue_each(connection, self._geography, cases, guard)
        if stops:
            cases = await passages_again(connection, self._source, now, guard)
            raised += await pursue_each(connection, self._geography, cases, guard)
        return raised

    def _begun(self) -> None:
        if not self._told:
            self._told = True
            _log.info("watching", action="watch.started", pid=os.getpid())

    def _is_due(self, what: str, every_s: float) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every_s
        return True

    def _tell(self, done: Round) -> None:
        for one in done.raised:
            alert = one.alert
            _log.info(
                str(one.kind),
                action=one.kind,
                alert_id=str(alert.alert_id),
                behaviour=alert.behaviour,
                score=alert.score,
            )
        for gone in done.retracted:
            _log.info(
                "alert retracted",
                action="alert.retracted",
                alert_id=str(gone.alert_id),
                why=gone.retraction,
            )
        self.stored += len(done.raised)


def _waited_for(error: Exception, lost: bool) -> bool:
    """Raise what waiting cannot mend; `True`, told once: the store is waited for."""
    mapped: WhistleError | None = store_error(error)
    if mapped is None:
        raise error
    if not (isinstance(mapped, StoreError) and mapped.retriable):
        raise mapped from error
    if not lost:
        _log.warning("waiting for the store", action="store.lost", error=str(mapped))
    return True


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), _CLOSE_S)
    except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        pool.terminate()
