"""Undo a match by hand: the reading was somebody else's passage. The row stays, struck out."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from commands.match_reading import check_actor_and_note, stored
from db import event
from db.command import begin_command, end_command
from db.errors import mapped_errors
from db.match import lock_match
from db.match import undo_match as strike_out
from db.pool import Connection
from domain.errors import WhistleError
from domain.events import NewEvent


class NothingToUndo(WhistleError):
    """No match of this reading stands, or it is another one by now."""

    code: ClassVar[str] = "match.nothing_to_undo"


@dataclass(frozen=True, slots=True)
class UndoMatch:
    """`mmsi`: the vessel the person saw it matched with. `command_id`: made as the dialog opens."""

    command_id: UUID
    reading_id: UUID
    mmsi: int | None
    note: str


async def undo_match(connection: Connection, actor: str, command: UndoMatch) -> datetime:
    """Take the match back, in one transaction with its event; when it was.

    The machine does not match this reading again. Sent twice with one id it is done once. Raises
    `InvalidInput` (actor, note), `UnknownReading`, `NothingToUndo`, `CommandReused`.
    """
    check_actor_and_note(actor, command.note)
    async with mapped_errors(), connection.transaction():
        kind = "match.undone"
        before = await begin_command(connection, command.command_id, kind, actor)
        if before is not None:
            return datetime.fromisoformat(before["undone_at"])
        taken = await stored(connection, command.reading_id)
        standing = await lock_match(connection, command.reading_id)
        if standing is None or standing.undone_at is not None:
            raise NothingToUndo(f"no match of reading {command.reading_id} stands")
        if standing.mmsi != command.mmsi:
            raise NothingToUndo(f"it is matched with {standing.mmsi or 'nobody'} by now")
        undone_at = await strike_out(connection, command.reading_id, actor)
        if undone_at is None:
            raise AssertionError("a locked match that stood could not be undone")
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="reading",
                    stream_id=str(command.reading_id),
                    kind=kind,
                    actor=actor,
                    occurred_at=taken.reading.t,
                    payload={"mmsi": standing.mmsi, "note": command.note.strip()},
                )
            ],
        )
        await end_command(connection, command.command_id, {"undone_at": undone_at.isoformat()})
    return undone_at
