"""Take a reading of a checkpoint: once, however often it is sent, with an event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from db import event
from db.errors import mapped_errors
from db.pool import Connection
from db.reading import Before, Place, add_reading, before_taking
from domain.checkpoints import Bounds, Reading, check_reading
from domain.errors import InvalidInput, WhistleError
from domain.events import NewEvent


class ImplausibleReading(InvalidInput):
    """Something in it cannot be; `reason` is the rule's code, `field` that of `Reading`."""

    code: ClassVar[str] = "reading.implausible"

    def __init__(self, reason: str, field: str, expected: str) -> None:
        super().__init__(field, expected)
        self.reason = reason


class ContradictingReading(WhistleError):
    """The device sent another content under a key it had used: the first one stands."""

    code: ClassVar[str] = "reading.contradiction"


@dataclass(frozen=True, slots=True)
class TakeReading:
    """A reading as it arrived at `received_at`; `payload` is what the device sent."""

    reading: Reading
    payload: Mapping[str, Any]
    received_at: datetime
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True)
class TakenReading:
    """Where it stands; `new` is false when it was taken before."""

    reading_id: UUID
    seq: int
    recorded_at: datetime
    new: bool


async def take_reading(connection: Connection, actor: str, command: TakeReading) -> TakenReading:
    """Store the reading in one transaction with its event, or find that it was taken already.

    Raises `ImplausibleReading`, `InvalidInput` (`checkpoint_id`, `image_hash`: unknown) and
    `ContradictingReading`. What was taken is never judged again: a repeat gets the first answer,
    also when it comes so late that the same reading would now be refused as expired.
    """
    reading = command.reading
    try:
        async with mapped_errors(), connection.transaction():
            before = await before_taking(connection, reading)
            if before.known is not None:
                return _repeated(before.known, reading)
            _check(command, before)
            await event.append(connection, [_taken(actor, reading)])
            place = _or_back(
                await add_reading(connection, reading, command.payload, command.received_at)
            )
    except _TakenMeanwhile:
        async with mapped_errors():
            known = (await before_taking(connection, reading)).known
        if known is None:
            raise AssertionError("a key that is taken belongs to a reading") from None
        return _repeated(known, reading)
    return TakenReading(place.reading_id, place.seq, place.recorded_at, new=True)


class _TakenMeanwhile(Exception):
    """The same reading came in by another connection: nothing of this one shall stay."""


def _or_back(place: Place | None) -> Place:
    """The place; without one the transaction rolls back."""
    if place is None:
        raise _TakenMeanwhile
    return place


def _check(command: TakeReading, before: Before) -> None:
    reading = command.reading
    fault = check_reading(reading, command.received_at, command.bounds)
    if fault is not None:
        raise ImplausibleReading(fault.code, fault.field, fault.expected)
    if not before.has_point:
        raise InvalidInput(
            "checkpoint_id",
            f"expected a registered checkpoint that stood then, here {reading.checkpoint_id}",
        )
    if not before.has_image:
        raise InvalidInput("image_hash", "expected an image that was uploaded before")


def _taken(actor: str, reading: Reading) -> NewEvent:
    return NewEvent(
        stream_kind="reading",
        stream_id=str(reading.reading_id),
        kind="reading.taken",
        actor=actor,
        occurred_at=reading.t,
        payload=reading.to_json(),
    )


def _repeated(known: Place, reading: Reading) -> TakenReading:
    if known.content_hash != reading.content_hash:
        raise ContradictingReading(
            f"reading {reading.source_key} of {reading.checkpoint_id} was taken at "
            f"{known.recorded_at.isoformat()} with another content"
        )
    return TakenReading(known.reading_id, known.seq, known.recorded_at, new=False)
