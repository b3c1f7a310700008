"""Put carriers, wharves and hulls on their registers, or correct what stands there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Literal, TypeVar

from commands.amend_register import Entry, RegisterChange, Words, amend_register
from db.pool import Connection
from db.register import CARRIERS, HULLS, WHARVES
from db.versions import VersionTable
from domain.registers import Carrier, Hull, Wharf, wrong_fields

T = TypeVar("T", Carrier, Wharf, Hull)
_TABLES: Final[tuple[VersionTable[Any], ...]] = (CARRIERS, WHARVES, HULLS)
_WORDS: Final = {
    table.noun: Words(
        f"{table.noun}.registered",
        f"{table.noun}.changed",
        f"{table.noun}.removed",
        f"{table.noun}.restored",
    )
    for table in _TABLES
}


@dataclass(frozen=True, slots=True)
class PutEntries(Generic[T]):
    """The entries as they hold from `since` on; `None`: from now on. Others are left alone."""

    entries: Sequence[T]
    since: datetime | None = None
    reason: str | None = None


async def put_carriers(
    connection: Connection, actor: str, command: PutEntries[Carrier]
) -> RegisterChange:
    """Put carriers on the register, in one transaction with an event for each that changed.

    Raises `InvalidInput` naming the first wrong field.
    """
    return await _put(connection, actor, CARRIERS, command)


async def put_wharves(
    connection: Connection, actor: str, command: PutEntries[Wharf]
) -> RegisterChange:
    """Put wharves on the register; see `put_carriers`."""
    return await _put(connection, actor, WHARVES, command)


async def put_hulls(
    connection: Connection, actor: str, command: PutEntries[Hull]
) -> RegisterChange:
    """Put hulls on the register 船舶名录; see `put_carriers`."""
    return await _put(connection, actor, HULLS, command)


@dataclass(frozen=True, slots=True)
class RemoveEntries:
    """Entries that end at `at`, by id or MMSI: a barge broken up, a wharf that was closed."""

    noun: Literal["carrier", "wharf", "hull"]
    keys: Sequence[str | int]
    at: datetime | None = None
    reason: str | None = None


async def remove_entries(
    connection: Connection, actor: str, command: RemoveEntries
) -> RegisterChange:
    """End entries of one register; what they said before stays. Unknown ones are left alone."""
    table: VersionTable[Any] = {one.noun: one for one in _TABLES}[command.noun]
    entries: list[Entry[Any]] = [Entry(key, since=command.at) for key in command.keys]
    return await amend_register(
        connection, actor, table, _WORDS[table.noun], entries, reason=command.reason
    )


async def _put(
    connection: Connection, actor: str, table: VersionTable[T], command: PutEntries[T]
) -> RegisterChange:
    for entry in command.entries:
        for fault in wrong_fields(entry):
            raise fault
    entries: list[Entry[T]] = [
        Entry(getattr(entry, table.key), entry, since=command.since) for entry in command.entries
    ]
    return await amend_register(
        connection, actor, table, _WORDS[table.noun], entries, reason=command.reason
    )
