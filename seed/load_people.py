"""The invented people into the store; what an operator changed is left alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from commands.put_people import PutPeople, put_authorities, put_contacts, put_officers, put_shifts
from db.people import AUTHORITIES, CONTACTS, OFFICERS, SHIFTS
from db.pool import Connection
from db.versions import VersionTable
from seed.people import authorities, contacts, officers, shifts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PeopleLoaded:
    """How many entries were new to the store."""

    authorities: int
    officers: int
    shifts: int
    contacts: int

    @property
    def nothing(self) -> bool:
        """The store had all of it."""
        return not any((self.authorities, self.officers, self.shifts, self.contacts))


async def load_people(
    connection: Connection, actor: str, since: datetime, now: datetime
) -> PeopleLoaded:
    """Put authorities, officers, the rota around `now` and contacts that the store never had.

    They hold from `since`. Harmless to run again; a later start brings the days that are new.
    """
    offices = await _new(connection, AUTHORITIES, authorities())
    if offices:
        await put_authorities(connection, actor, PutPeople(offices, since))
    people = await _new(connection, OFFICERS, officers())
    if people:
        await put_officers(connection, actor, PutPeople(people, since))
    rota = await _new(connection, SHIFTS, shifts(now))
    if rota:
        await put_shifts(connection, actor, PutPeople(rota, since))
    ways = await _new(connection, CONTACTS, contacts())
    if ways:
        await put_contacts(connection, actor, PutPeople(ways, since))
    return PeopleLoaded(len(offices), len(people), len(rota), len(ways))


async def _new(connection: Connection, table: VersionTable[Any], entries: Any) -> list[Any]:  # noqa: ANN401 - any register
    """Those entries of which the register has never heard."""
    known = await table.known(connection, [getattr(one, table.key) for one in entries])
    return [one for one in entries if not known[getattr(one, table.key)]]
