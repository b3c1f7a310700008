"""The days of `vessel_position`: made ahead, made on demand within retention, dropped beyond it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import structlog

from db.pool import Connection
from db.position import days_ahead, drop_partitions, make_partitions
from streams.contracts.messages import Message, PositionMessage

_log = structlog.get_logger(__name__)
_GRACE = timedelta(hours=1)  # a fix taken just in time may still wait for the store


class Partitions:
    """Knows which days stand, so that a batch of known days costs no question."""

    def __init__(self, ahead: int, retention: timedelta) -> None:
        self._ahead = ahead
        self._retention = retention
        self._known: set[date] = set()

    async def make_ahead(self, connection: Connection, now: datetime) -> None:
        """Make the days from `now` on, so that midnight is no moment of its own."""
        await self._make(connection, set(days_ahead(now, self._ahead)))

    async def make_for(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Make the days of these fixes; outside the transaction that stores them."""
        times = {message.fix.t for message in messages if isinstance(message, PositionMessage)}
        await self._make(connection, {t.astimezone(UTC).date() for t in times})

    async def drop_expired(self, connection: Connection, now: datetime) -> None:
        """Drop the days of which no second is within retention any more."""
        if now - datetime.min.replace(tzinfo=UTC) <= self._retention + _GRACE:
            return
        first_kept = (now - self._retention - _GRACE).astimezone(UTC).date()
        self._known = {day for day in self._known if day >= first_kept}
        for day in await drop_partitions(connection, first_kept):
            _log.info("positions dropped", action="partition.dropped", day=day.isoformat())

    async def _make(self, connection: Connection, days: set[date]) -> None:
        missing = days - self._known
        if missing:
            await make_partitions(connection, missing)
            self._known |= missing
