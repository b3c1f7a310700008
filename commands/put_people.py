"""Put authorities, officers, shifts and contacts on their registers, or correct what stands there.

What an entry names has to stand on its register: officers and contacts an authority, shifts an
officer of that authority. Telephone numbers, addresses and secrets are in no event.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

from commands.amend_register import Entry, RegisterChange, Words, amend_register
from commands.people_rights import authorise_edit
from db.errors import mapped_errors
from db.people import AUTHORITIES, CONTACTS, OFFICERS, SHIFTS
from db.pool import Connection
from db.versions import VersionTable
from domain import authorities, contacts, officers, rota
from domain.actors import Actor
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
    connection: Connection, actor: Actor | str, command: PutPeople[Authority]
) -> RegisterChange:
    """Put authorities on the register, in one transaction with an event for each that changed.

    Raises `InvalidInput` naming the first wrong field, `UnknownEntry` for a substitute that is
    neither on the register nor among the entries, `Forbidden` for an account that may not.
    """
    _refuse(command.entries, authorities.wrong_fields)
    async with mapped_errors(), connection.transaction():
        now = await AUTHORITIES.lock(connection)
        await _may(connection, actor, AUTHORITIES, command)
        own = {one.authority_id for one in command.entries}
        named = [
            (one.authority_id, "substitutes", said)
            for one in command.entries
            for said in one.substitutes
            if said not in own
        ]
        _all_known(await _missing(connection, AUTHORITIES, named))
        return await _put(connection, actor, AUTHORITIES, command, now)


async def put_officers(
    connection: Connection, actor: Actor | str, command: PutPeople[Officer]
) -> RegisterChange:
    """Put officers 执法人员 on the register; see `put_authorities`."""
    _refuse(command.entries, officers.wrong_fields)
    async with mapped_errors(), connection.transaction():
        await AUTHORITIES.lock(connection)
        now = await OFFICERS.lock(connection)
        await _may(connection, actor, OFFICERS, command)
        named: list[Named] = [
            (one.officer_id, field, said)
            for one in command.entries
            for field, said in (
                ("home_authority", one.home_authority),
                ("seconded_to", one.seconded_to),
            )
        ]
        _all_known(await _missing(connection, AUTHORITIES, named))
        return await _put(connection, actor, OFFICERS, command, now)


async def put_shifts(
    connection: Connection, actor: Actor | str, command: PutPeople[Shift]
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
        await _may(connection, actor, SHIFTS, command)
        named = [(one.shift_id, "authority_id", one.authority_id) for one in command.entries]
        _all_known(
            await _missing(connection, AUTHORITIES, named),
            await not_serving(connection, command.entries),
        )
        return await _put(connection, actor, SHIFTS, command, now)


async def put_contacts(
    connection: Connection, actor: Actor | str, command: PutPeople[Contact]
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
        await _may(connection, actor, CONTACTS, command)
        offices = [(one.contact_id, "authority_id", one.authority_id) for one in command.entries]
        people = [(one.contact_id, "officer_id", one.officer_id) for one in command.entries]
        _all_known(
            await _missing(connection, AUTHORITIES, offices),
            await _missing(connection, OFFICERS, people),
        )
        known = await CONTACTS.known(connection, [one.contact_id for one in command.entries])
        # an account says nothing of arrival: that is what the code is for
        vouched = who(actor).role is None
        entries = [
            _as_verified(
                one if vouched else replace(one, verified_at=None), known[one.contact_id], now
            )
            for one in command.entries
        ]
        return await _put(connection, actor, CONTACTS, replace(command, entries=entries), now)


@dataclass(frozen=True, slots=True)
class RemovePeople:
    """Entries that end at `at`, by id: somebody retired, an office closed, a shift called off."""

    noun: PeopleNoun
    keys: Sequence[str]
    at: datetime | None = None
    reason: str | None = None


async def remove_people(
    connection: Connection, actor: Actor | str, command: RemovePeople
) -> RegisterChange:
    """End entries of one register; what they said before stays. Unknown ones are left alone.

    What names them stays, too: `whistle preflight` tells of whom nobody can be asked any more.
    """
    table = TABLES[command.noun]
    entries: list[Entry[Any]] = [Entry(key, since=command.at) for key in command.keys]
    async with mapped_errors(), connection.transaction():
        await table.lock(connection)
        await authorise_edit(connection, who(actor), table, command.keys)
        return await amend_register(
            connection, who(actor).name, table, WORDS[table.noun], entries, reason=command.reason
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """The entry `key` names in `field` the id `said`, which is not what it has to be."""

    key: str
    field: str
    expected: str
    said: str


class UnknownEntry(InvalidInput):
    """Entries name somebody whom the register does not hold; `missing` has all of them."""

    code: ClassVar[str] = "register.unknown"

    def __init__(self, missing: Sequence[Missing]) -> None:
        first = missing[0]
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        super().__init__(
            first.field, f"{first.key}: expected {first.expected}, got {first.said!r}{more}"
        )
        self.missing = tuple(missing)


def who(actor: Actor | str) -> Actor:
    """A bare name is a part of the product, or who works at its command line."""
    return Actor.system(actor) if isinstance(actor, str) else actor


async def _may(
    connection: Connection, actor: Actor | str, table: VersionTable[T], command: PutPeople[T]
) -> None:
    keys = [getattr(one, table.key) for one in command.entries]
    await authorise_edit(connection, who(actor), table, keys, command.entries)


def _refuse(entries: Iterable[T], wrong: Callable[[T], list[InvalidInput]]) -> None:
    for entry in entries:
        for fault in wrong(entry):
            raise fault


Named = tuple[str, str, str | None]
"""The key of an entry, one of its fields, and whom it names there."""


async def _missing(
    connection: Connection, table: VersionTable[Any], named: Sequence[Named]
) -> list[Missing]:
    """Who is named and not held for true by `table`."""
    standing = await table.standing(connection, {said for _, _, said in named if said is not None})
    expected = f"an {table.noun} on the register"
    return [
        Missing(key, field, expected, said)
        for key, field, said in named
        if said is not None and said not in standing
    ]


def _all_known(*missing: Sequence[Missing]) -> None:
    """Raises `UnknownEntry` unless nothing is missing."""
    found = [one for some in missing for one in some]
    if found:
        raise UnknownEntry(found)


async def not_serving(connection: Connection, shifts: Sequence[Shift]) -> list[Missing]:
    """Shifts whose officer is on no register, or serves another authority."""
    known = await OFFICERS.known(connection, list({one.officer_id for one in shifts}))
    found = []
    for shift in shifts:
        held = known[shift.officer_id]
        if not any(one.valid_to is None for one in held):
            expected = "an officer on the register"
        elif not any(one.content.serves(shift.authority_id) for one in held):
            expected = f"an officer who serves {shift.authority_id}"
        else:
            continue
        found.append(Missing(shift.shift_id, "officer_id", expected, shift.officer_id))
    return found


async def _put(
    connection: Connection,
    actor: Actor | str,
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
        connection, who(actor).name, table, WORDS[table.noun], entries, reason=command.reason
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
