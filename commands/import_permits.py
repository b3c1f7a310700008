"""Bring papers onto the permit register, all or none, and tell what that changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from commands.amend_register import Entry, RegisterChange, Words, amend_register
from commands.permit_once import answered, repeated
from db.errors import mapped_errors
from db.permit import PERMITS
from db.pool import Connection
from db.register import CARRIERS
from domain.permit_fields import wrong_fields
from domain.permits import Permit, PermitRow
from domain.tables import Fault, WrongTable
from domain.versions import Version

PERMIT_WORDS: Final = Words(
    "permit.granted", "permit.changed", "permit.withdrawn", "permit.restored"
)


@dataclass(frozen=True, slots=True)
class ImportPermits:
    """Papers as they hold from `since` on; `None`: changes hold from now on.

    A paper that the register has never heard of holds from its first day, so that it covers what
    was moved before somebody typed it in. Papers that are not named are left alone.
    `command_id`: made as the form opens, so that a double click is one import.
    """

    rows: Sequence[PermitRow]
    since: datetime | None = None
    reason: str | None = None
    command_id: UUID | None = None


async def import_permits(
    connection: Connection, actor: str, command: ImportPermits
) -> RegisterChange:
    """Put papers on the register in one transaction, with an event for each that changed.

    Importing the same again changes nothing and says so. Raises `WrongTable` with every fault at
    once, also for a carrier that is on no register; nothing is stored then.
    """
    _refuse([fault for row in command.rows for fault in _faults(row)])
    async with mapped_errors(), connection.transaction():
        before = await repeated(connection, command.command_id, "permit.import", actor)
        if before is not None:
            return before
        await CARRIERS.lock(
            connection
        )  # carriers before permits, so that none is removed meanwhile
        now = await PERMITS.lock(connection)
        since = command.since or now
        named = {row.permit.carrier_id for row in command.rows} - {None}
        standing = await CARRIERS.standing(connection, named)
        _refuse(
            [
                Fault(row.line, "carrier_id", "a carrier on the register", row.permit.carrier_id)
                for row in command.rows
                if row.permit.carrier_id is not None and row.permit.carrier_id not in standing
            ]
        )
        known = await PERMITS.known(connection, [row.permit.permit_id for row in command.rows])
        entries = [
            Entry(
                row.permit.permit_id,
                _as_used(row, known[row.permit.permit_id]),
                edit=None if row.used_said else partial(_but_used, row.permit),
                since=since,
                new_since=min(row.permit.begins_at, since),
            )
            for row in command.rows
        ]
        change = await amend_register(
            connection, actor, PERMITS, PERMIT_WORDS, entries, reason=command.reason
        )
        return await answered(connection, command.command_id, change)


def _as_used(row: PermitRow, known: Sequence[Version[Permit]]) -> Permit:
    """The paper of a row; what is used of it the register says, if the file does not."""
    return row.permit if row.used_said or not known else _but_used(row.permit, known[-1].content)


def _but_used(permit: Permit, known: Permit) -> Permit:
    return replace(permit, used_t=known.used_t)


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise WrongTable(faults)


def _faults(row: PermitRow) -> list[Fault]:
    return [
        Fault(
            row.line,
            fault.field,
            fault.expected.removeprefix("expected "),
            str(getattr(row.permit, fault.field)),
        )
        for fault in wrong_fields(row.permit)
    ]
