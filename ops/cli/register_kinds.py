"""The seven registers by the names that the command line knows, and what its commands call."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from domain.errors import InvalidInput

if TYPE_CHECKING:
    from commands.amend_register import RegisterChange
    from db.pool import Connection
    from domain.register_csv import RegisterTable, Sheet

ACTOR: Final = "operator"
_FAR: Final = datetime(2200, 1, 1, tzinfo=UTC)

Change = Awaitable["RegisterChange"]
Since = datetime | None
Reason = str | None


@dataclass(frozen=True, slots=True)
class RegisterKind:
    """One register: its file, what fills it, what reads it as it stands at a moment, what ends."""

    table: "RegisterTable[Any]"
    put: Callable[["Connection", "Sheet[Any]", Since, Reason], Change]
    read: Callable[["Connection", datetime], Awaitable[list[Any]]]
    remove: Callable[["Connection", Sequence[Any], Since, Reason], Change]


def register_kind(name: str) -> RegisterKind:
    """Raises `InvalidInput` for a name that no register has."""
    known = {**_of_trade(), **_of_people()}
    if name not in known:
        raise InvalidInput("register", f"expected one of {', '.join(known)}, got {name!r}")
    return known[name]


def _of_trade() -> dict[str, RegisterKind]:
    """Carriers, wharves and hulls."""
    from commands import put_registers as put
    from db import register as read
    from domain import register_csv as csv

    async def carriers(connection: "Connection", at: datetime) -> list[Any]:
        return list((await read.carriers(connection, None, at)).values())

    async def wharves(connection: "Connection", at: datetime) -> list[Any]:
        return list((await read.wharves(connection, None, at)).values())

    async def hulls(connection: "Connection", at: datetime) -> list[Any]:
        return list((await read.hulls(connection, None, at)).values())

    def kind(table: Any, noun: Any, fill: Any, reader: Any) -> RegisterKind:  # noqa: ANN401 - three types of entries
        return RegisterKind(
            table,
            lambda connection, sheet, since, reason: fill(
                connection, ACTOR, put.PutEntries(sheet.entries, since, reason)
            ),
            reader,
            lambda connection, keys, at, reason: put.remove_entries(
                connection, ACTOR, put.RemoveEntries(noun, keys, at, reason)
            ),
        )

    return {
        "carriers": kind(csv.CARRIERS, "carrier", put.put_carriers, carriers),
        "wharves": kind(csv.WHARVES, "wharf", put.put_wharves, wharves),
        "hulls": kind(csv.HULLS, "hull", put.put_hulls, hulls),
    }


def _of_people() -> dict[str, RegisterKind]:
    """Authorities, officers, contacts and shifts."""
    from commands import put_people as put
    from db import people as read
    from domain import people_csv as csv

    async def authorities(connection: "Connection", at: datetime) -> list[Any]:
        return list((await read.authorities(connection, at)).values())

    async def officers(connection: "Connection", at: datetime) -> list[Any]:
        return list((await read.officers(connection, at)).values())

    async def contacts(connection: "Connection", at: datetime) -> list[Any]:
        return list((await read.contacts(connection, at)).values())

    async def shifts(connection: "Connection", at: datetime) -> list[Any]:
        return await read.shifts(connection, at, _FAR, at=at)

    def kind(table: Any, noun: Any, fill: Any, reader: Any) -> RegisterKind:  # noqa: ANN401 - four types of entries
        return RegisterKind(
            table,
            lambda connection, sheet, since, reason: _with_lines(
                sheet, fill(connection, ACTOR, put.PutPeople(sheet.entries, since, reason))
            ),
            reader,
            lambda connection, keys, at, reason: put.remove_people(
                connection, ACTOR, put.RemovePeople(noun, keys, at, reason)
            ),
        )

    return {
        "authorities": kind(csv.AUTHORITIES, "authority", put.put_authorities, authorities),
        "officers": kind(csv.OFFICERS, "officer", put.put_officers, officers),
        "contacts": kind(csv.CONTACTS, "contact", put.put_contacts, contacts),
        "shifts": kind(csv.SHIFTS, "shift", put.put_shifts, shifts),
    }


async def _with_lines(sheet: "Sheet[Any]", doing: Change) -> "RegisterChange":
    """Who is named and unknown, by the line of the file that names them."""
    from commands.put_people import UnknownEntry
    from domain.tables import WrongTable

    try:
        return await doing
    except UnknownEntry as unknown:
        raise WrongTable(
            [sheet.fault(one.key, one.field, one.expected, one.said) for one in unknown.missing]
        ) from unknown
