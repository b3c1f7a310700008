"""Records are gone before they were taken: the store says so, and goes on behind the gap."""

from dataclasses import dataclass
from datetime import datetime

from db import event
from db.errors import mapped_errors
from db.pool import Connection
from db.stream import OffsetMove, advance
from domain.events import NewEvent


@dataclass(frozen=True, slots=True)
class SkipRecords:
    """`move` leads from the first record that is missing to the first that is there.

    `reason`: `expired` (the broker's retention was shorter than our absence) or `rewound` (the
    topic was made anew, so that numbers begin again).
    """

    move: OffsetMove
    reason: str
    at: datetime


async def skip_records(connection: Connection, actor: str, command: SkipRecords) -> None:
    """Move the offset in one transaction with its event; raises `PartitionTaken`."""
    move = command.move
    async with mapped_errors(), connection.transaction():
        await advance(connection, [move])
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="stream",
                    stream_id=f"{move.cluster_id}/{move.topic}/{move.partition}",
                    kind="stream.gap",
                    actor=actor,
                    occurred_at=command.at,
                    payload={
                        "topic": move.topic,
                        "partition": move.partition,
                        "first_missing": move.start,
                        "goes_on_at": move.next_offset,
                        "reason": command.reason,
                    },
                )
            ],
        )
