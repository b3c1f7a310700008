"""What every handler does with its kind of message, in the order the store calls it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from db.feed import CountKey
from db.pool import Connection
from streams.contracts.messages import Message


class Tally:
    """Counts per feed, minute of arrival and outcome, as they grow in one batch."""

    def __init__(self) -> None:
        self.counts: Counter[CountKey] = Counter()

    def add(self, message: Message, outcome: str) -> None:
        """One more message with this outcome."""
        self.add_all((message,), outcome)

    def add_all(self, messages: Sequence[Message], outcome: str) -> None:
        """All of these with one outcome; the lines of one read share their moment of arrival."""
        arrivals = [(one.sentence.feed_id, one.sentence.arrived_at) for one in messages]
        for (feed_id, at), count in Counter(arrivals).items():
            self.counts[feed_id, at.replace(second=0, microsecond=0), outcome] += count


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
