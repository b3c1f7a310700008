"""`whistle ingest --kafka`: records of a consumer group → batches → one transaction each.

The store's offsets decide, not the broker's: a batch moves them by compare-and-set together with
its rows (docs/streams.md). Two workers that both believe to hold a partition cannot both commit.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import TopicPartition

from db.errors import store_error
from db.stream import PartitionTaken
from domain.clock import utc_now
from streams.batch import Batch
from streams.handlers.rejected import RejectedHandler
from streams.kafka.assignment import Assignment
from streams.kafka.beat import StreamBeat
from streams.kafka.client import topic_name
from streams.kafka.dead_letters import DeadLetters
from streams.kafka.errors import broker_error
from streams.kafka.membership import Membership
from streams.kafka.metrics import WorkerMetrics
from streams.kafka.places import Places
from streams.kafka.taking import Taking
from streams.memory import keep_small
from streams.meter import Meter
from streams.settings import IngestSettings, KafkaSettings, StreamSettings
from streams.store import BatchStore
from streams.topics.registry import incoming, topics
from streams.topics.topic import Limits, Record
from streams.workplace import Workplace, once_there

_log = structlog.get_logger(__name__)
_POLL_S = 0.25
_ALIVE_S = 30.0  # the broker puts out who has not asked for minutes


class KafkaIngest:
    """One worker. `run` until `stop`; what was taken by then is stored."""

    def __init__(
        self,
        url: str,
        *,
        kafka: KafkaSettings | None = None,
        streams: StreamSettings | None = None,
        settings: IngestSettings | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._url = url
        self._kafka = kafka or KafkaSettings()
        self._streams = streams or StreamSettings()
        self._settings = settings or IngestSettings()
        self._now = now
        self._topics = {topic_name(self._kafka, one.name): one for one in incoming().values()}
        self._stopping = asyncio.Event()
        self._batches: asyncio.Queue[Batch | None] = asyncio.Queue(1)
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._forget = self._busy = False
        self._given = 0
        self._store: BatchStore | None = None
        self._assignment = Assignment(self._revoked)
        self._group = Membership(self._kafka, self._assignment, self._stopping)
        self.stored = self.fenced = 0
        self.records: Counter[str] = Counter()
        self.meter = Meter()
        self.meter.registry.register(WorkerMetrics(self))

    def stop(self) -> None:
        """Take nothing more, store what was taken, leave the group. Callable again."""
        self._stopping.set()

    async def run(self) -> None:
        """Raises `BrokerError` and `StoreError` for what waiting cannot mend."""
        place = await once_there(
            lambda: Workplace.open(self._url, self._settings, self._streams, self._now),
            self._stopping.is_set,
        )
        if place is None:
            return
        try:
            cluster_id = await self._group.reached(list(topics().values()))
            if cluster_id is not None:
                await self._work(place, cluster_id)
        finally:
            await place.close()

    async def _work(self, place: Workplace, cluster_id: str) -> None:
        limits = Limits(
            self._now,
            self._streams.retention,
            self._streams.time_tolerance,
            self._streams.part_timeout,
        )
        self._open = Taking(cluster_id, limits)
        self._places = Places(place.pool, cluster_id, self._now)
        self._beat = StreamBeat(
            place.pool,
            every_s=self._settings.beat_s,
            lag=self.lag,
            held=lambda: self.held,
            waiting=lambda: self._group.waiting,
            now=self._now,
        )
        store = BatchStore(
            place.connect,
            place.positions,
            RejectedHandler({}, per_minute=self._settings.rejected_per_minute),
            partitions=place.partitions.make_for,
            others=[one.handler() for one in self._topics.values() if one.handler is not None],
        )
        self._store = store
        self._letters = DeadLetters(self._kafka, list(self._topics), self._group.later)
        try:
            await self._group.join(list(self._topics))
            await self._together(
                store, [self._beat.run(), place.watch_layers(), place.watch_days(), keep_small()]
            )
            await self._beat.end()
        finally:
            await self._letters.close()
            await self._group.leave()

    async def _together(self, store: BatchStore, beside: list[Coroutine[None, None, None]]) -> None:
        """Run all tasks; the worker dies with any of them, those beside end with the writer."""
        try:
            async with asyncio.TaskGroup() as group:
                running = [group.create_task(one) for one in beside]
                group.create_task(self._read())
                await group.create_task(self._write(store))
                for task in running:
                    task.cancel()
        finally:
            with suppress(Exception):
                await store.close()

    async def _read(self) -> None:
        """From the broker to batches: closed when full, or when the first message waited enough."""
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        while not self._stopping.is_set():
            if self._assignment.fresh:
                await self._take_over()
            wait_s = _POLL_S if deadline is None else max(0.0, deadline - loop.time())
            for place, records in (await self._group.poll(min(_POLL_S, wait_s))).items():
                await self._take(place, records)
            if not self._open:
                deadline = None
            elif deadline is None:
                deadline = loop.time() + self._settings.batch_s
            elif loop.time() >= deadline:
                await self._hand_over()
                deadline = None
        if self._open:
            await self._hand_over()
        await self._batches.put(None)

    async def _take(self, place: TopicPartition, records: list[Any]) -> None:
        topic = self._topics[place.topic]
        for one in records:
            position = self._assignment.positions.get(place)
            if position is None:
                return  # given back meanwhile
            if one.offset != position and await self._broken(place, position, one.offset):
                return
            if one.offset < position:
                continue
            at = datetime.fromtimestamp(max(one.timestamp, 0) / 1000, UTC)
            record = Record(place.topic, place.partition, one.offset, one.key, one.value, at)
            self._beat.heard(self._open.take(topic, record, position))
            self._assignment.positions[place] = one.offset + 1
            self.records[topic.name] += 1
            if len(self._open.messages) >= self._settings.batch_messages:
                await self._hand_over()
            else:
                await asyncio.sleep(0)  # the writer's turn: else it waits at its first question

    async def _broken(self, place: TopicPartition, position: int, offset: int) -> bool:
        """Whether the log lacks what we wanted, and not only numbers that never had a record."""
        generation = self._assignment.generation
        begins = await self._group.consumer.beginning_offsets([place])
        ends = await self._group.consumer.end_offsets([place])
        if generation != self._assignment.generation:
            return True
        if begins[place] <= position <= ends[place]:
            return False
        _log.warning(
            "the log is not where it was",
            action="stream.doubt",
            topic=place.topic,
            partition=place.partition,
            expected=position,
            found=offset,
        )
        if self._open:
            await self._hand_over()
        self._assignment.again()
        return True

    async def _hand_over(self) -> None:
        """Give the open batch to the writer, waiting while it has one already."""
        generation, batch = self._assignment.generation, self._open.close()
        self._given += len(batch.messages)
        while self._batches.full():
            self._room.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_ALIVE_S):
                    await self._room.wait()
            if self._batches.full():
                await self._group.show_life()
        if generation == self._assignment.generation:
            self._batches.put_nowait(batch)
            self._idle.clear()
        else:
            self._given -= len(batch.messages)  # others may have it by now

    async def _take_over(self) -> None:
        """Find the places of partitions that are new to us; tried again until both sides answer."""
        generation, wanted = self._assignment.generation, set(self._assignment.fresh)
        with suppress(TimeoutError):  # if the store is that slow, its offsets tell who was first
            async with asyncio.timeout(_ALIVE_S):
                await self._idle.wait()
        try:
            places = await self._places.of(self._group.consumer, wanted)
        except PartitionTaken:
            return  # another worker says the same of the same gap
        except Exception as error:
            mapped = store_error(error) or broker_error(error)
            if mapped is None or not mapped.retriable:
                raise mapped or error from error
            await self._group.later(mapped)
            return
        if generation == self._assignment.generation:
            self._forget = True
            self._assignment.ready(places)
            self._group.waiting = False

    async def _revoked(self) -> None:
        """Drop what nobody has begun to store; give what is being stored a moment to end."""
        self._open.clear()
        self._drop_waiting()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._kafka.kafka_session_s / 2):
                await self._idle.wait()

    def _drop_waiting(self) -> None:
        ended = False
        while not self._batches.empty():
            batch = self._batches.get_nowait()
            ended = ended or batch is None
            self._given -= len(batch.messages) if batch is not None else 0
        if ended:
            self._batches.put_nowait(None)  # the writer still has to hear of the end
        self._settle()
        self._room.set()

    def _settle(self) -> None:
        """Idle is who stores nothing and has nothing waiting."""
        if not self._busy and self._batches.empty():
            self._idle.set()

    async def _write(self, store: BatchStore) -> None:
        loop = asyncio.get_running_loop()
        while (batch := await self._batches.get()) is not None:
            self._room.set()
            self._busy = True
            if self._forget:
                self._forget = False
                store.forget()
            began = loop.time()
            try:
                await self._letters.send(batch.messages)
                self.meter.stored(await store.store(batch), loop.time() - began)
                self.stored += len(batch.messages)
            except PartitionTaken as error:
                self.fenced += 1
                _log.warning("another worker was there", action="stream.taken", error=str(error))
                self._open.clear()
                self._drop_waiting()
                self._assignment.again()
            finally:
                self._given -= len(batch.messages)
                self._busy = False
                self._settle()
        self._idle.set()

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether store and broker answered when they were last asked."""
        store = self._store is not None and not self._store.lost
        broker = self._group.joined and not self._group.waiting and not self._beat.blind
        return store and broker, {"store": store, "broker": broker}

    @property
    def waiting(self) -> int:
        """Records that waited for this worker at its last sign of life."""
        return self._beat.lag if self._group.joined else 0

    @property
    def gaps(self) -> int:
        """Times that records were gone before they were taken."""
        return self._places.gaps if self._group.joined else 0

    @property
    def held(self) -> int:
        """Partitions that this worker takes from now."""
        return len(self._assignment.positions)

    @property
    def in_hand(self) -> int:
        """Messages taken and not stored yet."""
        return (len(self._open.messages) if self._group.joined else 0) + self._given

    async def lag(self) -> int:
        """Records of our partitions that wait at the broker."""
        held = dict(self._assignment.positions)
        if not held:
            return 0
        ends = await self._group.consumer.end_offsets(list(held))
        return sum(max(0, ends[tp] - at) for tp, at in held.items())
