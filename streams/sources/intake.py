"""Reading a descriptor on request only, so that nothing is ever held that was not taken."""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from streams.sources.lines import LineSplitter
from streams.sources.source import Batch

CHUNK_BYTES = 65536


class Ending(StrEnum):
    """Why nothing more comes from a descriptor."""

    CLOSED = "closed"
    FAILED = "failed"
    SILENT = "silent"
    STOPPED = "stopped"


class Intake:
    """Waits for bytes on a pipe or socket, for at most `idle_s` seconds at a time.

    asyncio's own streams read ahead and lose that on a reset; here the read happens after the wait,
    in one step, so neither a stop nor a cancellation can fall between reading and having.
    """

    def __init__(self, descriptor: int, *, idle_s: float | None = None) -> None:
        self._descriptor = descriptor
        self._idle_s = idle_s
        self._woken: asyncio.Future[None] | None = None
        self.ending: Ending | None = None

    async def read(self) -> bytes:
        """The next bytes; empty when there are no more, and `ending` then says why."""
        while self.ending is None:
            await self._wait()
            if self.ending is not None:
                break
            try:
                chunk = os.read(self._descriptor, CHUNK_BYTES)
            except (BlockingIOError, InterruptedError):
                continue  # woken for nothing, as the kernel may
            except OSError:
                self.ending = Ending.FAILED
                break
            if not chunk:
                self.ending = Ending.CLOSED
            return chunk
        return b""

    def stop(self) -> None:
        """Read nothing more, also not what is already waiting in the kernel."""
        self._end(Ending.STOPPED)

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._woken = loop.create_future()
        loop.add_reader(self._descriptor, self._wake)
        silence = loop.call_later(self._idle_s, self._end, Ending.SILENT) if self._idle_s else None
        try:
            await self._woken
        finally:
            self._woken = None
            loop.remove_reader(self._descriptor)
            if silence is not None:
                silence.cancel()

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def _end(self, why: Ending) -> None:
        if self.ending is None:
            self.ending = why
        self._wake()


async def deliver(
    intake: Intake,
    splitter: LineSplitter,
    out: asyncio.Queue[Batch],
    now: Callable[[], datetime],
) -> Ending:
    """Put every line that comes in into `out`, waiting while it is full; returns why it ended.

    When the sender goes away in mid-line, the rest is delivered too, to be refused by name; at a
    stop it is not, since it was never whole.
    """
    while chunk := await intake.read():
        batch = splitter.feed(chunk, now())
        if batch:
            await out.put(batch)
    ending = intake.ending or Ending.CLOSED
    if ending is not Ending.STOPPED:
        rest = splitter.finish(now())
        if rest:
            await out.put(rest)
    return ending
