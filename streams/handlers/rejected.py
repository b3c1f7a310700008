"""Refused messages: stored with reason and bytes, counted by reason."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from db.pool import Connection
from db.rejection import Refused, add_rejections, count_live
from streams.contracts.messages import Message, Rejected
from streams.handlers.work import Tally

_log = structlog.get_logger(__name__)
_REMEMBERED = 64  # minutes, of all feeds; beyond, they are counted again on demand

_Minute = tuple[str, datetime]
"""(feed_id, minute of arrival)."""


class RejectedHandler:
    """Writes `rejected_message`. `sources` names the source of each replayable feed.

    Of what cannot be read again, at most `per_minute` rows are kept per feed and minute of arrival:
    whoever sends rubbish must not fill the disk. All are counted. A file is kept whole, so that
    what is stored does not depend on how fast it is read.
    """

    def __init__(self, sources: Mapping[str, str | None], *, per_minute: int) -> None:
        self._sources = sources
        self._per_minute = per_minute
        self._refused: list[Refused] = []
        self._kept: dict[_Minute, int] = {}
        self._after: Counter[_Minute] = Counter()

    async def prepare(
        self, connection: Connection, messages: Sequence[Message], tally: Tally
    ) -> None:
        self._refused, self._after = [], Counter()
        for message in messages:
            if isinstance(message, Rejected):
                tally.add(message, message.reason.value)
                if message.sentence.offset is not None or await self._room(connection, message):
                    self._refused.append(self._row(message))

    async def _room(self, connection: Connection, message: Rejected) -> bool:
        """Whether this message's minute may keep one more; then it counts as kept."""
        sentence = message.sentence
        minute = (sentence.feed_id, sentence.arrived_at.replace(second=0, microsecond=0))
        if minute not in self._kept:
            self._kept[minute] = await count_live(connection, *minute)
        if self._kept[minute] + self._after[minute] >= self._per_minute:
            return False
        self._after[minute] += 1
        return True

    def _row(self, message: Rejected) -> Refused:
        sentence = message.sentence
        return Refused(
            feed_id=sentence.feed_id,
            source_id=sentence.source_id or self._sources.get(sentence.feed_id),
            source_offset=sentence.offset,
            arrived_at=sentence.arrived_at,
            reason=message.reason.value,
            detail=message.detail.replace("\0", "\\0"),  # PostgreSQL's text holds no zero byte
            mmsi=message.mmsi,
            raw=message.raw,
        )

    async def write(self, connection: Connection, recorded_at: datetime) -> None:
        await add_rejections(connection, self._refused, recorded_at)

    def commit(self) -> None:
        for minute, count in self._after.items():
            self._kept[minute] += count
            if self._kept[minute] >= self._per_minute:
                _log.warning(
                    "too many refusals: the rest of this minute is only counted",
                    action="rejections.capped",
                    feed_id=minute[0],
                    limit=self._per_minute,
                )
        self._refused, self._after = [], Counter()
        if len(self._kept) > _REMEMBERED:
            self._kept.clear()

    def forget(self) -> None:
        self._refused, self._after = [], Counter()
        self._kept.clear()
