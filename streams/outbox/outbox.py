"""All ways out of the house: a sender each, until a stop."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from streams.outbox.channel import Channel
from streams.outbox.courier import Courier
from streams.outbox.sender import Sender
from streams.settings import OutboxSettings


class Outbox:
    """Sends what commands wrote, in order per channel, destination and key, at least once.

    Any number of them may run: per channel one sends, the others stand by. `stored` is how
    many were sent, when `run` has returned.
    """

    def __init__(
        self, url: str, channels: Sequence[Channel], settings: OutboxSettings | None = None
    ) -> None:
        settings = settings or OutboxSettings()
        self.senders = [
            Courier(url, one, settings) if one.apart else Sender(url, one, settings)
            for one in channels
        ]
        self.stored = 0

    def stop(self) -> None:
        """Take nothing more. Callable again."""
        for one in self.senders:
            one.stop()

    async def run(self) -> None:
        """Until told to stop. Raises what a `Sender` raises, in a group."""
        try:
            async with asyncio.TaskGroup() as group:
                for one in self.senders:
                    group.create_task(one.run())
        finally:
            self.stored = sum(one.sent for one in self.senders)

    def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """Whether the store answers, and the other sides where it is for us to send."""
        said = {
            one.channel.name: {
                "store": one.store_up,
                "sending": one.sending,
                "away": one.away,
                "waiting": one.standing.waiting,
                "dead": one.standing.dead,
                "oldest_s": round(one.standing.oldest_s, 1),
            }
            for one in self.senders
        }
        return all(one.store_up and one.away is None for one in self.senders), said
