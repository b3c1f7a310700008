"""Commands that were carried out: one that is sent twice is done once and answered alike."""

from typing import Any, ClassVar
from uuid import UUID

from db.catalog import load_queries
from db.errors import StoreError
from db.pool import Connection

_queries = load_queries("command")


class CommandReused(StoreError):
    """The id belongs to another command: every dialog makes an id of its own."""

    code: ClassVar[str] = "command.reused"


async def begin_command(
    connection: Connection, command_id: UUID, kind: str, actor: str
) -> Any | None:  # noqa: ANN401 - JSON, as `end_command` was given it
    """Take the id, inside the command's transaction; the first outcome if it was done before.

    Raises `CommandReused` when somebody else, or another kind of command, has used the id.
    """
    tag: str = await _queries.begin_command(
        connection, command_id=command_id, kind=kind, actor=actor
    )
    if tag.endswith(" 1"):
        return None
    row = await _queries.find_command(connection, command_id=command_id)
    if (row["kind"], row["actor"]) != (kind, actor):
        raise CommandReused(f"command {command_id} was {row['kind']} by {row['actor']}")
    return row["outcome"]


async def end_command(connection: Connection, command_id: UUID, outcome: object) -> None:
    """Write down what the command answered."""
    await _queries.end_command(connection, command_id=command_id, outcome=outcome)
