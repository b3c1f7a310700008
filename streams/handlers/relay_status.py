"""Words of relays: the newest of each into `relay_status`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.pipeline import RelayWord, relay_told
from db.pool import Connection
from streams.contracts.messages import Message, TopicMessage
from streams.contracts.relay_status import RelayStatus1
from streams.handlers.work import Tally


@dataclass(frozen=True, slots=True)
class RelayMessage(TopicMessage):
    """What a relay told."""

    status: RelayStatus1


class RelayHandler:
    """Not counted as messages of a feed: nobody asks how often a relay spoke."""

    def __init__(self) -> None:
        self._words: dict[str, RelayWord] = {}

    async def prepare(
        self, connection: Connection, messages: Sequence[Message], tally: Tally
    ) -> None:
        self._words = {}
        for message in messages:
            if isinstance(message, RelayMessage):
                word = _word(message.status)
                known = self._words.get(word.relay)
                if known is None or word.told_at >= known.told_at:
                    self._words[word.relay] = word

    async def write(self, connection: Connection, recorded_at: datetime) -> None:
        if self._words:
            await relay_told(connection, list(self._words.values()))

    def commit(self) -> None:
        self._words = {}

    def forget(self) -> None:
        self._words = {}


def _word(status: RelayStatus1) -> RelayWord:
    return RelayWord(
        relay=status.relay,
        told_at=status.at,
        waiting_messages=status.waiting_messages,
        waiting_bytes=status.waiting_bytes,
        limit_bytes=status.limit_bytes,
        dropped_messages=status.dropped_messages,
        spool_fault=status.spool_fault,
        lost_feeds=tuple(one.feed for one in status.feeds if not one.connected),
        ended=status.ended,
    )
