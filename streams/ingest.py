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
from domain.clock import utc_now
from streams.batch import Batch, BatchBuilder
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Sentence
from streams.handlers.rejected import RejectedHandler
from streams.heartbeat import Heartbeat
from streams.inputs import Input
from streams.intake import FeedIntake, SourceEnded
from streams.memory import keep_small
from streams.settings import IngestSettings, StreamSettings
from streams.sources.source import Source
from streams.store import BatchStore
from streams.workplace import Workplace, once_there

_log = structlog.get_logger(__name__)
_ACTOR = "ingest"
_SLICE = 64  # sentences decoded before other tasks get their turn

Item = list[Sentence] | SourceEnded | None
"""In the queue: sentences, the end of one source, the end of all."""


_Opened = tuple[Workplace, list[FeedIntake]]


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
        opened = await once_there(self._open, lambda: self._stopping)
        if opened is None:
            return
        place, intakes = opened
        store = BatchStore(
            place.connect,
            place.positions,
            RejectedHandler(
                {one.feed_id: one.source.source_id for one in self._inputs},
                per_minute=self._settings.rejected_per_minute,
            ),
            partitions=place.partitions.make_for,
        )
        heartbeat = Heartbeat(
            place.pool,
            [(one.source, intake) for one, intake in zip(self._inputs, intakes, strict=True)],
            every_s=self._settings.beat_s,
            queued=self._queue.qsize,
            queue_limit=self._queue.maxsize,
        )
        beside = [
            heartbeat.run(),
            place.watch_layers(),
            place.watch_days(),
            keep_small(),
        ]
        try:
            await self._together(intakes, store, beside)
            await heartbeat.beat(closing=True)
        finally:
            await place.close()

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

    async def _open(self) -> _Opened:
        place = await Workplace.open(self._url, self._settings, self._streams, self._now)
        try:
            return place, [await self._intake(place.pool, one) for one in self._inputs]
        except BaseException:
            await place.close()
            raise

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
