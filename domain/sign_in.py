"""Signing in 登录: how failures are slowed down, how long a session lasts, what is kept of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import ClassVar, Final

from domain.errors import WhistleError

FORGET: Final = timedelta(hours=24)
"""So long after the last one, failures are forgotten."""
AGENT_MOST: Final = 80
TOUCH_EVERY: Final = timedelta(minutes=1)
"""A session's last sign of life is written at most so often."""


class Scope(StrEnum):
    """What failures are counted by."""

    LOGIN = "login"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` failures cost nothing; then the wait doubles from a second up to `longest`."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long nobody is heard after so many failures."""
        beyond = failures - self.free
        if beyond <= 0:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2.0 ** min(beyond - 1, 20)))


PATIENCE: Final = {
    # short: whoever wants to keep an officer out by failing for him shall not keep him out long
    Scope.LOGIN: Patience(5, timedelta(minutes=5)),
    # a whole office may come from one address
    Scope.ADDRESS: Patience(20, timedelta(minutes=15)),
}


class SignInRefused(WhistleError):
    """Login and password do not belong together; which of them is wrong is not told."""

    code: ClassVar[str] = "sign_in.refused"


class TooManyAttempts(WhistleError):
    """Wait first; `wait_s` whole seconds."""

    code: ClassVar[str] = "sign_in.too_many"
    retriable: ClassVar[bool] = True

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many attempts: wait {wait_s} s")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts without a sign of life, and at most."""

    idle: timedelta = timedelta(hours=12)
    most: timedelta = timedelta(days=7)

    def lasts(self, seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
        """Whether a session last seen then is still good."""
        return now < expires_at and now - seen_at < self.idle


def key_hash(said: str) -> bytes:
    """What failures are counted under: SHA-256 of the login or the address."""
    return sha256(said.encode("utf-8", "replace")).digest()


def network(address: str) -> str:
    """The network that an address is of (/24, IPv6 /48): enough to recognise one's own sign-in."""
    return _network(address, 24, 48)


def counted(address: str) -> str:
    """What failures are counted by: the address, of IPv6 its /48, which one person has whole."""
    return _network(address, 32, 48)


def _network(address: str, bits_4: int, bits_6: int) -> str:
    try:
        at = ip_address(address)
    except ValueError:
        return "unknown"
    at = getattr(at, "ipv4_mapped", None) or at
    bits = bits_4 if at.version == 4 else bits_6
    return str(ip_network(f"{at}/{bits}", strict=False))


def agent(said: str) -> str:
    """The browser's name of itself, shortened, without what no screen can show."""
    return "".join(sign for sign in said if sign.isprintable())[:AGENT_MOST]
