"""Points come on the register, or stand otherwise than was known: each with an event."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from commands.amend_register import Changes, RegisterChange, differences
from db import event
from db.checkpoint import Point, lock_points, points, put_checkpoints
from db.errors import mapped_errors
from db.pool import Connection
from domain.checkpoint_fields import wrong_fields
from domain.checkpoints import Checkpoint, System
from domain.errors import InvalidInput
from domain.events import NewEvent


class OtherSystem(InvalidInput):
    """Points that are registered as another system's: `known`, by id. What they read has its shape.

    A device that was replaced by one of the other system is a point of its own.
    """

    code: ClassVar[str] = "checkpoint.system"

    def __init__(self, known: Mapping[str, System]) -> None:
        name, system = next(iter(known.items()))
        super().__init__("system", f"expected {system}, as {name} is registered")
        self.known = known


@dataclass(frozen=True, slots=True)
class RegisterCheckpoints:
    """The points as they are from `at` on. A point that is left out stays as it was."""

    checkpoints: Sequence[Checkpoint]
    at: datetime
    reason: str | None = None


async def register_checkpoints(
    connection: Connection, actor: str, command: RegisterCheckpoints
) -> RegisterChange:
    """Register the points in one transaction with an event for each that changed.

    A point that was retired stands again; its tokens stay taken back. The same points again change
    nothing. Raises `InvalidInput` naming the first wrong field or an id that occurs twice, and
    `OtherSystem`; nothing is stored then.
    """
    for one in command.checkpoints:
        for fault in wrong_fields(one):
            raise fault
    ids = [one.checkpoint_id for one in command.checkpoints]
    if len(set(ids)) != len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise InvalidInput("checkpoint_id", f"{twice} is named twice")
    async with mapped_errors(), connection.transaction():
        await lock_points(connection)
        known = await points(connection)
        other = {
            one.checkpoint_id: known[one.checkpoint_id].checkpoint.system
            for one in command.checkpoints
            if one.checkpoint_id in known
            and known[one.checkpoint_id].checkpoint.system != one.system
        }
        if other:
            raise OtherSystem(other)
        kinds = {
            one.checkpoint_id: _kind(one, known.get(one.checkpoint_id))
            for one in command.checkpoints
        }
        new = [one for one in command.checkpoints if kinds[one.checkpoint_id] is not None]
        await put_checkpoints(connection, new)
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="checkpoint",
                    stream_id=one.checkpoint_id,
                    kind=f"checkpoint.{kinds[one.checkpoint_id]}",
                    actor=actor,
                    occurred_at=command.at,
                    payload=_payload(one, command.reason),
                )
                for one in new
            ],
        )
    changed: dict[str, Changes] = {
        one.checkpoint_id: differences(known[one.checkpoint_id].checkpoint, one)
        for one in new
        if kinds[one.checkpoint_id] == "changed"
    }
    return RegisterChange(
        added=tuple(name for name in ids if kinds[name] == "registered"),
        changed=changed,
        restored=tuple(name for name in ids if kinds[name] == "restored"),
        ended=(),
        unchanged=len(ids) - len(new),
    )


def _kind(point: Checkpoint, known: Point | None) -> str | None:
    """What happens to it, in the past tense; `None`: nothing."""
    if known is None:
        return "registered"
    if known.retired_at is not None:
        return "restored"
    return None if known.checkpoint == point else "changed"


def _payload(point: Checkpoint, reason: str | None) -> dict[str, Any]:
    return asdict(point) if reason is None else {**asdict(point), "reason": reason}
