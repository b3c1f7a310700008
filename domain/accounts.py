"""Accounts 账号: what one is, what a login, a name and a password may look like."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from domain.actors import EVERYWHERE, Actor, Role
from domain.errors import InvalidInput, WhistleError

NAME_MOST: Final = 40
PASSWORD_LEAST: Final = 10
PASSWORD_MOST: Final = 200
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_ADCODE: Final = re.compile(r"\d{6}")


class UnknownAccount(WhistleError):
    """No account has this login."""

    code: ClassVar[str] = "account.unknown"


class LoginTaken(WhistleError):
    """Another account has the login or name, or had it: who did what must stay clear."""

    code: ClassVar[str] = "account.login_taken"


class LastRegistrar(WhistleError):
    """Nobody would be left who may edit accounts everywhere."""

    code: ClassVar[str] = "account.last_registrar"


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it stands. `adcode`: the district that it is bound to, `None`: all.

    `password_hash` is `None` where no password lets in; `demo`: one click lets in, in a demo only.
    """

    account_id: UUID
    login: str
    name: str
    role: Role
    adcode: str | None
    password_hash: str | None
    oidc_subject: str | None
    must_change: bool
    demo: bool
    created_at: datetime
    disabled_at: datetime | None

    def __repr__(self) -> str:
        """Without the hash: this may stand in a log."""
        return f"Account({self.login!r}, {self.role!s}, {self.adcode!r})"

    @property
    def actor(self) -> Actor:
        """Who acts by this account."""
        return Actor(self.name, self.role, self.adcode, self.account_id)

    @property
    def reach(self) -> str:
        """What an edit of this account concerns: its district, or `EVERYWHERE`."""
        return self.adcode or EVERYWHERE


def is_login(said: str) -> bool:
    """Whether it could be one; the store need not be asked for what could not."""
    return _LOGIN.fullmatch(said) is not None


def login_of(said: str) -> str:
    """The login in the one way it is written. Raises `InvalidInput`."""
    login = said.strip().lower()
    if not is_login(login):
        raise InvalidInput("login", "expected 1 to 64 of a-z, 0-9, . _ @ -")
    return login


def name_of(said: str) -> str:
    """The name as screens and events tell it. Raises `InvalidInput`."""
    name = said.strip()
    if not 0 < len(name) <= NAME_MOST or not name.isprintable():
        raise InvalidInput("name", f"expected 1 to {NAME_MOST} characters")
    return name


def district_of(said: str | None) -> str | None:
    """The district that an account is bound to; `None`: all. Raises `InvalidInput`."""
    if said is not None and not (said.isascii() and _ADCODE.fullmatch(said)):
        raise InvalidInput("adcode", "expected six digits, or none for all districts")
    return said


def check_password(password: str, login: str) -> None:
    """Raise `InvalidInput` for one that is too short, too long, or the login itself.

    Length is what helps; rules about signs make people write passwords down (NIST SP 800-63B).
    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise InvalidInput("password", f"expected {PASSWORD_LEAST} to {PASSWORD_MOST} characters")
    if login in password.lower() and len(password) < len(login) + PASSWORD_LEAST:
        raise InvalidInput("password", "expected more than the login and some signs")
    if len(set(password)) < 5:
        raise InvalidInput("password", "expected at least five different characters")
