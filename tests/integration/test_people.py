"""The registers of people in the store: two axes of time, what events say, and who is on duty."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from commands.put_people import (
    PutPeople,
    RemovePeople,
    UnknownEntry,
    put_authorities,
    put_contacts,
    put_officers,
    put_shifts,
    remove_people,
)
from db import event
from db.people import authorities, contact, contacts, officers, on_duty, shifts
from db.pool import Connection
from domain.authorities import Authority, Department, Level
from domain.clock import utc_now
from domain.contacts import Contact, ContactKind
from domain.errors import InvalidInput
from domain.officers import Officer
from domain.rota import OnDuty, Place, Shift

AGO = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)
KUNSHAN = Authority(
    "ks-env", "昆山试验局", "Trial", Level.DISTRICT, "320583", Department.ENVIRONMENT, ("zone",)
)
GROUP = Authority("zone", "协调联络组", "", Level.GROUP, "310118", Department.COORDINATION)
FIRST = Officer("o-1", "申一", "ks-env", None, "10000000001", "科员")
SECOND = Officer("o-2", "申二", "ks-env", "zone", "10000000002")
SHIFT = Shift("s-1", "ks-env", "o-1", NOON, NOON + DAY)
DEPUTY = Shift("s-2", "ks-env", "o-2", NOON, NOON + DAY, Place.DEPUTY)
ROBOT = Contact(
    "c-1",
    "ks-env",
    None,
    ContactKind.DINGTALK,
    "https://robot.example/send?access_token=k3y",
    "SEC1",
)
PHONE = Contact("c-2", "ks-env", "o-1", ContactKind.SMS, "10000000001")
BOARD = Contact("c-3", "ks-env", None, ContactKind.BOARD, "ks-env")


@pytest.fixture
async def connection(pool: asyncpg.Pool):
    async with pool.acquire() as one:
        await put_authorities(one, "test", PutPeople([KUNSHAN, GROUP], since=AGO))
        await put_officers(one, "test", PutPeople([FIRST, SECOND], since=AGO))
        yield one
        assert await event.verify_all(one) == {}


async def test_what_was_put_is_read(connection: Connection) -> None:
    assert await authorities(connection, NOON) == {"ks-env": KUNSHAN, "zone": GROUP}
    assert await authorities(connection, AGO - DAY) == {}
    assert await officers(connection, NOON, ["o-2", "o-9"]) == {"o-2": SECOND}
    again = await put_authorities(connection, "test", PutPeople([KUNSHAN], since=AGO))
    assert again.nothing
    renamed = replace(KUNSHAN, name="昆山改名局")
    change = await put_authorities(connection, "test", PutPeople([renamed], NOON, "new sign"))
    assert change.changed == {"ks-env": {"name": ("昆山试验局", "昆山改名局")}}
    assert (await authorities(connection, NOON))["ks-env"] == renamed
    assert (await authorities(connection, NOON - DAY))["ks-env"] == KUNSHAN


async def test_who_is_on_duty(connection: Connection) -> None:
    await put_shifts(connection, "test", PutPeople([SHIFT, DEPUTY]))
    assert await on_duty(connection, "ks-env", NOON) == OnDuty(FIRST, SECOND, None)
    assert await on_duty(connection, "ks-env", NOON + DAY) == OnDuty()
    assert await on_duty(connection, "zone", NOON) == OnDuty()
    assert await shifts(connection, NOON - DAY, NOON) == []
    assert await shifts(connection, NOON - DAY, NOON + DAY, ["ks-env"]) == [SHIFT, DEPUTY]
    half = NOON + DAY / 2
    await put_shifts(connection, "test", PutPeople([replace(SHIFT, officer_id="o-2")], half, "ill"))
    assert (await on_duty(connection, "ks-env", half)).duty == SECOND
    assert (await on_duty(connection, "ks-env", half - timedelta(seconds=1))).duty == FIRST
    await remove_people(connection, "test", RemovePeople("officer", ["o-2"], AGO + DAY))
    assert (await on_duty(connection, "ks-env", half)).in_order() == ()


async def test_no_event_says_a_number_an_address_or_a_secret(connection: Connection) -> None:
    await put_contacts(connection, "test", PutPeople([ROBOT, PHONE], since=AGO))
    moved = replace(FIRST, phone="19900000009")
    change = await put_officers(connection, "test", PutPeople([moved]))
    assert change.changed == {"o-1": {"phone": ("100****0001", "199****0009")}}
    await put_contacts(connection, "test", PutPeople([replace(ROBOT, **{"secret": "SEC2"})]))
    told = [
        one.payload.decode()
        for kind, key in (("officer", "o-1"), ("contact", "c-1"), ("contact", "c-2"))
        for one in await event.stream(connection, kind, key)
    ]
    assert len(told) == 5
    for secret in ("10000000001", "19900000009", "k3y", "access_token", "SEC1", "SEC2"):
        assert not any(secret in one for one in told), secret
    said = json.loads(told[2])
    assert (said["address"], said["secret"]) == ("robot.example", "set")
    assert json.loads(told[3])["changes"] == {"secret": ["set", "set"]}


async def test_another_address_has_to_be_confirmed_anew(connection: Connection) -> None:
    at = utc_now()
    await put_contacts(
        connection, "test", PutPeople([replace(ROBOT, verified_at=at), PHONE, BOARD], since=AGO)
    )
    board = await contact(connection, "c-3")
    assert board is not None
    assert board.verified_at is not None
    assert await contact(connection, "c-2") == PHONE
    assert await contact(connection, "c-9") is None
    same = await put_contacts(connection, "test", PutPeople([ROBOT, PHONE, BOARD]))
    assert same.nothing
    moved = replace(ROBOT, address="https://robot.example/send?access_token=other")
    await put_contacts(connection, "test", PutPeople([moved]))
    assert await contact(connection, "c-1") == moved
    found = await contacts(connection, utc_now(), ["ks-env"])
    assert [one.contact_id for one in found.values()] == ["c-1", "c-2", "c-3"]
    assert await contacts(connection, utc_now(), ["zone"]) == {}


@pytest.mark.parametrize(
    ("put", "entry", "field"),
    [
        (put_authorities, replace(KUNSHAN, substitutes=("nobody",)), "substitutes"),
        (put_officers, replace(FIRST, home_authority="nobody"), "home_authority"),
        (put_officers, replace(FIRST, seconded_to="nobody"), "seconded_to"),
        (put_shifts, replace(SHIFT, authority_id="nobody"), "authority_id"),
        (put_shifts, replace(SHIFT, officer_id="nobody"), "officer_id"),
        (put_shifts, replace(SHIFT, authority_id="zone"), "officer_id"),
        (put_contacts, replace(ROBOT, authority_id="nobody"), "authority_id"),
        (put_contacts, replace(PHONE, officer_id="nobody"), "officer_id"),
    ],
)
async def test_who_is_named_stands_on_a_register(connection, put, entry, field) -> None:
    with pytest.raises(UnknownEntry) as refused:
        await put(connection, "test", PutPeople([entry]))
    assert refused.value.field == field


async def test_a_wrong_entry_stores_nothing(connection: Connection) -> None:
    with pytest.raises(InvalidInput, match="ends_at"):
        await put_shifts(connection, "test", PutPeople([DEPUTY, replace(SHIFT, ends_at=NOON)]))
    assert await shifts(connection, AGO, NOON + DAY) == []


async def test_a_secondment_within_one_file(connection: Connection) -> None:
    lent = replace(SHIFT, shift_id="s-3", authority_id="zone", officer_id="o-2")
    change = await put_shifts(connection, "test", PutPeople([lent]))
    assert change.added == ("s-3",)
    gone = await remove_people(connection, "test", RemovePeople("shift", ["s-3", "s-9"], NOON))
    assert gone.ended == ("s-3",)
    assert await on_duty(connection, "zone", NOON) == OnDuty()
