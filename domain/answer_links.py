"""The one-tap link 一键回复: a signed name of one call that ends, for a telephone without sign-in.

The link says which call it answers, until when, and which of the call's links it is; who holds it
answers for that recipient and nobody else. HMAC-SHA256 over these, with a key of the installation.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar, Final
from uuid import UUID

from domain.errors import WhistleError

KEY_LEAST: Final = 32
"""Bytes of a key."""
_BODY, _SIGNATURE = 16 + 5 + 2, 16
_CONTEXT: Final = b"whistle one-tap link 1\n"
_NUMBER_MOST: Final = 2**16 - 1


class LinkRefused(WhistleError):
    """The link is not ours, has ended or was replaced; which of these is not told."""

    code: ClassVar[str] = "link.refused"

    def __init__(self) -> None:
        super().__init__("this link does not hold any more: ask the control room for another")


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """What a link says. `number`: which link of the call it is, from 1; only the newest holds."""

    call_id: UUID
    until: datetime
    number: int = 1


def signed(key: bytes, link: AnswerLink) -> str:
    """The link's token: 52 signs of the URL-safe alphabet. `until` is cut to the second.

    Raises `ValueError` for a key under `KEY_LEAST` bytes or a number that no link has.
    """
    if len(key) < KEY_LEAST:
        raise ValueError(f"a key of {KEY_LEAST} bytes or more")
    if not 0 < link.number <= _NUMBER_MOST:
        raise ValueError("a number from 1")
    body = (
        link.call_id.bytes
        + int(link.until.timestamp()).to_bytes(5, "big")
        + link.number.to_bytes(2, "big")
    )
    return urlsafe_b64encode(body + _signature(key, body)).decode()


def read_link(key: bytes, token: str, now: datetime) -> AnswerLink:
    """What `token` says, if it is ours and has not ended. Raises `LinkRefused`."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except (UnicodeEncodeError, NoBase64, ValueError):
        raise LinkRefused from None
    body, signature = raw[:_BODY], raw[_BODY:]
    if not hmac.compare_digest(signature, _signature(key, body)) or len(raw) != _BODY + _SIGNATURE:
        raise LinkRefused
    if urlsafe_b64encode(raw).decode() != token:  # another spelling of the same bytes
        raise LinkRefused
    link = AnswerLink(
        UUID(bytes=body[:16]),
        datetime.fromtimestamp(int.from_bytes(body[16:21], "big"), UTC),
        int.from_bytes(body[21:], "big"),
    )
    if now >= link.until:
        raise LinkRefused
    return link


def _signature(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _CONTEXT + body, sha256)[:_SIGNATURE]


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """Where messages lead: the incident on the console, and the one-tap page of a call.

    `console`, `page`: addresses without a slash at the end, "" where nothing is reachable from
    outside; then, or without a key, the link is "" and the message goes without it.
    """

    console: str
    page: str
    key: bytes = field(default=b"", repr=False)

    def incident(self, incident_id: UUID) -> str:
        """The incident on the console."""
        return f"{self.console}/?incident={incident_id}" if self.console else ""

    def answer(self, call_id: UUID, number: int, until: datetime) -> str:
        """The one-tap page of a call; `number` as in `AnswerLink`."""
        if not (self.page and self.key):
            return ""
        return f"{self.page}/a/{signed(self.key, AnswerLink(call_id, until, number))}"
