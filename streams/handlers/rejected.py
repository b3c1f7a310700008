"""Refused messages: stored with reason and bytes, counted by reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from db.pool import Connection
from db.rejection import Refused, add_rejections
from streams.contracts.messages import Message, Rejected
from streams.handlers.work import Tally


class RejectedHandler:
    """Writes `rejected_message`. `sources` names the source of each replayable feed."""

    def __init__(self, sources: Mapping[str, str | None]) -> None:
        self._sources = sources
        self._refused: list[Refused] = []

    async def prepare(
        self, connection: Connection, messages: Sequence[Message], tally: Tally
    ) -> None:
        self._refused = []
        for message in messages:
            if isinstance(message, Rejected):
                tally.add(message, message.reason.value)
                self._refused.append(self._row(message))

    def _row(self, message: Rejected) -> Refused:
        sentence = message.sentence
        return Refused(
            feed_id=sentence.feed_id,
            source_id=self._sources.get(sentence.feed_id),
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
        self._refused = []

    def forget(self) -> None:
        self._refused = []
