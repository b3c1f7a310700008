"""Put authorities, officers, shifts and contacts on their registers, or correct what stands there.

What an entry names has to stand on its register: officers and contacts an authority, shifts an
officer of that authority. Telephone numbers, addresses and secrets are in no event.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

from commands.amend_register import Entry, RegisterChange, Words, amend_register
from db.errors import mapped_errors
from db.people import AUTHORITIES, CONTACTS, OFFICERS, SHIFTS
from db.pool import Connection
from db.versions import VersionTable
from domain import authorities, contacts, officers, rota
from domain.authorities import Authority
from domain.contacts import Contact, ContactKind
from domain.errors import InvalidInput
from domain.officers import Officer
from domain.rota import Shift
from domain.versions import Version

T = TypeVar("T", Authority, Officer, Shift, Contact)
PeopleNoun = Literal["authority", "officer", "shift", "contact"]


def _officer_shown(officer: Officer) -> dict[str, Any]:
    return {"phone": officers.masked_phone(officer.phone)}


def _contact_shown(contact: Contact) -> dict[str, Any]:
    return {
        "address": contacts.masked(contact),
        "secret": None if contact.secret is None else "set",
    }


def _words(noun: str, shown: Callable[[Any], Mapping[str, Any]] | None = None) -> Words:
    return Words(
        f"{noun}.registered", f"{noun}.changed", f"{noun}.removed", f"{noun}.restored", shown
    )


TABLES: Final[Mapping[str, VersionTable[Any]]] = {
    table.noun: table for table in (AUTHORITIES, OFFICERS, SHIFTS, CONTACTS)
}
"""In the order in which they are locked."""
WORDS: Final = {
    "authority": _words("authority"),
    "officer": _words("officer", _officer_shown),
    "shift": _words("shift"),
    "contact": _words("contact", _contact_shown),
}


@dataclass(frozen=True, slots=True)
class PutPeople(Generic[T]):
    """The entries as they hold from `since` on; `None`: from now on. Others are left alone."""

    entries: Sequence[T]
    since: datetime | None = None
    reason: str | None = None


async def put_authorities(
    connection: Connection, actor: str, command: PutPeople[Authority]
) -> RegisterChange:
    """Put authorities on the register, in one transaction with an event for each that changed.

    Raises `InvalidInput` naming the first wrong field, `UnknownEntry` for a substitute that is
    neither on the register nor among the entries.
    """
    _refuse(command.entries, authorities.wrong_fields)
    async with mapped_errors(), connection.transaction():
        now = await AUTHORITIES.lock(connection)
        own = {one.authority_id for one in command.entries}
        named = [
            ("substitutes", i) for one in command.entries for i in one.substitutes if i not in own
        ]
        await _stand(connection, AUTHORITIES, named)
        return await _put(connection, actor, AUTHORITIES, command, now)


async def put_officers(
    connection: Connection, actor: str, command: PutPeople[Officer]
) -> RegisterChange:
    """Put officers 执法人员 on the register; see `put_authorities`."""
    _refuse(command.entries, officers.wrong_fields)
    async with mapped_errors(), connection.transaction():
        await AUTHORITIES.lock(connection)
        now = await OFFICERS.lock(connection)
        named = [("home_authority", one.home_authority) for one in command.entries]
        named += [("seconded_to", one.seconded_to) for one in command.entries if one.seconded_to]
        await _stand(connection, AUTHORITIES, named)
        return await _put(connection, actor, OFFICERS, command, now)


async def put_shifts(
    connection: Connection, actor: str, command: PutPeople[Shift]
) -> RegisterChange:
    """Put shifts on the rota 值班表; see `put_authorities`.

    A shift that the rota has never heard of holds from its beginning, also where somebody writes it
    down late. Its officer has to serve the authority, at home or seconded.
    """
    _refuse(command.entries, rota.wrong_fields)
    async with mapped_errors(), connection.transaction():
        await AUTHORITIES.lock(connection)
        await OFFICERS.lock(connection)
        now = await SHIFTS.lock(connection)
        await _serve(connection, command.entries)
        return await _put(connection, actor, SHIFTS, command, now)


async def put_contacts(
    connection: Connection, actor: str, command: PutPeople[Contact]
) -> RegisterChange:
    """Put contacts on the register; see `put_authorities`.

    `verified_at` `None` keeps what is known of the same address; another address has to be
    confirmed anew. The board is a part of this product: it needs nobody's confirmation.
    """
    _refuse(command.entries, contacts.wrong_fields)
    async with mapped_errors(), connection.transaction():
        await AUTHORITIES.lock(connection)
        await OFFICERS.lock(connection)
        now = await CONTACTS.lock(connection)
        await _stand(
            connection, AUTHORITIES, [("authority_id", one.authority_id) for one in command.entries]
        )
        named = [("officer_id", one.officer_id) for one in command.entries if one.officer_id]
        await _stand(connection, OFFICERS, named)
        known = await CONTACTS.known(connection, [one.contact_id for one in command.entries])
        entries = [_as_verified(one, known[one.contact_id], now) for one in command.entries]
        return await _put(connection, actor, CONTACTS, replace(command, entries=entries), now)


@dataclass(frozen=True, slots=True)
class RemovePeople:
    """Entries that end at `at`, by id: somebody retired, an office closed, a shift called off."""

    noun: PeopleNoun
    keys: Sequence[str]
    at: datetime | None = None
    reason: str | None = None


async def remove_people(
    connection: Connection, actor: str, command: RemovePeople
) -> RegisterChange:
    """End entries of one register; what they said before stays. Unknown ones are left alone.

    What names them stays, too: `whistle preflight` tells of whom nobody can be asked any more.
    """
    entries: list[Entry[Any]] = [Entry(key, since=command.at) for key in command.keys]
    return await amend_register(
        connection,
        actor,
        TABLES[command.noun],
        WORDS[command.noun],
        entries,
        reason=command.reason,
    )


class UnknownEntry(InvalidInput):
    """An entry names somebody whom the register does not hold. `said`: the id."""

    code: ClassVar[str] = "register.unknown"

    def __init__(self, field: str, expected: str, said: str) -> None:
        super().__init__(field, f"expected {expected}, got {said!r}")
        self.said = said


def _refuse(entries: Iterable[T], wrong: Callable[[T], list[InvalidInput]]) -> None:
    for entry in entries:
        for fault in wrong(entry):
            raise fault


async def _stand(
    connection: Connection, table: VersionTable[Any], named: Sequence[tuple[str, str]]
) -> None:
    """Raises `UnknownEntry` for the first id that `table` does not hold for true."""
    standing = await table.standing(connection, {key for _, key in named})
    for field, key in named:
        if key not in standing:
            raise UnknownEntry(field, f"an {table.noun} on the register", key)


async def _serve(connection: Connection, shifts: Sequence[Shift]) -> None:
    """Raises `UnknownEntry` for the first shift whose officer does not serve its authority."""
    await _stand(connection, AUTHORITIES, [("authority_id", one.authority_id) for one in shifts])
    known = await OFFICERS.known(connection, list({one.officer_id for one in shifts}))
    for shift in shifts:
        held = known[shift.officer_id]
        if not held or held[-1].valid_to is not None:
            raise UnknownEntry("officer_id", "an officer on the register", shift.officer_id)
        if not any(version.content.serves(shift.authority_id) for version in held):
            raise UnknownEntry(
                "officer_id", f"an officer of {shift.authority_id}", shift.officer_id
            )


async def _put(
    connection: Connection,
    actor: str,
    table: VersionTable[T],
    command: PutPeople[T],
    now: datetime,
) -> RegisterChange:
    since = command.since or now
    entries: list[Entry[T]] = [
        Entry(
            getattr(one, table.key),
            one,
            since=since,
            new_since=min(one.starts_at, since) if isinstance(one, Shift) else None,
        )
        for one in command.entries
    ]
    return await amend_register(
        connection, actor, table, WORDS[table.noun], entries, reason=command.reason
    )


def _as_verified(contact: Contact, known: Sequence[Version[Contact]], now: datetime) -> Contact:
    if contact.verified_at is not None:
        return contact
    before = known[-1].content if known else None
    if before is not None and _same_way(before, contact):
        return replace(contact, verified_at=before.verified_at)
    return replace(contact, verified_at=now) if contact.kind is ContactKind.BOARD else contact


def _same_way(one: Contact, other: Contact) -> bool:
    return (one.kind, one.address, one.secret) == (other.kind, other.address, other.secret)
