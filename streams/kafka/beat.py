"""The sign of life of feeds that come by Kafka, on a connection apart from the batches."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import asyncpg
import structlog

from commands.register_feed import RegisterFeed, register_feed
from db.errors import store_error
from db.feed import Beat, Feed, beat
from streams.contracts.messages import Message, PositionMessage

_log = structlog.get_logger(__name__)
_ACTOR = "ingest"
_NAMES = ("AIS 岸站", "AIS shore station")


class StreamBeat:
    """Writes `feed_status` for every feed of which something was taken since the last beat.

    `lag` is how many records of this worker's partitions wait at the broker.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        every_s: float,
        lag: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._every_s = every_s
        self._lag = lag
        self._now = now
        self._heard: dict[str, tuple[datetime, datetime | None]] = {}
        self._registered: set[str] = set()
        self._failed = False

    def heard(self, messages: Sequence[Message]) -> None:
        """Note whose messages these of one record are."""
        if not messages:
            return
        sentence = messages[-1].sentence
        _, fix_at = self._heard.get(sentence.feed_id, (None, None))
        if isinstance(messages[-1], PositionMessage):
            fix_at = sentence.arrived_at
        self._heard[sentence.feed_id] = (sentence.arrived_at, fix_at)

    async def run(self) -> None:
        """Beat until cancelled; a store that is away does not stop it."""
        while True:
            await asyncio.sleep(self._every_s)
            await self.beat()

    async def beat(self) -> None:
        """Write what was heard since the last one."""
        heard, self._heard = self._heard, {}
        if not heard:
            return
        beats = [
            Beat(feed_id, connected=True, last_sentence_at=at, last_fix_at=fix_at)
            for feed_id, (at, fix_at) in heard.items()
        ]
        try:
            async with asyncio.timeout(self._every_s * 5), self._pool.acquire() as connection:
                for feed_id in heard.keys() - self._registered:
                    feed = Feed(feed_id, "ais", *_NAMES, None)
                    await register_feed(connection, _ACTOR, RegisterFeed(feed, self._now()))
                    self._registered.add(feed_id)
                await beat(connection, beats, queued=self._lag(), queue_limit=0)
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
