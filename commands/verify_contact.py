"""Send a contact a one-time code, and take it back from whoever read it at the other end."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from commands.amend_register import Entry, amend_register
from commands.authorise import authorise
from commands.put_people import WORDS
from db import event
from db.contact_check import check_of, end_check, put_check
from db.errors import mapped_errors
from db.outbox import add_messages
from db.people import AUTHORITIES, CONTACTS
from db.pool import Connection
from domain.actors import Actor, Deed
from domain.contact_check import LASTS, WrongCode, new_check, tried
from domain.contacts import Contact, masked
from domain.errors import InvalidInput
from domain.events import NewEvent
from domain.language import Language
from domain.notices import Notice, NoticeKind, notice_message

_MINUTES: Final = int(LASTS.total_seconds() // 60)
_NUMBER: Final = "TEST"


@dataclass(frozen=True, slots=True)
class SendCode:
    """A test notice 测试 with a code, in the language of those who read it."""

    contact_id: str
    lang: Language = "zh"


@dataclass(frozen=True, slots=True)
class CodeSent:
    """Where it went, by its ends, and until when the code counts, UTC."""

    to: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ConfirmContact:
    """The code as somebody at the other end read it."""

    contact_id: str
    code: str


async def send_code(connection: Connection, actor: Actor, command: SendCode) -> CodeSent:
    """Put a test notice with a new code into the outbox, in one transaction with its event.

    The code stands in that message only. Raises `InvalidInput` for a contact that is on no
    register, `TooSoon` when a code went there a moment ago.
    """
    async with mapped_errors(), connection.transaction():
        await authorise(connection, actor, Deed.CONTACT_VERIFY)
        now = await CONTACTS.lock(connection)
        contact = await _allowed(connection, actor, command.contact_id)
        check, code = new_check(contact, await check_of(connection, contact.contact_id), now)
        await put_check(connection, check)
        told = {"to": masked(contact), "channel": str(contact.kind), "expires_at": check.expires_at}
        said = NewEvent(*_of(contact), "contact.code_sent", actor.name, now, told)
        await event.append(connection, [said])
        notice = _notice(code, command.lang)
        await add_messages(connection, [notice_message(contact.kind, contact.contact_id, notice)])
    return CodeSent(masked(contact), check.expires_at)


async def confirm_contact(connection: Connection, actor: Actor, command: ConfirmContact) -> Contact:
    """Take the code back: from now on the contact is verified, with an event that says so.

    Raises `InvalidInput` for a contact that is on no register, `WrongCode` for any other code, one
    too old, or one sent to another address; that is counted and recorded, and five are the end.
    """
    async with mapped_errors(), connection.transaction():
        await authorise(connection, actor, Deed.CONTACT_VERIFY)
        now = await CONTACTS.lock(connection)
        contact = await _allowed(connection, actor, command.contact_id)
        check = await check_of(connection, contact.contact_id)
        right = check is not None and check.fits(contact, command.code, now)
        if check is not None and right:
            await end_check(connection, contact.contact_id)
            verified = replace(contact, verified_at=now)
            entry = Entry(contact.contact_id, verified, since=now)
            await amend_register(connection, actor.name, CONTACTS, WORDS["contact"], [entry])
        elif check is not None:
            failed = tried(check)
            await put_check(connection, failed)
            told = {"to": masked(contact), "tries": failed.tries}
            said = NewEvent(*_of(contact), "contact.code_refused", actor.name, now, told)
            await event.append(connection, [said])
    if not right:
        raise WrongCode  # after the commit: what was tried stays counted
    return verified


async def _allowed(connection: Connection, actor: Actor, contact_id: str) -> Contact:
    """The contact, if there is one, and the account may do this in its authority's district."""
    versions = (await CONTACTS.known(connection, [contact_id]))[contact_id]
    if not versions or versions[-1].valid_to is not None:
        raise InvalidInput("contact_id", f"expected one on the register, got {contact_id!r}")
    contact = versions[-1].content
    held = (await AUTHORITIES.known(connection, [contact.authority_id]))[contact.authority_id]
    await authorise(
        connection, actor, Deed.CONTACT_VERIFY, [one.content.adcode for one in held[-1:]]
    )
    return contact


def _of(contact: Contact) -> tuple[str, str]:
    """The chain that its events stand in."""
    return CONTACTS.noun, contact.contact_id


def _notice(code: str, lang: Language) -> Notice:
    title, what = (
        ("联系方式核实", f"核实码 {code}，{_MINUTES} 分钟内有效。请告知指挥中心。")
        if lang == "zh"
        else (
            "Check of this contact",
            f"Code {code}, good for {_MINUTES} minutes. Tell it to the control room.",
        )
    )
    return Notice(
        notice_id=str(uuid4()),
        incident_id="",
        number=_NUMBER,
        title=title,
        what=what,
        where="",
        lon=None,
        lat=None,
        link="",
        why=(),
        told=(),
        answer_link="",
        lang=lang,
        kind=NoticeKind.TEST,
    )
