"""Take a reading of a checkpoint: once, however often it is sent, with an event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from db import event
from db.checkpoint import checkpoints
from db.errors import mapped_errors
from db.image import has_image
from db.pool import Connection
from db.reading import Place, add_reading, known_reading
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
    async with mapped_errors(), connection.transaction():
        known = await known_reading(connection, reading.reading_id)
        if known is not None:
            return _repeated(known, reading)
        fault = check_reading(reading, command.received_at, command.bounds)
        if fault is not None:
            raise ImplausibleReading(fault.code, fault.field, fault.expected)
        if reading.checkpoint_id not in await checkpoints(connection):
            raise InvalidInput(
                "checkpoint_id", f"expected a registered checkpoint, here {reading.checkpoint_id}"
            )
        if reading.image_hash is not None and not await has_image(connection, reading.image_hash):
            raise InvalidInput("image_hash", "expected an image that was uploaded before")
        place = await add_reading(connection, reading, command.payload, command.received_at)
        if place is None:  # the same one came in by another connection meanwhile
            known = await known_reading(connection, reading.reading_id)
            if known is None:
                raise AssertionError("a conflict without a row")
            return _repeated(known, reading)
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="reading",
                    stream_id=str(reading.reading_id),
                    kind="reading.taken",
                    actor=actor,
                    occurred_at=reading.t,
                    payload=reading.to_json(),
                )
            ],
        )
    return TakenReading(place.reading_id, place.seq, place.recorded_at, new=True)


def _repeated(known: Place, reading: Reading) -> TakenReading:
    if known.content_hash != reading.content_hash:
        raise ContradictingReading(
            f"reading {reading.source_key} of {reading.checkpoint_id} was taken at "
            f"{known.recorded_at.isoformat()} with another content"
        )
    return TakenReading(known.reading_id, known.seq, known.recorded_at, new=False)
