"""Edit one paper of the permit register, or withdraw it; what it said before stays on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from commands.amend_register import Entry, RegisterChange, amend_register
from commands.import_permits import PERMIT_WORDS
from commands.permit_once import answered, repeated
from db.errors import mapped_errors
from db.permit import CONTENT, PERMITS
from db.pool import Connection
from db.register import CARRIERS
from domain.errors import InvalidInput, WhistleError
from domain.permit_fields import wrong_fields
from domain.permits import Permit
from domain.versions import Version

EDITABLE: Final = frozenset(CONTENT) - {"permit_id", "number", "kind"}
"""Kind and number make the paper what it is: another number is another paper."""


class NoSuchPermit(WhistleError):
    """The register knows no such paper, or it was withdrawn before."""

    code: ClassVar[str] = "permit.unknown"


class StalePermit(WhistleError):
    """Somebody else has changed the paper since it was looked at: look again, then change it."""

    code: ClassVar[str] = "permit.stale"


@dataclass(frozen=True, slots=True)
class ChangePermit:
    """New values of some fields, true from `since` on; `None`: from now on.

    `seen`: when the newest change that the editor saw was recorded; `None` does not ask.
    `command_id`: made as the form opens.
    """

    permit_id: UUID
    changes: Mapping[str, Any]
    since: datetime | None = None
    reason: str | None = None
    seen: datetime | None = None
    command_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WithdrawPermit:
    """The paper ends at `at`, whatever its term says; `None`: now. The rest as above."""

    permit_id: UUID
    reason: str
    at: datetime | None = None
    seen: datetime | None = None
    command_id: UUID | None = None


async def change_permit(
    connection: Connection, actor: str, command: ChangePermit
) -> RegisterChange:
    """Edit one paper in one transaction with its event; the same edit again changes nothing.

    Raises `NoSuchPermit`, `StalePermit`, or `InvalidInput` naming the field.
    """
    for field in command.changes:
        if field not in EDITABLE:
            raise InvalidInput(field, f"expected one of {', '.join(sorted(EDITABLE))}")
    async with mapped_errors(), connection.transaction():
        done = await repeated(connection, command.command_id, "permit.change", actor)
        if done is not None:
            return done
        await CARRIERS.lock(connection)
        now = await PERMITS.lock(connection)
        since = command.since or now
        known = (await PERMITS.known(connection, [command.permit_id]))[command.permit_id]
        _unchanged_since(known, command.seen)
        before = [one.content for one in known if one.valid_to is None or since < one.valid_to]
        if not before:
            raise NoSuchPermit(f"no paper {command.permit_id} is in force at {since.isoformat()}")

        def edit(permit: Permit) -> Permit:
            return replace(permit, **command.changes)

        for fault in (fault for permit in map(edit, before) for fault in wrong_fields(permit)):
            raise fault
        named = command.changes.get("carrier_id")
        if named is not None and not await CARRIERS.standing(connection, {named}):
            raise InvalidInput("carrier_id", "expected a carrier on the register")
        change = await amend_register(
            connection,
            actor,
            PERMITS,
            PERMIT_WORDS,
            [Entry(command.permit_id, edit=edit, since=since)],
            reason=command.reason,
        )
        return await answered(connection, command.command_id, change)


async def withdraw_permit(
    connection: Connection, actor: str, command: WithdrawPermit
) -> RegisterChange:
    """End one paper in one transaction with its event. Raises `NoSuchPermit`, `StalePermit`."""
    async with mapped_errors(), connection.transaction():
        before = await repeated(connection, command.command_id, "permit.withdraw", actor)
        if before is not None:
            return before
        await PERMITS.lock(connection)
        known = (await PERMITS.known(connection, [command.permit_id]))[command.permit_id]
        _unchanged_since(known, command.seen)
        end: Entry[Permit] = Entry(command.permit_id, since=command.at)
        done = await amend_register(
            connection,
            actor,
            PERMITS,
            PERMIT_WORDS,
            [end],
            reason=command.reason,
        )
        if done.nothing:
            raise NoSuchPermit(f"no paper {command.permit_id} is in force then")
        return await answered(connection, command.command_id, done)


def _unchanged_since(known: Sequence[Version[Permit]], seen: datetime | None) -> None:
    if seen is not None and any(version.recorded_from > seen for version in known):
        raise StalePermit("somebody has changed it since you looked: look again")
