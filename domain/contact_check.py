"""Whether a contact arrives 核实: a one-time code goes out, and comes back from the other end.

Six digits are read over the telephone. They count for half an hour, for the address they were sent
to, and for five answers; codes follow each other more and more slowly.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import scrypt, sha256
from hmac import compare_digest
from typing import ClassVar, Final

from domain.contacts import Contact
from domain.errors import WhistleError

LASTS: Final = timedelta(minutes=30)
TRIES_MOST: Final = 5
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)
_FORGOTTEN_AFTER: Final = timedelta(days=1)
_DIGITS: Final = 6


class TooSoon(WhistleError):
    """A code went to this contact a moment ago."""

    code: ClassVar[str] = "contact.too_soon"
    retriable: ClassVar[bool] = True


class WrongCode(WhistleError):
    """Not the code that was sent, or it no longer counts. Which of the two is not told."""

    code: ClassVar[str] = "contact.wrong_code"

    def __init__(self) -> None:
        super().__init__("the code is wrong or no longer counts; send another")


@dataclass(frozen=True, slots=True)
class ContactCheck:
    """A code on its way back. `sends`: codes in a row; `tries`: wrong answers to this one."""

    contact_id: str
    salt: bytes
    code_hash: bytes
    address_hash: bytes
    sent_at: datetime
    expires_at: datetime
    sends: int = 1
    tries: int = 0

    def fits(self, contact: Contact, code: str, now: datetime) -> bool:
        """Whether `code` is the one, in time, after few answers, for the same address."""
        right = compare_digest(self.code_hash, code_hash(code, self.salt))
        same = compare_digest(self.address_hash, address_hash(contact))
        return right and same and now < self.expires_at and self.tries < TRIES_MOST


def new_check(
    contact: Contact, before: ContactCheck | None, now: datetime
) -> tuple[ContactCheck, str]:
    """A new code for `contact`, and the code itself, which is kept nowhere.

    Raises `TooSoon` when one has to wait after the code `before`: a minute, doubled each time up to
    an hour, until a day has passed without one.
    """
    sends = 1
    if before is not None and now < before.sent_at + _FORGOTTEN_AFTER:
        wait = min(_FIRST_WAIT * 2 ** min(before.sends - 1, 10), _LONGEST_WAIT)
        if now < before.sent_at + wait:
            left = (before.sent_at + wait - now).total_seconds()
            raise TooSoon(f"the next code may go in {max(1, round(left))} s")
        sends = before.sends + 1
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    salt = secrets.token_bytes(16)
    made = ContactCheck(
        contact.contact_id,
        salt,
        code_hash(code, salt),
        address_hash(contact),
        now,
        now + LASTS,
        sends,
    )
    return made, code


def tried(check: ContactCheck) -> ContactCheck:
    """After a wrong answer."""
    return replace(check, tries=check.tries + 1)


def code_hash(code: str, salt: bytes) -> bytes:
    """scrypt of a code as people type it; slow on purpose, a code has few digits."""
    said = "".join(code.split()).encode()[:64]
    return scrypt(said, salt=salt, n=2**13, r=8, p=1, dklen=32)


def address_hash(contact: Contact) -> bytes:
    """What a code was sent to: another address or secret makes it worthless."""
    parts = (str(contact.kind), contact.address, contact.secret or "")
    return sha256("\0".join(parts).encode()).digest()
