"""The days of `vessel_position`: made ahead, and made on demand within retention.

Days beyond it are compacted (streams/compaction.py) by whichever process comes first, so that
those are asked for every time: a fix that waited long for the store still finds its day.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from db.pool import Connection
from db.position import days_ahead, make_partitions
from streams.contracts.messages import Message, PositionMessage


class Partitions:
    """Knows which days stand, so that a batch of known days costs no question."""

    def __init__(self, ahead: int, retention: timedelta) -> None:
        self._ahead = ahead
        self._retention = retention
        self._known: set[date] = set()
        self._lasting = date.max

    async def make_ahead(self, connection: Connection, now: datetime) -> None:
        """Make the days from `now` on, so that midnight is no moment of its own."""
        if now - datetime.min.replace(tzinfo=UTC) > self._retention:
            self._lasting = (now - self._retention).astimezone(UTC).date() + timedelta(days=1)
        else:
            self._lasting = date.min
        self._known = {day for day in self._known if day >= self._lasting}
        await self._make(connection, set(days_ahead(now, self._ahead)))

    async def make_for(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Make the days of these fixes; outside the transaction that stores them."""
        times = {message.fix.t for message in messages if isinstance(message, PositionMessage)}
        await self._make(connection, {t.astimezone(UTC).date() for t in times})

    async def _make(self, connection: Connection, days: set[date]) -> None:
        missing = days - self._known
        if missing:
            await make_partitions(connection, missing)
            self._known |= {day for day in missing if day >= self._lasting}
