"""What every source is: something that fills a bounded queue with sentences until it is stopped."""

import asyncio
from typing import Protocol

from streams.contracts.messages import Sentence

Batch = list[Sentence]
"""Sentences in order of arrival, never empty; at most what one read of 64 KiB held."""


class Source(Protocol):
    """Reads sentences of one feed.

    Delivery: a sentence in the queue is *taken*. `read` waits while the queue is full, and since it
    reads nothing ahead, the sender is held back too. After `stop` nothing more is read, every line
    that was read completely is still put, and `read` returns; whoever stops must go on emptying the
    queue until then. Cancelling `read` instead may lose the one batch that it is about to put.
    """

    @property
    def feed_id(self) -> str:
        """The feed that the sentences are counted under."""

    @property
    def source_id(self) -> str | None:
        """Name of the replayable thing that offsets belong to; `None`: nothing can be reread."""

    @property
    def connected(self) -> bool:
        """Whether sentences could arrive now."""

    async def read(self, out: asyncio.Queue[Batch]) -> None:
        """Fill `out` until the source ends or is stopped."""

    def stop(self) -> None:
        """Read nothing more; callable more than once, on the loop's thread."""
