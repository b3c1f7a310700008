"""A worker's place in the consumer group: reached, joined, asked for records, left."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from domain.errors import WhistleError
from streams.kafka.assignment import Assignment
from streams.kafka.client import options, why_not
from streams.kafka.errors import broker_error
from streams.kafka.topics import require
from streams.settings import KafkaSettings
from streams.topics.topic import Topic

_log = structlog.get_logger(__name__)
_RECORDS = 256  # at once from the consumer; decoding them holds the loop
_GRACE_S = 0.25
_AGAIN_S = 0.5
_LEAVE_S = 5.0


class Membership:
    """A broker that is away is waited for, and that is said once; `waiting` while it is so."""

    def __init__(
        self, kafka: KafkaSettings, assignment: Assignment, stopping: asyncio.Event
    ) -> None:
        self.waiting = False
        self.joined = False
        self._kafka = kafka
        self._assignment = assignment
        self._stopping = stopping

    async def reached(self, wanted: Sequence[Topic]) -> str | None:
        """The broker's cluster once it answers and has our topics; `None`: stopped before.

        Raises `BrokerError` for what waiting cannot mend.
        """
        while not self._stopping.is_set():
            try:
                return await require(self._kafka, wanted)
            except WhistleError as error:
                if not error.retriable:
                    raise
                await self.later(error)
        return None

    async def join(self, topics: Sequence[str]) -> None:
        """Become a worker of the group; partitions come when the group has dealt them."""
        session_ms = int(self._kafka.kafka_session_s * 1000)
        self.consumer = AIOKafkaConsumer(
            **options(self._kafka),
            group_id=self._kafka.kafka_group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # never used: every place comes from the store
            isolation_level="read_committed",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 5,
            fetch_max_wait_ms=200,
        )
        self.consumer.subscribe(list(topics), listener=self._assignment)
        self._assignment.belongs_to(self.consumer)
        while not self._stopping.is_set():
            try:
                await self.consumer.start()
            except (KafkaError, OSError) as error:
                mapped = await why_not(self._kafka, error)
                if mapped is None or not mapped.retriable:
                    raise mapped or error from error
                await self.later(mapped)
            else:
                self.joined = True
                self.waiting = False
                return

    async def leave(self) -> None:
        """Give the partitions back at once, if the broker can be told."""
        self.joined = False
        with suppress(TimeoutError, KafkaError, OSError):
            async with asyncio.timeout(_LEAVE_S):
                await self.consumer.stop()

    async def poll(self, wait_s: float) -> dict[TopicPartition, list[Any]]:
        """Records that have come; nothing while the group is being dealt anew."""
        try:
            async with asyncio.timeout(wait_s + _GRACE_S):
                found: dict[TopicPartition, list[Any]] = await self.consumer.getmany(
                    timeout_ms=int(wait_s * 1000), max_records=_RECORDS
                )
                return found
        except TimeoutError:
            return {}
        except (KafkaError, OSError) as error:
            mapped = broker_error(error)
            if mapped is None or not mapped.retriable:
                raise mapped or error from error
            await self.later(mapped)
            return {}

    async def show_life(self) -> None:
        """Ask the broker for nothing: who does not ask for minutes loses its place."""
        held = set(self._assignment.positions)
        self.consumer.pause(*held)
        await self.poll(0)
        self.consumer.resume(*(held & self._assignment.positions.keys()))

    async def later(self, error: WhistleError) -> None:
        """Say once what is waited for, and wait a moment."""
        if not self.waiting:
            self.waiting = True
            _log.warning("waiting", action="stream.waiting", code=error.code, error=str(error))
        if self._stopping.is_set():
            await asyncio.sleep(_AGAIN_S)  # who still waits has something to finish
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_AGAIN_S):
                await self._stopping.wait()
