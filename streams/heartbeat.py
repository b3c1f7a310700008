"""The sign of life: written every second, so that a silent feed and a dead ingest differ."""

import asyncio
from collections.abc import Callable, Sequence

import asyncpg
import structlog

from db.errors import store_error
from db.feed import Beat, beat
from domain.errors import WhistleError
from streams.intake import FeedIntake
from streams.sources.source import Source

_log = structlog.get_logger(__name__)


class Heartbeat:
    """Writes `feed_status` for every feed of this process, on a connection apart from the batches.

    A store that is away does not stop it: failed is logged once, recovered once.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        feeds: Sequence[tuple[Source, FeedIntake]],
        *,
        every_s: float,
        queued: Callable[[], int],
        queue_limit: int,
    ) -> None:
        self._pool = pool
        self._feeds = feeds
        self._every_s = every_s
        self._queued = queued
        self._queue_limit = queue_limit
        self._failed = False

    async def run(self) -> None:
        """Beat until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self.beat()
            due = max(due + self._every_s, loop.time())
            await asyncio.sleep(due - loop.time())

    async def beat(self, *, closing: bool = False) -> None:
        """Write one sign of life; `closing`: the last one, nothing is connected any more."""
        beats = [
            Beat(
                feed_id=intake.feed_id,
                connected=source.connected and not closing,
                last_sentence_at=intake.last_sentence_at,
                last_fix_at=intake.last_fix_at,
                ended=intake.ended,
            )
            for source, intake in self._feeds
        ]
        try:
            async with asyncio.timeout(self._every_s * 5), self._pool.acquire() as connection:
                await beat(connection, beats, queued=self._queued(), queue_limit=self._queue_limit)
        except Exception as error:
            mapped = store_error(error)
            if mapped is None or not mapped.retriable:
                raise
            self._note(mapped)
        else:
            if self._failed:
                self._failed = False
                _log.info("heartbeat is back", action="heartbeat.recovered")

    def _note(self, error: WhistleError) -> None:
        if not self._failed:
            self._failed = True
            _log.warning("no heartbeat", action="heartbeat.lost", error=str(error))
