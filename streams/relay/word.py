"""What a relay tells of itself by the broker, for the screen."""

import asyncio
from typing import TYPE_CHECKING, Final

from domain.clock import utc_now
from streams.contracts.relay_status import RELAYS, FeedStatus1, RelayStatus1
from streams.relay.entry import Entry
from streams.sources.udp import UdpSource

if TYPE_CHECKING:
    from streams.inputs import Input
    from streams.relay.relay import Relay

EVERY_S: Final = 2.0
_MOST_FAULT = 300


class Word:
    """The state of one relay as a record, and the telling of it while the broker listens.

    Not through the spool: what is told there later would no longer be true.
    """

    def __init__(self, relay: "Relay", name: str) -> None:
        self._relay = relay
        self._name = name[:100]

    def entry(self, *, ended: bool = False) -> Entry:
        """The state now; `ended`: the relay stops in order, and this is its last word."""
        spool = self._relay.spool
        status = RelayStatus1(
            relay=self._name,
            at=utc_now(),
            waiting_messages=spool.pending_messages,
            waiting_bytes=spool.pending_bytes,
            limit_bytes=spool.limit_bytes,
            dropped_messages=spool.dropped,
            spool_fault=None if spool.fault is None else spool.fault[:_MOST_FAULT],
            feeds=[self._feed(one) for one in self._relay.inputs],
            ended=ended,
        )
        value = RELAYS.encode(status)
        return Entry(RELAYS.name, self._name.encode(), value, messages=0, partitions=1)

    async def run(self) -> None:
        """Tell it until cancelled."""
        while True:
            await self._relay.delivery.say(self.entry())
            await asyncio.sleep(EVERY_S)

    def _feed(self, one: "Input") -> FeedStatus1:
        source = one.source
        lost = source.losses.known if isinstance(source, UdpSource) else 0
        return FeedStatus1(
            one.feed_id[:100], source.connected, self._relay.sentences[one.feed_id], lost
        )
