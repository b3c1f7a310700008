"""An edit of the permit register that is sent twice is done once and answered alike."""

from typing import Any
from uuid import UUID

from commands.amend_register import RegisterChange
from db.command import begin_command, end_command
from db.pool import Connection


async def repeated(
    connection: Connection, command_id: UUID | None, kind: str, actor: str
) -> RegisterChange | None:
    """Take the id inside the transaction; what was answered before, if it was. `None` has no id.

    Raises `CommandReused` when the id belongs to another command.
    """
    if command_id is None:
        return None
    before = await begin_command(connection, command_id, kind, actor)
    return None if before is None else _from_json(before)


async def answered(
    connection: Connection, command_id: UUID | None, change: RegisterChange
) -> RegisterChange:
    """Write down what was answered, and answer it."""
    if command_id is not None:
        await end_command(connection, command_id, _to_json(change))
    return change


def _to_json(change: RegisterChange) -> dict[str, Any]:
    return {
        "added": [str(key) for key in change.added],
        "changed": {
            str(key): {name: list(pair) for name, pair in changes.items()}
            for key, changes in change.changed.items()
        },
        "restored": [str(key) for key in change.restored],
        "ended": [str(key) for key in change.ended],
        "unchanged": change.unchanged,
    }


def _from_json(outcome: dict[str, Any]) -> RegisterChange:
    return RegisterChange(
        added=tuple(map(UUID, outcome["added"])),
        changed={
            UUID(key): {name: (pair[0], pair[1]) for name, pair in changes.items()}
            for key, changes in outcome["changed"].items()
        },
        restored=tuple(map(UUID, outcome["restored"])),
        ended=tuple(map(UUID, outcome["ended"])),
        unchanged=outcome["unchanged"],
    )
