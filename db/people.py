"""Authorities, officers, the rota and contacts in the store, on the two axes of time."""

from collections.abc import Callable, Collection
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import asyncpg

from db.catalog import load_queries
from db.pool import Connection
from db.versions import VersionTable
from domain.authorities import Authority, Department, Level
from domain.clock import utc_now
from domain.contacts import Contact, ContactKind
from domain.officers import Officer
from domain.rota import OnDuty, Place, Shift
from domain.rota import on_duty as holders
from domain.versions import AS_KNOWN_NOW

_queries = load_queries("people")
T = TypeVar("T", Authority, Officer, Shift, Contact)
_TICK: Final = timedelta(microseconds=1)


def _names(entry: type[T]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(entry))


def _reader(entry: type[T], **read: Callable[[Any], Any]) -> Callable[[asyncpg.Record], T]:
    names = _names(entry)

    def content(row: asyncpg.Record) -> T:
        said = {name: row[name] for name in names}
        return entry(**{name: read[name](x) if name in read else x for name, x in said.items()})

    return content


_authority = _reader(Authority, level=Level, department=Department, substitutes=tuple)
_officer = _reader(Officer)
_shift = _reader(Shift, place=Place)
_contact = _reader(Contact, kind=ContactKind)

AUTHORITIES: Final = VersionTable(
    noun="authority",
    key="authority_id",
    columns=_names(Authority),
    content_of=_authority,
    known_query=_queries.known_authorities,
    close_query=_queries.close_authorities,
)
OFFICERS: Final = VersionTable(
    noun="officer",
    key="officer_id",
    columns=_names(Officer),
    content_of=_officer,
    known_query=_queries.known_officers,
    close_query=_queries.close_officers,
)
SHIFTS: Final = VersionTable(
    noun="shift",
    key="shift_id",
    columns=_names(Shift),
    content_of=_shift,
    known_query=_queries.known_shifts,
    close_query=_queries.close_shifts,
)
CONTACTS: Final = VersionTable(
    noun="contact",
    key="contact_id",
    columns=_names(Contact),
    content_of=_contact,
    known_query=_queries.known_contacts,
    close_query=_queries.close_contacts,
)


async def authorities(
    connection: Connection,
    at: datetime,
    ids: Collection[str] | None = None,
    as_known_at: datetime = AS_KNOWN_NOW,
) -> dict[str, Authority]:
    """The authorities of the register at `at`, of these ids or all, by id."""
    rows = _queries.authorities(connection, ids=_listed(ids), at=at, as_known_at=as_known_at)
    return {row["authority_id"]: _authority(row) async for row in rows}


async def officers(
    connection: Connection,
    at: datetime,
    ids: Collection[str] | None = None,
    as_known_at: datetime = AS_KNOWN_NOW,
) -> dict[str, Officer]:
    """The officers of the register at `at`, of these ids or all, by id."""
    rows = _queries.officers(connection, ids=_listed(ids), at=at, as_known_at=as_known_at)
    return {row["officer_id"]: _officer(row) async for row in rows}


async def contacts(
    connection: Connection,
    at: datetime,
    authority_ids: Collection[str] | None = None,
    as_known_at: datetime = AS_KNOWN_NOW,
) -> dict[str, Contact]:
    """The contacts of these authorities and their people at `at`, or all, by id; also unverified.

    Addresses and secrets are in them: show `domain.contacts.masked`.
    """
    rows = _queries.contacts(
        connection,
        ids=None,
        authority_ids=_listed(authority_ids),
        at=at,
        as_known_at=as_known_at,
    )
    return {row["contact_id"]: _contact(row) async for row in rows}


async def contact(
    connection: Connection, contact_id: str, at: datetime | None = None
) -> Contact | None:
    """One contact as it stands at `at`, or now; `None` when it is not or no longer there."""
    rows = _queries.contacts(
        connection,
        ids=[contact_id],
        authority_ids=None,
        at=at or utc_now(),
        as_known_at=AS_KNOWN_NOW,
    )
    return next(iter([_contact(row) async for row in rows]), None)


async def shifts(
    connection: Connection,
    starts_at: datetime,
    ends_at: datetime,
    authority_ids: Collection[str] | None = None,
    *,
    at: datetime | None = None,
    as_known_at: datetime = AS_KNOWN_NOW,
) -> list[Shift]:
    """The shifts that touch the stretch of time, in order; as the rota stands at `at`, or now."""
    rows = _queries.shifts(
        connection,
        ids=None,
        authority_ids=_listed(authority_ids),
        starts_before=ends_at,
        ends_after=starts_at,
        at=at or utc_now(),
        as_known_at=as_known_at,
    )
    return [_shift(row) async for row in rows]


async def on_duty(connection: Connection, authority_id: str, at: datetime) -> OnDuty[Officer]:
    """The officers who answer for the authority at `at`: duty, deputy and head.

    An officer whom the register no longer holds then is nobody.
    """
    soon = at + _TICK
    held = holders(await shifts(connection, at, soon, [authority_id], at=at), authority_id, at)
    people = await officers(connection, at, {shift.officer_id for shift in held.in_order()})

    def who(shift: Shift | None) -> Officer | None:
        return None if shift is None else people.get(shift.officer_id)

    return OnDuty(who(held.duty), who(held.deputy), who(held.head))


def _listed(ids: Collection[str] | None) -> list[str] | None:
    return None if ids is None else list(ids)
