"""The ingest: sources → bounded queue → batches → one transaction each."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import cast

import asyncpg
import structlog

from commands.register_feed import RegisterFeed, register_feed
from db import feed
from db.errors import store_error
from db.pool import connect, create_pool
from domain.clock import utc_now
from layers.geography import Geography
from streams.batch import Batch, BatchBuilder
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Sentence
from streams.handlers.position import PositionHandler
from streams.handlers.rejected import RejectedHandler
from streams.heartbeat import Heartbeat
from streams.inputs import Input
from streams.intake import FeedIntake, SourceEnded
from streams.layers import LayerWatch
from streams.memory import keep_small
from streams.partitions import Partitions
from streams.settings import IngestSettings, StreamSettings
from streams.sources.source import Source
from streams.store import BatchStore

_log = structlog.get_logger(__name__)
_ACTOR = "ingest"
_SLICE = 64  # sentences decoded before other tasks get their turn
_LAYERS_EVERY_S = 1.0
_DAY_CHECK_S = 600.0
_OPEN_EVERY_S = 0.5
_CLOSE_S = 5.0

Item = list[Sentence] | SourceEnded | None
"""In the queue: sentences, the end of one source, the end of all."""


_Opened = tuple[asyncpg.Pool, list[FeedIntake], LayerWatch, Partitions]


class Ingest:
    """Reads all `inputs` into the store until they end or `stop` is called.

    What a source has put in the queue is taken, and `run` returns only when it is stored. The queue
    is bounded, so a slow store holds the sources back. Killed at any moment, the next run goes on
    where the store stands.
    """

    def __init__(
        self,
        url: str,
        inputs: Sequence[Input],
        *,
        streams: StreamSettings | None = None,
        settings: IngestSettings | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._url = url
        self._inputs = inputs
        self._streams = streams or StreamSettings()
        self._settings = settings or IngestSettings()
        self._now = now
        self._queue: asyncio.Queue[Item] = asyncio.Queue(self._streams.source_queue_batches)
        self._batches: asyncio.Queue[Batch | None] = asyncio.Queue(1)
        self._stopping = False
        self.stored = 0

    def stop(self) -> None:
        """Read nothing more, store what was taken, let `run` return. Callable again."""
        self._stopping = True
        for one in self._inputs:
            one.source.stop()

    async def run(self) -> None:
        """Until every source has ended and everything taken is stored.

        Raises `CursorTaken`, `StoreError` for what waiting cannot mend, `InvalidInput` for a source
        that cannot be read. A store that is merely away is waited for.
        """
        opened = await self._opened()
        if opened is None:
            return
        pool, intakes, layers, partitions = opened
        store = BatchStore(
            lambda: connect(self._url, application="whistle ingest"),
            self._positions,
            RejectedHandler(
                {one.feed_id: one.source.source_id for one in self._inputs},
                per_minute=self._settings.rejected_per_minute,
            ),
            partitions=partitions.make_for,
        )
        heartbeat = Heartbeat(
            pool,
            [(one.source, intake) for one, intake in zip(self._inputs, intakes, strict=True)],
            every_s=self._settings.beat_s,
            queued=self._queue.qsize,
            queue_limit=self._queue.maxsize,
        )
        beside = [
            heartbeat.run(),
            self._watch_layers(layers),
            self._watch_days(pool, partitions),
            keep_small(),
        ]
        try:
            await self._together(intakes, store, beside)
            await heartbeat.beat(closing=True)
        finally:
            await _close(pool)

    async def _together(
        self,
        intakes: Sequence[FeedIntake],
        store: BatchStore,
        beside: Sequence[Coroutine[None, None, None]],
    ) -> None:
        """Run all tasks; the ingest dies with any of them, those beside end with the writer."""
        builder = BatchBuilder(
            {intake.feed_id: intake for intake in intakes}, self._settings.batch_messages
        )
        try:
            async with asyncio.TaskGroup() as group:
                running = [group.create_task(one) for one in beside]
                group.create_task(self._read_all())
                group.create_task(self._decode(builder))
                await group.create_task(self._write(store))
                for task in running:
                    task.cancel()
        finally:
            with suppress(Exception):
                await store.close()

    async def _opened(self) -> _Opened | None:
        """What must stand before reading begins, once the store is there; `None`: stopped."""
        waiting = False
        while not self._stopping:
            try:
                return await self._open()
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

    async def _open(self) -> _Opened:
        pool = await create_pool(self._url, application="whistle ingest", size=3)
        try:
            intakes = [await self._intake(pool, one) for one in self._inputs]
            layers = LayerWatch(pool)
            geography = await layers.geography()
            if geography is None:  # better the packaged districts than sentences nobody takes
                geography = await asyncio.to_thread(Geography.builtin)
            self._positions = PositionHandler(geography)
            partitions = Partitions(self._settings.partitions_ahead, self._streams.retention)
            async with pool.acquire() as connection:
                await partitions.make_ahead(connection, self._now())
        except BaseException:
            await _close(pool)
            raise
        return pool, intakes, layers, partitions

    async def _intake(self, pool: asyncpg.Pool, one: Input) -> FeedIntake:
        """Register the feed and set its source where its cursor stands."""
        source: Source = one.source
        async with pool.acquire() as connection:
            command = RegisterFeed(one.feed(), self._now())
            if await register_feed(connection, _ACTOR, command):
                _log.info("feed on the register", action="feed.registered", feed_id=one.feed_id)
            offset: int = 0
            pending: tuple[int, ...] = ()
            if source.source_id is not None:
                offset, pending = await feed.cursor(connection, one.feed_id, source.source_id)
        decoder = AisDecoder(
            now=self._now,
            retention=self._streams.retention,
            tolerance=self._streams.time_tolerance,
            part_timeout=self._streams.part_timeout,
        )
        intake = FeedIntake(
            one.feed_id, decoder, source_id=source.source_id, next_offset=offset, pending=pending
        )
        if source.source_id is not None:
            one.resume(intake.resume_offset)
            _log.info(
                "source goes on",
                action="source.resume",
                feed_id=one.feed_id,
                source_id=source.source_id,
                offset=intake.resume_offset,
            )
        return intake

    async def _read_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for one in self._inputs:
                group.create_task(self._read(one.source))
        await self._queue.put(None)

    async def _read(self, source: Source) -> None:
        await source.read(cast("asyncio.Queue[list[Sentence]]", self._queue))
        # half a message from a socket will never be whole; a file still has it at the next start
        final = source.source_id is None or not self._stopping
        await self._queue.put(SourceEnded(source.feed_id, final, unasked=not self._stopping))

    async def _decode(self, builder: BatchBuilder) -> None:
        """From the queue to batches: closed when full, or when the first message waited enough."""
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        while True:
            item: Item | bool = False
            with suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    item = await self._queue.get()
            if isinstance(item, list):
                for start in range(0, len(item), _SLICE):
                    for batch in builder.add(item[start : start + _SLICE]):
                        await self._batches.put(batch)
                        deadline = None
                    await asyncio.sleep(0)
            elif isinstance(item, SourceEnded):
                builder.end(item)
            if item is None or (deadline is not None and loop.time() >= deadline):
                batch = builder.close()
                if not batch.empty:
                    await self._batches.put(batch)
                deadline = None
            if item is None:
                await self._batches.put(None)
                return
            if builder.started and deadline is None:
                deadline = loop.time() + self._settings.batch_s

    async def _write(self, store: BatchStore) -> None:
        while (batch := await self._batches.get()) is not None:
            await store.store(batch)
            self.stored += len(batch.messages)

    async def _watch_layers(self, layers: LayerWatch) -> None:
        while True:
            await asyncio.sleep(_LAYERS_EVERY_S)
            try:
                geography = await layers.geography()
            except Exception as error:
                mapped = store_error(error)
                if mapped is None or not mapped.retriable:
                    raise
                continue  # the heartbeat has said that the store is away
            if geography is not None:
                self._positions.use(geography)
                _log.info("new layers", action="layers.changed")

    async def _watch_days(self, pool: asyncpg.Pool, partitions: Partitions) -> None:
        while True:
            try:
                async with pool.acquire() as connection:
                    await partitions.make_ahead(connection, self._now())
                    await partitions.drop_expired(connection, self._now())
            except Exception as error:
                mapped = store_error(error)
                if mapped is None or not mapped.retriable:
                    raise
            await asyncio.sleep(_DAY_CHECK_S)


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), _CLOSE_S)
    except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        pool.terminate()
