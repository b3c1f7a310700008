"""A contact is verified by the code that came out at its other end, and by nothing else."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from commands.put_people import PutPeople, put_authorities, put_contacts
from commands.verify_contact import ConfirmContact, SendCode, confirm_contact, send_code
from db import event
from db.contact_check import check_of
from db.people import contact
from db.pool import Connection
from domain.actors import Actor, Forbidden, Role
from domain.authorities import Authority, Department, Level
from domain.contact_check import TooSoon, WrongCode
from domain.contacts import Contact, ContactKind
from domain.errors import InvalidInput
from domain.notices import NoticeKind, notice_of, text_of

AGO = datetime(2026, 1, 1, tzinfo=UTC)
DESK = Actor.system("test")
OFFICE = Authority("ks-env", "昆山试验局", "", Level.DISTRICT, "320583", Department.ENVIRONMENT)
PHONE = Contact("c-1", "ks-env", None, ContactKind.SMS, "10000000001")


@pytest.fixture
async def connection(pool: asyncpg.Pool):
    async with pool.acquire() as one:
        await put_authorities(one, "test", PutPeople([OFFICE], since=AGO))
        await put_contacts(one, "test", PutPeople([PHONE], since=AGO))
        yield one
        assert await event.verify_all(one) == {}


async def last_code(connection: Connection) -> str:
    row = await connection.fetchrow("select * from outbox order by outbox_id desc limit 1")
    assert row is not None
    assert (row["channel"], row["destination"], row["ordering_key"]) == ("sms", "c-1", "c-1")
    notice = notice_of(row["payload"])
    assert notice.kind is NoticeKind.TEST
    found = re.search(r"\b\d{6}\b", text_of(notice, 2048))
    assert found is not None
    return found[0]


async def told(connection: Connection) -> list[tuple[str, str]]:
    return [
        (one.kind, one.payload.decode()) for one in await event.stream(connection, "contact", "c-1")
    ]


async def test_what_comes_back_verifies(connection: Connection) -> None:
    sent = await send_code(connection, DESK, SendCode("c-1"))
    assert sent.to == "100****0001"
    code = await last_code(connection)
    with pytest.raises(WrongCode):
        await confirm_contact(connection, DESK, ConfirmContact("c-1", "x"))
    check = await check_of(connection, "c-1")
    assert check is not None
    assert check.tries == 1
    done = await confirm_contact(connection, DESK, ConfirmContact("c-1", code))
    assert done.verified_at is not None
    assert await contact(connection, "c-1") == done
    assert await contact(connection, "c-1", AGO) == PHONE
    with pytest.raises(WrongCode):
        await confirm_contact(connection, DESK, ConfirmContact("c-1", code))
    events = await told(connection)
    assert [kind for kind, _ in events] == [
        "contact.registered", "contact.code_sent", "contact.code_refused", "contact.changed",
    ]  # fmt: skip
    assert not any(code in said or PHONE.address in said for _, said in events)


async def test_a_code_for_another_address_counts_no_more(connection: Connection) -> None:
    await send_code(connection, DESK, SendCode("c-1", "en"))
    code = await last_code(connection)
    moved = replace(PHONE, address="10000000009")
    await put_contacts(connection, "test", PutPeople([moved]))
    with pytest.raises(WrongCode):
        await confirm_contact(connection, DESK, ConfirmContact("c-1", code))
    assert await contact(connection, "c-1") == moved


async def test_repeats_are_slowed_and_strangers_refused(connection: Connection) -> None:
    await send_code(connection, DESK, SendCode("c-1"))
    with pytest.raises(TooSoon):
        await send_code(connection, DESK, SendCode("c-1"))
    assert await connection.fetchval("select count(*) from outbox") == 1
    with pytest.raises(InvalidInput, match="'c-9'"):
        await send_code(connection, DESK, SendCode("c-9"))
    stranger = Actor("nobody", Role.REGISTRAR, None, uuid4())
    for act in (
        send_code(connection, stranger, SendCode("c-1")),
        confirm_contact(connection, stranger, ConfirmContact("c-1", "000000")),
    ):
        with pytest.raises(Forbidden):
            await act
    assert [kind for kind, _ in await told(connection)] == [
        "contact.registered", "contact.code_sent",
    ]  # fmt: skip
