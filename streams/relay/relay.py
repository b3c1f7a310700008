"""The relay: sources → decoder → records → spool → broker."""

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import structlog

from domain.clock import utc_now
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Message, Sentence
from streams.inputs import Input
from streams.intake import FeedIntake, SourceEnded
from streams.memory import keep_small
from streams.relay.delivery import Delivery
from streams.relay.entry import Entry
from streams.relay.packing import Packer
from streams.relay.spool import Spool
from streams.relay.word import Word
from streams.settings import KafkaSettings, RelaySettings, StreamSettings
from streams.sources.source import Batch

_log = structlog.get_logger(__name__)
_SLICE = 64  # sentences decoded before other tasks get their turn
_LOOK_S = 0.5
_AHEAD_BYTES = 16 * 1024 * 1024
"""How much of what can wait (files, pipes) may stand in the spool."""

Item = list[Sentence] | SourceEnded | None
"""In the queue: sentences, the end of one source, the end of all."""


class Relay:
    """Brings what all `inputs` say to the broker until they end or `stop` is called.

    A sentence that was taken is in the spool within `relay_batch_s` and there until the broker has
    it. A broker that is away holds no socket back: the spool grows, up to its bound. Files and
    pipes, which lose nothing by waiting, wait. `sentences` counts by feed.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        kafka: KafkaSettings,
        *,
        settings: RelaySettings | None = None,
        streams: StreamSettings | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Within a running loop. Raises `InvalidInput` for a spool that cannot be had."""
        self.inputs = inputs
        self.sentences: Counter[str] = Counter({one.feed_id: 0 for one in inputs})
        self._settings = settings or RelaySettings()
        self._streams = streams or StreamSettings()
        self._queue: asyncio.Queue[Item] = asyncio.Queue(self._streams.source_queue_batches)
        name = self._settings.relay_name or socket.gethostname()
        self._packer = Packer(
            relay=name,
            most=self._settings.relay_batch_messages,
        )
        self.spool = Spool(self._settings.relay_spool, limit_bytes=self._settings.spool_bytes)
        self.delivery = Delivery(
            self.spool, self._packer, kafka, patience_s=self._settings.relay_patience_s
        )
        self._word = Word(self, name)
        self.delivery.farewell = lambda: self._word.entry(ended=True)
        self._intakes = {one.feed_id: self._intake(one, now) for one in inputs}
        self._asked = asyncio.Event()
        self.stored = 0
        """Messages that the broker has taken, when `run` has returned."""

    def stop(self) -> None:
        """Read nothing more, send what was taken, let `run` return. Callable again."""
        self._asked.set()
        for one in self.inputs:
            one.source.stop()

    def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """Whether what comes is kept until it is delivered; a broker that is away is no fault."""
        spool = self.spool
        said = {
            "broker": self.delivery.state,
            "reason": self.delivery.reason,
            "spool_bytes": spool.pending_bytes,
            "spool_messages": spool.pending_messages,
            "dropped_messages": spool.dropped,
            "spool_fault": spool.fault,
        }
        full = spool.pending_bytes > spool.limit_bytes - spool.limit_bytes // 10
        return spool.fault is None and not full and not self._asked.is_set(), said

    async def run(self) -> None:
        """Until every source has ended and the broker has everything, or a stop has waited enough.

        Raises `InvalidInput` for a source that cannot be read or a setting that cannot be.
        """
        waiting = self.spool.pending_messages
        if waiting:
            _log.info("spool of an earlier run", action="relay.resume", messages=waiting)
        try:
            async with asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(one) for one in (self._look(), self._word.run(), keep_small())
                ]
                delivering = group.create_task(self.delivery.run())
                group.create_task(self._read_all())
                await group.create_task(self._pack())
                await self._finish(delivering)
                for task in beside:
                    task.cancel()
        finally:
            self.stored = self.delivery.delivered
            self.spool.close()

    async def _finish(self, delivering: asyncio.Task[None]) -> None:
        """Let the broker have the rest; after a stop only for so long."""
        self.delivery.finish()
        asked = asyncio.ensure_future(self._asked.wait())
        await asyncio.wait({delivering, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        await asyncio.wait({delivering}, timeout=self._settings.relay_drain_s)
        if not delivering.done():
            delivering.cancel()
            await asyncio.wait({delivering})
            left = self.spool.pending_messages
            _log.warning("left in the spool", action="relay.left", messages=left)

    def _intake(self, one: Input, now: Callable[[], datetime]) -> FeedIntake:
        decoder = AisDecoder(
            now=now,
            retention=self._streams.retention,
            tolerance=self._streams.time_tolerance,
            part_timeout=self._streams.part_timeout,
        )
        return FeedIntake(one.feed_id, decoder, source_id=one.source.source_id)

    async def _read_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for one in self.inputs:
                group.create_task(self._read(one))
        await self._queue.put(None)

    async def _read(self, one: Input) -> None:
        out: Any = self._queue if one.way not in {"file", "stdin"} else _Patient(self)
        await one.source.read(cast("asyncio.Queue[Batch]", out))
        # half a message from a socket will never be whole; a file still has it at the next start
        asked = self._asked.is_set()
        final = one.source.source_id is None or not asked
        await self._queue.put(SourceEnded(one.feed_id, final, unasked=not asked))

    async def _pack(self) -> None:
        """From the queue to the spool; records are closed when the first message waited enough."""
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        while True:
            item: Item | bool = False
            with suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    item = await self._queue.get()
            if isinstance(item, list):
                await self._take(item)
            elif isinstance(item, SourceEnded):
                intake = self._intakes[item.feed_id]
                if item.final:
                    self._keep(self._packer.add(intake.feed_id, intake.source_id, intake.finish()))
            if item is None or (deadline is not None and loop.time() >= deadline):
                self._keep(self._packer.close())
            if item is None:
                return
            if not self._packer.started:
                deadline = None
            elif deadline is None:
                deadline = loop.time() + self._settings.relay_batch_s

    async def _take(self, sentences: list[Sentence]) -> None:
        """Decode and pack the sentences of one read, which are of one feed."""
        intake = self._intakes[sentences[0].feed_id]
        self.sentences[intake.feed_id] += len(sentences)
        for start in range(0, len(sentences), _SLICE):
            messages: list[Message] = []
            for sentence in sentences[start : start + _SLICE]:
                messages += intake.take(sentence)
            self._keep(self._packer.add(intake.feed_id, intake.source_id, messages))
            await asyncio.sleep(0)

    def _keep(self, entries: list[Entry]) -> None:
        if entries:
            self.spool.append(entries)
            self.delivery.news()

    async def held_up(self) -> None:
        """Wait until little enough waits for the broker, or a stop."""
        most = min(_AHEAD_BYTES, self.spool.limit_bytes // 2)
        while self.spool.pending_bytes > most and not self._asked.is_set():
            self.delivery.landed.clear()
            landing = asyncio.ensure_future(self.delivery.landed.wait())
            asked = asyncio.ensure_future(self._asked.wait())
            try:
                await asyncio.wait({landing, asked}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                landing.cancel()
                asked.cancel()

    async def put(self, batch: Batch) -> None:
        """Take a batch into the queue."""
        await self._queue.put(batch)

    async def _look(self) -> None:
        """Say how the broker is, and bring to the disk what waits for it longer than it should."""
        loop = asyncio.get_running_loop()
        mark, due = self.spool.end, loop.time() + self._settings.relay_sync_s
        while True:
            await asyncio.sleep(min(_LOOK_S, self._settings.relay_sync_s))
            self.delivery.look()
            if loop.time() < due:
                continue
            if self.spool.start < mark:  # what stood there last time is still not delivered
                for segment in self.spool.to_sync():
                    try:
                        await asyncio.to_thread(segment.sync)
                    except OSError as error:
                        if error.errno != errno.EBADF:  # else it was done and closed meanwhile
                            self.spool.complain(error)
            mark, due = self.spool.end, loop.time() + self._settings.relay_sync_s


class _Patient:
    """The queue for sources that lose nothing by waiting."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    async def put(self, batch: Batch) -> None:
        await self._relay.held_up()
        await self._relay.put(batch)
