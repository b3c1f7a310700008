"""The signs of life of a worker and of feeds that come by Kafka, apart from the batches."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from commands.register_feed import RegisterFeed, register_feed
from db.errors import store_error
from db.feed import Feed
from db.pipeline import end_worker, feed_beat, worker_beat
from streams.contracts.messages import Message, PositionMessage, TopicMessage
from streams.topics.topic import FEED

_log = structlog.get_logger(__name__)
_ACTOR = "ingest"
_QUIET_S = 60.0
_FORGOTTEN: Final = timedelta(hours=1)
_NAMES = ("AIS 岸站", "AIS shore station")
_NOBODYS = ("数据通道来件", "records of the data channel")
"""Refused ones of which not even the feed can be read."""


@dataclass(slots=True)
class _Heard:
    """Times of arrival at the first socket, and beats since something came."""

    sentence_at: datetime
    fix_at: datetime | None = None
    quiet_beats: int = 0


class StreamBeat:
    """Writes `stream_worker`, and `feed_status` for the feeds that this worker takes records of.

    A feed of which nothing came for a minute is left alone, so that its row grows old: its relay
    may have died, or its partitions may be another worker's now. `lag` is how many records of this
    worker's partitions wait at the broker; `blind` while that cannot be asked. `held`: how many
    partitions it has; `waiting`: whether the worker waits for the broker.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        every_s: float,
        lag: Callable[[], Awaitable[int]],
        held: Callable[[], int],
        waiting: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._every_s = every_s
        self._ask_lag, self._held, self._waiting = lag, held, waiting
        self._worker = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"
        self._now = now
        self._heard: dict[str, _Heard] = {}
        self.lag = 0
        self.blind = False
        self._registered: set[str] = set()
        self._failed = False

    def heard(self, messages: Sequence[Message]) -> None:
        """Note whose messages these of one record are."""
        if not messages or isinstance(messages[-1], TopicMessage):
            return  # a topic of its own is no feed of a receiver
        sentence = messages[-1].sentence
        one = self._heard.setdefault(sentence.feed_id, _Heard(sentence.arrived_at))
        one.sentence_at, one.quiet_beats = sentence.arrived_at, 0
        if isinstance(messages[-1], PositionMessage):
            one.fix_at = sentence.arrived_at

    async def run(self) -> None:
        """Beat until cancelled; a store that is away does not stop it."""
        while True:
            await asyncio.sleep(self._every_s)
            await self.beat()

    async def beat(self) -> None:
        """Write one sign of life of every feed."""
        try:
            async with asyncio.timeout(self._every_s):
                self.lag = await self._ask_lag()
            self.blind = False
        except (KafkaError, OSError, TimeoutError):
            self.blind = True  # the last known lag stands
        for one in self._heard.values():
            one.quiet_beats += not self.lag  # nothing comes in because nothing is there
        most = _QUIET_S / self._every_s
        self._heard = {k: one for k, one in self._heard.items() if one.quiet_beats <= most}
        heard = {key: (one.sentence_at, one.fix_at) for key, one in self._heard.items()}
        try:
            async with asyncio.timeout(self._every_s * 5), self._pool.acquire() as connection:
                for feed_id in self._heard.keys() - self._registered:
                    feed = Feed(feed_id, "ais", *(_NOBODYS if feed_id == FEED else _NAMES), None)
                    await register_feed(connection, _ACTOR, RegisterFeed(feed, self._now()))
                    self._registered.add(feed_id)
                await worker_beat(
                    connection,
                    self._worker,
                    partitions=self._held(),
                    waiting=self.lag,
                    blind=self.blind or self._waiting(),
                )
                await feed_beat(connection, heard)
        except Exception as error:
            mapped = store_error(error)
            if mapped is None or not mapped.retriable:
                raise
            if not self._failed:
                _log.warning("no heartbeat", action="heartbeat.lost", error=str(mapped))
            self._failed = True
        else:
            if self._failed:
                _log.info("heartbeat is back", action="heartbeat.recovered")
            self._failed = False

    async def end(self) -> None:
        """The last sign: the worker stops in order. A store that is away is left alone."""
        await self.beat()
        try:
            async with asyncio.timeout(self._every_s * 5), self._pool.acquire() as connection:
                await end_worker(connection, self._worker, self._now() - _FORGOTTEN)
        except Exception as error:
            mapped = store_error(error)
            if mapped is None or not mapped.retriable:
                raise
