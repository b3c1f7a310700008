"""Detection confirmed crossings: each becomes a row, an event of its vessel and a message out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import event
from db.crossing import add_crossing
from db.outbox import add_messages
from db.pool import Connection
from domain.crossings import Crossing
from domain.events import NewEvent
from domain.outgoing import crossing_message


@dataclass(frozen=True, slots=True)
class ConfirmCrossings:
    """Crossings as detection yields them; `recorded_at` is the store's clock."""

    crossings: Sequence[Crossing]
    recorded_at: datetime


async def confirm_crossings(
    connection: Connection, actor: str, command: ConfirmCrossings
) -> list[UUID]:
    """Store the crossings that are new, with an event and a message each; their ids, in order.

    Call it inside the transaction that stores the fixes.
    """
    events: list[NewEvent] = []
    added: list[Crossing] = []
    for crossing in command.crossings:
        if not await add_crossing(connection, crossing, command.recorded_at):
            continue
        added.append(crossing)
        events.append(
            NewEvent(
                stream_kind="vessel",
                stream_id=str(crossing.mmsi),
                kind="crossing.confirmed",
                actor=actor,
                occurred_at=crossing.crossed_at,
                payload={"crossing_id": str(crossing.crossing_id), **crossing.to_json()},
            )
        )
    stored = await event.append(connection, events)
    told = [crossing_message(one, its) for one, its in zip(added, stored, strict=True)]
    await add_messages(connection, told)
    return [crossing.crossing_id for crossing in added]
