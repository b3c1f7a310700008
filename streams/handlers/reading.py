"""Readings that come by Kafka: the door's command, in the transaction of the batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commands.take_reading import (
    ContradictingReading,
    ImplausibleReading,
    TakeReading,
    take_reading,
)
from db import checkpoint
from db.checkpoint import Contact, add_contacts
from db.pool import Connection
from db.rejection import Refused, add_rejections
from domain.checkpoints import Bounds, Checkpoint, Reading
from domain.errors import InvalidInput
from domain.positions import Rejection
from streams.contracts.messages import Message, TopicMessage
from streams.handlers.work import Tally

_TAKEN, _REPEATED = "reading", "duplicate"


@dataclass(frozen=True, slots=True)
class ReadingMessage(TopicMessage):
    """A reading whose shape is right; `payload` is the body as it was sent."""

    reading: Reading
    payload: Mapping[str, Any]
    bounds: Bounds


class ReadingHandler:
    """Writes `reading` with its events. What cannot be true or contradicts is refused by name."""

    def __init__(self) -> None:
        self._found: list[ReadingMessage] = []
        self._points: Mapping[str, Checkpoint] = {}
        self._tally = Tally()

    async def prepare(
        self, connection: Connection, messages: Sequence[Message], tally: Tally
    ) -> None:
        self._found = [message for message in messages if isinstance(message, ReadingMessage)]
        self._tally = tally
        self._points = await checkpoint.checkpoints(connection) if self._found else {}

    async def write(self, connection: Connection, recorded_at: datetime) -> None:
        refused: list[Refused] = []
        contacts: dict[str, Contact] = {}
        for message in self._found:
            fault = await self._take(connection, message)
            name, at = message.reading.checkpoint_id, message.sentence.arrived_at
            if fault is not None:
                self._tally.add(message, Rejection.UNPROCESSABLE.value)
                refused.append(_refused(message, fault))
            elif name not in contacts or at > (contacts[name].last_contact_at or at):
                contacts[name] = Contact(name, at, at)
        await add_contacts(connection, list(contacts.values()))
        await add_rejections(connection, refused, recorded_at)

    async def _take(self, connection: Connection, message: ReadingMessage) -> str | None:
        """What is wrong with a reading, in words; `None` when it stands."""
        reading = message.reading
        point = self._points.get(reading.checkpoint_id)
        if point is not None and point.system != reading.system:
            return f"checkpoint_id: expected a point of {reading.system}, not of {point.system}"
        command = TakeReading(reading, message.payload, message.sentence.arrived_at, message.bounds)
        try:
            taken = await take_reading(connection, f"checkpoint:{reading.checkpoint_id}", command)
        except ImplausibleReading as error:
            return f"{error.reason}: {error}"
        except (InvalidInput, ContradictingReading) as error:
            return f"{error.code}: {error}"
        self._tally.add(message, _TAKEN if taken.new else _REPEATED)
        return None

    def commit(self) -> None:
        self._found = []

    def forget(self) -> None:
        self._found = []


def _refused(message: ReadingMessage, fault: str) -> Refused:
    sentence = message.sentence
    return Refused(
        feed_id=sentence.feed_id,
        source_id=sentence.source_id,
        source_offset=sentence.offset,
        arrived_at=sentence.arrived_at,
        reason=Rejection.UNPROCESSABLE.value,
        detail=fault,
        mmsi=message.reading.claimed_mmsi,
        raw=sentence.raw,
    )
