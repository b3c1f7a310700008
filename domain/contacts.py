"""How an authority or an officer is reached: one way of one messenger, verified or not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.errors import InvalidInput


class ContactKind(StrEnum):
    """The ways out: group robots, text message, e-mail, another system, the built-in board."""

    WECOM = "wecom"
    """企业微信群机器人."""
    DINGTALK = "dingtalk"
    """钉钉群机器人."""
    FEISHU = "feishu"
    """飞书群机器人."""
    SMS = "sms"
    """短信."""
    WEBHOOK = "webhook"
    SMTP = "smtp"
    """电子邮件."""
    BOARD = "board"
    """The message board of the console itself 站内留言板."""


PERSONAL: Final = frozenset({ContactKind.SMS, ContactKind.SMTP})
"""Reach one person; the others reach whoever reads the group."""
SIGNED: Final = frozenset({ContactKind.DINGTALK, ContactKind.FEISHU, ContactKind.WEBHOOK})
"""May carry a secret that signs each message."""

_ID_MOST, _ADDRESS_MOST = 60, 500


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach `authority_id`, or of its people `officer_id`.

    `address`: URL of the robot or webhook with its key, telephone number, e-mail address, or for
    the board the authority's id. `secret`: the key of the signature; neither is ever shown whole.
    `verified_at`: when somebody at the other end confirmed that it arrives.
    """

    contact_id: str
    authority_id: str
    officer_id: str | None
    kind: ContactKind
    address: str
    secret: str | None = None
    verified_at: datetime | None = None


def masked(contact: Contact) -> str:
    """The address as screens show it: a telephone number or e-mail by its ends, a robot by host."""
    address = contact.address
    if contact.kind is ContactKind.SMS:
        return f"{address[:3]}****{address[-4:]}" if len(address) >= 11 else "****"
    if contact.kind is ContactKind.SMTP:
        name, _, host = address.partition("@")
        return f"{name[:1]}***@{host}"
    if contact.kind is ContactKind.BOARD:
        return address
    return address.partition("://")[2].partition("/")[0] or "****"


def wrong_fields(contact: Contact) -> list[InvalidInput]:
    """What no register takes, by field; `[]` when all is well."""
    faults = []
    if not 0 < len(contact.contact_id.strip()) <= _ID_MOST:
        faults.append(InvalidInput("contact_id", f"expected 1 to {_ID_MOST} characters"))
    if not contact.authority_id.strip():
        faults.append(InvalidInput("authority_id", "expected the id of an authority"))
    if not _fits(contact):
        faults.append(InvalidInput("address", f"expected {_EXPECTED[contact.kind]}"))
    if contact.secret is not None and contact.kind not in SIGNED:
        faults.append(InvalidInput("secret", f"expected none for {contact.kind}"))
    return faults


_WEB: Final = "an http or https URL"
_EXPECTED: Final = {
    ContactKind.WECOM: _WEB,
    ContactKind.DINGTALK: _WEB,
    ContactKind.FEISHU: _WEB,
    ContactKind.WEBHOOK: _WEB,
    ContactKind.SMS: "a telephone number of 5 to 15 digits, with + or without",
    ContactKind.SMTP: "an e-mail address",
    ContactKind.BOARD: "the id of an authority",
}


def _fits(contact: Contact) -> bool:
    address = contact.address
    if not 0 < len(address) <= _ADDRESS_MOST or not address.isprintable() or " " in address:
        return False
    if _EXPECTED[contact.kind] is _WEB:
        return address.startswith(("https://", "http://")) and "/" in address[8:]
    if contact.kind is ContactKind.SMS:
        digits = address.removeprefix("+")
        return digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 15
    if contact.kind is ContactKind.SMTP:
        name, at, host = address.partition("@")
        return bool(name and at and "." in host and "@" not in host)
    return True
