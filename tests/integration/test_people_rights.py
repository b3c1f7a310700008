"""Who may change the registers of people: every role, and own against other districts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from commands.add_account import AddAccount, add_account
from commands.put_people import (
    PutPeople,
    RemovePeople,
    put_authorities,
    put_contacts,
    put_officers,
    put_shifts,
    remove_people,
)
from commands.swap_shifts import SwapShifts, swap_shifts
from db.people import contact, officers
from db.pool import Connection
from domain.actors import GRANTS, Actor, Deed, Forbidden, Role
from domain.authorities import Authority, Department, Level
from domain.clock import utc_now
from domain.contacts import Contact, ContactKind
from domain.officers import Officer
from domain.rota import Shift

AGO = datetime(2026, 1, 1, tzinfo=UTC)
SYSTEM = Actor.system("test")
OWN, OTHER = "320583", "310118"
NOW = utc_now()


@dataclass(frozen=True)
class Unit:
    """An authority of one district with all that belongs to it."""

    adcode: str

    @property
    def key(self) -> str:
        return f"env-{self.adcode}"

    @property
    def authority(self) -> Authority:
        return Authority(self.key, "甲", "", Level.DISTRICT, self.adcode, Department.ENVIRONMENT)

    @property
    def officers(self) -> list[Officer]:
        return [Officer(f"o-{n}-{self.adcode}", "申", self.key) for n in "ab"]

    @property
    def shifts(self) -> list[Shift]:
        return [
            Shift(f"s-{one.officer_id}", self.key, one.officer_id, NOW, NOW + timedelta(days=1))
            for one in self.officers
        ]

    @property
    def contact(self) -> Contact:
        return Contact(f"c-{self.adcode}", self.key, None, ContactKind.SMS, "10000000001")


Act = Callable[[Connection, Actor, Unit], Awaitable[Any]]


def put(command: Any, change: Callable[[Unit], Any]) -> Act:
    return lambda connection, actor, unit: command(connection, actor, PutPeople([change(unit)]))


ACTS: dict[str, tuple[Deed, Act]] = {
    "authority": (
        Deed.AUTHORITY_EDIT, put(put_authorities, lambda unit: replace(unit.authority, name="乙"))
    ),
    "officer": (
        Deed.OFFICER_EDIT, put(put_officers, lambda unit: replace(unit.officers[0], title="队长"))
    ),
    "shift": (
        Deed.ROTA_EDIT,
        put(put_shifts, lambda unit: replace(unit.shifts[0], ends_at=NOW + timedelta(hours=2))),
    ),
    "contact": (
        Deed.CONTACT_EDIT,
        put(put_contacts, lambda unit: replace(unit.contact, address="10000000002")),
    ),
    "remove": (
        Deed.CONTACT_EDIT,
        lambda connection, actor, unit: remove_people(
            connection, actor, RemovePeople("contact", [unit.contact.contact_id])
        ),
    ),
    "swap": (
        Deed.ROTA_EDIT,
        lambda connection, actor, unit: swap_shifts(
            connection, actor, SwapShifts(*(one.shift_id for one in unit.shifts), reason="x")
        ),
    ),
}  # fmt: skip


@pytest.fixture
async def connection(pool: asyncpg.Pool):
    async with pool.acquire() as one:
        for unit in (Unit(OWN), Unit(OTHER)):
            await put_authorities(one, "test", PutPeople([unit.authority], AGO))
            await put_officers(one, "test", PutPeople(unit.officers, AGO))
            await put_shifts(one, "test", PutPeople(unit.shifts, AGO))
            await put_contacts(one, "test", PutPeople([unit.contact], AGO))
        yield one


async def account(connection: Connection, role: Role, adcode: str | None) -> Actor:
    login = f"{role}-{adcode or 'all'}".replace("_", "-")
    made = await add_account(connection, SYSTEM, AddAccount(login, login, role, NOW, adcode))
    return Actor(login, role, adcode, made.account_id)


async def may(connection: Connection, act: Act, actor: Actor, unit: Unit) -> bool:
    """Whether the deed is done; it is undone again."""
    undo = connection.transaction()
    await undo.start()
    try:
        await act(connection, actor, unit)
    except Forbidden:
        return False
    finally:
        await undo.rollback()
    return True


async def test_every_role_does_what_the_table_grants(connection: Connection) -> None:
    for role in Role:
        bound, free = await account(connection, role, OWN), await account(connection, role, None)
        for name, (deed, act) in ACTS.items():
            granted = role in GRANTS[deed]
            assert await may(connection, act, bound, Unit(OWN)) == granted, (role, name)
            assert not await may(connection, act, bound, Unit(OTHER)), (role, name)
            assert await may(connection, act, free, Unit(OTHER)) == granted, (role, name)


async def test_nobody_takes_another_districts_officer_or_slips_one_into_a_file(
    connection: Connection,
) -> None:
    registrar = await account(connection, Role.REGISTRAR, OWN)
    mine, theirs = Unit(OWN), Unit(OTHER)
    taken = replace(theirs.officers[0], home_authority=mine.key)
    slipped = [replace(one, title="队长") for one in (mine.officers[0], theirs.officers[0])]
    new = Officer("o-new", "申", theirs.key)
    for entries in ([taken], slipped, [new]):
        with pytest.raises(Forbidden):
            await put_officers(connection, registrar, PutPeople(entries))
    assert (await officers(connection, utc_now()))["o-a-310118"] == theirs.officers[0]
    lent = replace(mine.officers[0], seconded_to=theirs.key)
    done = await put_officers(connection, registrar, PutPeople([lent]))
    assert list(done.changed) == [lent.officer_id]


async def test_an_account_cannot_vouch_for_a_contact(connection: Connection) -> None:
    registrar = await account(connection, Role.REGISTRAR, None)
    vouched = replace(Unit(OWN).contact, address="10000000007", verified_at=NOW)
    await put_contacts(connection, registrar, PutPeople([vouched]))
    held = await contact(connection, vouched.contact_id)
    assert held is not None
    assert (held.address, held.verified_at) == ("10000000007", None)
