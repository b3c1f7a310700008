"""A way out: it is given messages in order and says of each what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from db.outbox import Waiting


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken as it is; why, in words. It is given up, what follows goes on."""

    why: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now, while others may go; why, in words. What has its key waits with it.

    `tried`: whether it counts as an attempt; not when we were the ones who did not want to.
    """

    why: str
    seconds: float
    tried: bool = True


Answer = Sent | Refused | Later
Tell = Callable[[Waiting, Answer], None]


class Channel(Protocol):
    """One way out. A new one is a class like this, and a line in `streams/outbox/channels.py`."""

    name: str
    """As in `outbox.channel`."""
    apart: bool
    """Whether its destinations have nothing to do with each other: each is sent to by a call of its
    own then, so that one which does not answer holds up nobody (`streams/outbox/courier.py`)."""

    async def send(self, messages: Sequence[Waiting], tell: Tell) -> None:
        """Send them, and `tell` of each as soon as it is known; they come the oldest first.

        Per destination and key one at a time: the next one only after `Sent` was told of the one
        before; after any other answer the rest of them is left for another call. That is what
        keeps the order, whoever else sends the same messages (docs/decisions/0016).

        Raises `WhistleError` when the other side is away or wants none of us: what was told
        stands, the rest is given again after a while. May be cancelled at any time.
        """

    async def close(self) -> None:
        """Let go of the other side, waiting for nothing. `send` may be called again."""
