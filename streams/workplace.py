"""What every ingest works with: the store's pool, the layers, the days of `vessel_position`."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import asyncpg
import structlog

from db.errors import store_error
from db.pool import connect, create_pool
from layers.geography import Geography
from streams.compaction import Compaction
from streams.handlers.position import PositionHandler
from streams.housekeeping import Housekeeping
from streams.layers import LayerWatch
from streams.partitions import Partitions
from streams.settings import IngestSettings, StorageSettings, StreamSettings

_log = structlog.get_logger(__name__)
_NAME = "whistle ingest"
_LAYERS_EVERY_S = 1.0
_DAY_CHECK_S = 600.0
_COMPACT_CHECK_S = 900.0
_HOUSE_CHECK_S = 900.0
_OPEN_EVERY_S = 0.5
_CLOSE_S = 5.0

T = TypeVar("T")


class Workplace:
    """Opened once the store is there; `positions` detects by the layers as they stand now."""

    def __init__(
        self,
        url: str,
        *,
        pool: asyncpg.Pool,
        layers: LayerWatch,
        positions: PositionHandler,
        partitions: Partitions,
        compaction: Compaction | None,
        housekeeping: Housekeeping,
        now: Callable[[], datetime],
    ) -> None:
        self.pool = pool
        self.positions = positions
        self.partitions = partitions
        self._url = url
        self._layers = layers
        self._compaction = compaction
        self._housekeeping = housekeeping
        self._now = now

    @classmethod
    async def open(
        cls,
        url: str,
        settings: IngestSettings,
        streams: StreamSettings,
        now: Callable[[], datetime],
    ) -> "Workplace":
        """Raises what the store says when it is away or not as it should be."""
        pool = await create_pool(url, application=_NAME, size=3)
        try:
            layers = LayerWatch(pool)
            geography = await layers.geography()
            if geography is None:  # better the packaged districts than sentences nobody takes
                geography = await asyncio.to_thread(Geography.builtin)
            partitions = Partitions(settings.partitions_ahead, streams.retention)
            async with pool.acquire() as connection:
                await partitions.make_ahead(connection, now())
        except BaseException:
            await _close(pool)
            raise
        return cls(
            url,
            pool=pool,
            layers=layers,
            positions=PositionHandler(geography),
            partitions=partitions,
            compaction=_compaction(url, streams, now),
            housekeeping=Housekeeping(url, streams.retention, now=now),
            now=now,
        )

    async def connect(self) -> asyncpg.Connection:
        """A connection of its own, for the batches."""
        return await connect(self._url, application=_NAME)

    async def watch_layers(self) -> None:
        """Detect by new layers as they come, until cancelled."""
        while True:
            await asyncio.sleep(_LAYERS_EVERY_S)
            try:
                geography = await self._layers.geography()
            except Exception as error:
                mapped = store_error(error)
                if mapped is None or not mapped.retriable:
                    raise
                continue  # the heartbeat has said that the store is away
            if geography is not None:
                self.positions.use(geography)
                _log.info("new layers", action="layers.changed")

    async def watch_days(self) -> None:
        """Make days ahead, compact the old ones, tidy the store daily, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(_DAY_CHECK_S, self._make_ahead))
            group.create_task(self._every(_HOUSE_CHECK_S, self._housekeeping.attempt))
            if self._compaction is not None:
                group.create_task(self._every(_COMPACT_CHECK_S, self._compaction.attempt))

    async def _make_ahead(self) -> None:
        async with self.pool.acquire() as connection:
            await self.partitions.make_ahead(connection, self._now())

    async def _every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Again and again; a store that is away is left to the next time."""
        while True:
            try:
                await work()
            except Exception as error:
                mapped = store_error(error)
                if mapped is None or not mapped.retriable:
                    raise
                _log.info("put off", action="days.put_off", error=str(mapped))
            await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Give the pool's connections back."""
        await _close(self.pool)


async def once_there(attempt: Callable[[], Awaitable[T]], stopping: Callable[[], bool]) -> T | None:
    """What `attempt` gives once the store is there; `None` when stopped before.

    Raises what waiting cannot mend.
    """
    waiting = False
    while not stopping():
        try:
            return await attempt()
        except Exception as error:
            mapped = store_error(error)
            if mapped is None or (mapped is error and not mapped.retriable):
                raise
            if not mapped.retriable:
                raise mapped from error
            if not waiting:
                _log.warning("waiting for the store", action="store.lost", error=str(mapped))
            waiting = True
            await asyncio.sleep(_OPEN_EVERY_S)
    return None


def _compaction(
    url: str, streams: StreamSettings, now: Callable[[], datetime]
) -> Compaction | None:
    settings = StorageSettings()
    return Compaction(url, streams.retention, settings, now=now) if settings.compact else None


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), _CLOSE_S)
    except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        pool.terminate()
