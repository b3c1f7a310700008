"""One read of the store for all viewers who ask within a moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedRead(Generic[T]):
    """Asks `read` at most once in `kept_s` seconds; who asks meanwhile gets the same answer."""

    def __init__(self, read: Callable[[], Awaitable[T]], kept_s: float) -> None:
        self._read = read
        self._kept_s = kept_s
        self._task: asyncio.Task[T] | None = None
        self._begun_at = 0.0

    async def get(self) -> T:
        """The answer, not older than that. Raises what `read` raises, which is not kept."""
        task = self._task
        stale = time.monotonic() - self._begun_at > self._kept_s
        if task is None or (task.done() and (stale or task.cancelled() or task.exception())):
            task = self._task = asyncio.ensure_future(self._run())
            self._begun_at = time.monotonic()
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Something was changed: whoever asks next is told anew."""
        self._task = None

    async def _run(self) -> T:
        return await self._read()
