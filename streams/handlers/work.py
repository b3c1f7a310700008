"""What every handler does with its kind of message, in the order the store calls it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from db.feed import CountKey
from db.pool import Connection
from streams.contracts.messages import Message


@dataclass(slots=True)
class Tally:
    """Counts per feed, minute of arrival and outcome, as they grow in one batch."""

    counts: Counter[CountKey] = field(default_factory=Counter)

    def add(self, message: Message, outcome: str) -> None:
        """One more message with this outcome."""
        sentence = message.sentence
        minute = sentence.arrived_at.replace(second=0, microsecond=0)
        self.counts[sentence.feed_id, minute, outcome] += 1


class Handler(Protocol):
    """One kind of message. Nothing a handler remembers changes before its batch is committed."""

    async def prepare(
        self, connection: Connection, messages: Sequence[Message], tally: Tally
    ) -> None:
        """Read what is needed and compute the rows; outside the transaction, writes nothing."""

    async def write(self, connection: Connection, recorded_at: datetime) -> None:
        """Write what was prepared; inside the transaction."""

    def commit(self) -> None:
        """The transaction is committed: remember what it made true."""

    def forget(self) -> None:
        """The store may differ from what is remembered: drop it all, read it again on demand."""
