"""Somebody needs a vessel's fixes of some time for ever: they are pinned."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import event
from db.errors import mapped_errors
from db.pool import Connection
from db.position_block import add_pin
from domain.errors import InvalidInput
from domain.events import NewEvent


@dataclass(frozen=True, slots=True)
class PinPositions:
    """`owner_kind`, `owner_id`: for what they are kept. Both ends of the time are included."""

    pin_id: UUID
    mmsi: int
    since: datetime
    until: datetime
    owner_kind: str
    owner_id: str
    at: datetime


async def pin_positions(connection: Connection, actor: str, command: PinPositions) -> bool:
    """Pin in one transaction with its event; `False` when this pin stands already.

    What was thinned before it was pinned stays thinned. Raises `InvalidInput`.
    """
    if command.until < command.since:
        raise InvalidInput("until", "expected not before since")
    async with mapped_errors(), connection.transaction():
        if not await add_pin(
            connection,
            command.pin_id,
            command.mmsi,
            (command.since, command.until),
            (command.owner_kind, command.owner_id),
        ):
            return False
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="vessel",
                    stream_id=str(command.mmsi),
                    kind="positions.pinned",
                    actor=actor,
                    occurred_at=command.at,
                    payload={
                        "pin_id": str(command.pin_id),
                        "since": command.since,
                        "until": command.until,
                        "owner_kind": command.owner_kind,
                        "owner_id": command.owner_id,
                    },
                )
            ],
        )
    return True
