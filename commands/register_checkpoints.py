"""Points come on the register, or stand otherwise than was known: each with an event."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from db import event
from db.checkpoint import put_checkpoints
from db.errors import mapped_errors
from db.pool import Connection
from domain.checkpoints import Checkpoint
from domain.events import NewEvent


@dataclass(frozen=True, slots=True)
class RegisterCheckpoints:
    """The points as they are from `at` on. A point that is left out stays as it was."""

    checkpoints: Sequence[Checkpoint]
    at: datetime


async def register_checkpoints(
    connection: Connection, actor: str, command: RegisterCheckpoints
) -> list[str]:
    """Register the points in one transaction with their events; ids of those that changed."""
    async with mapped_errors(), connection.transaction():
        changed = await put_checkpoints(connection, command.checkpoints)
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="checkpoint",
                    stream_id=one.checkpoint_id,
                    kind="checkpoint.registered"
                    if changed[one.checkpoint_id]
                    else "checkpoint.changed",
                    actor=actor,
                    occurred_at=command.at,
                    payload=asdict(one),
                )
                for one in command.checkpoints
                if one.checkpoint_id in changed
            ],
        )
    return sorted(changed)
