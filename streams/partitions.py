"""The days of `vessel_position`: made ahead, and on demand for older fixes within retention."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from db.pool import Connection
from db.position import days_ahead, make_partitions
from streams.contracts.messages import Message, PositionMessage


class Partitions:
    """Knows which days stand, so that a batch of known days costs no question."""

    def __init__(self, ahead: int) -> None:
        self._ahead = ahead
        self._known: set[date] = set()

    async def make_ahead(self, connection: Connection, now: datetime) -> None:
        """Make the days from `now` on, so that midnight is no moment of its own."""
        await self._make(connection, set(days_ahead(now, self._ahead)))

    async def make_for(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Make the days of these fixes; outside the transaction that stores them."""
        times = {message.fix.t for message in messages if isinstance(message, PositionMessage)}
        await self._make(connection, {t.astimezone(UTC).date() for t in times})

    async def _make(self, connection: Connection, days: set[date]) -> None:
        missing = days - self._known
        if missing:
            await make_partitions(connection, missing)
            self._known |= missing
