"""Sentences from a pipe: `receiver | whistle ingest --stdin`."""

import asyncio
import os
import stat
from collections.abc import Callable
from datetime import datetime

from domain.clock import utc_now
from streams.sources.intake import CHUNK_BYTES, Intake, deliver
from streams.sources.lines import LineSplitter
from streams.sources.source import Batch

_STDIN = 0


class StdinSource:
    """Reads a descriptor (standard input) to its end. A file redirected into it is read too."""

    source_id = None

    def __init__(
        self,
        descriptor: int = _STDIN,
        *,
        feed_id: str = "ais",
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.feed_id = feed_id
        self.connected = False
        self._descriptor = descriptor
        self._now = now
        self._intake: Intake | None = None
        self._stopped = False

    async def read(self, out: asyncio.Queue[Batch]) -> None:
        splitter = LineSplitter(self.feed_id, line=1)
        self.connected = True
        try:
            # epoll refuses regular files; they never block for long either
            if stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                await self._read_file(splitter, out)
            else:
                self._intake = Intake(self._descriptor)
                if self._stopped:
                    self._intake.stop()
                await deliver(self._intake, splitter, out, self._now)
        finally:
            self.connected = False
            self._intake = None

    def stop(self) -> None:
        self._stopped = True
        if self._intake is not None:
            self._intake.stop()

    async def _read_file(self, splitter: LineSplitter, out: asyncio.Queue[Batch]) -> None:
        while not self._stopped:
            chunk = await asyncio.to_thread(os.read, self._descriptor, CHUNK_BYTES)
            now = self._now()
            batch = splitter.feed(chunk, now) if chunk else splitter.finish(now)
            if batch:
                await out.put(batch)
            if not chunk:
                return
