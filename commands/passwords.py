"""Passwords and tokens: made at random, kept as hashes, checked at the same cost for everybody."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is read wrongly from a screen or over the telephone."""
_GROUPS: Final = 5
_hasher: Final = PasswordHasher()
"""argon2id, RFC 9106's second recommendation: 64 MiB, 3 rounds."""
_workers: Final = ThreadPoolExecutor(2, "argon2")
"""Few: each takes 64 MiB, and whoever tries many passwords shall not have all processors."""


def new_password() -> str:
    """A random password of 99 bits that can be read aloud: five groups of four."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(_GROUPS))
    return "-".join(groups)


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """By what a token is known to the store; a random one needs no slow hash."""
    return sha256(token.encode("utf-8", "replace")).digest()


async def hashed(password: str) -> str:
    """The password as the store keeps it: parameters, salt and hash."""
    return await asyncio.get_running_loop().run_in_executor(_workers, _hasher.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password; without a hash it is not, at the same cost."""
    found = await asyncio.get_running_loop().run_in_executor(
        _workers, _verify, password_hash or _nobodys(), password
    )
    return found and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password.encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_bytes(32))
