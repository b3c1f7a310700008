"""Who may speak for which point: the register in memory, read again when it is old."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import asyncpg

from db import checkpoint
from db.checkpoint import Token
from db.errors import mapped_errors
from domain.checkpoints import Checkpoint, token_hash
from streams.sources.http.refusal import unauthorised

_MISSED_S = 0.25
"""A token or point that we do not know may have been made just now: look again, but not at once."""


class DeviceRegister:
    """Points and tokens as of at most `fresh_s` seconds ago; a revoked token ends by then.

    `seconds` is a steady clock.
    """

    def __init__(self, pool: asyncpg.Pool, fresh_s: float, seconds: Callable[[], float]) -> None:
        self._pool = pool
        self._fresh_s = fresh_s
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._read_at: float | None = None
        self._points: dict[str, Checkpoint] = {}
        self._tokens: dict[bytes, Token] = {}

    async def device(self, authorization: str | None) -> Token:
        """The token that the header shows, valid or not; raises `Refused` for none we know."""
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise unauthorised("token.missing", "expected `Bearer` and the device's token")
        digest = token_hash(given.strip())
        await self._read(self._fresh_s)
        if digest not in self._tokens:
            await self._read(_MISSED_S)
        token = self._tokens.get(digest)
        if token is None:
            raise unauthorised("token.unknown", "expected a token that was issued here")
        return token

    async def point(self, name: str) -> Checkpoint | None:
        """The point of this id, `None` when nobody registered it."""
        if name not in self._points:
            await self._read(_MISSED_S)
        return self._points.get(name)

    async def _read(self, older_than_s: float) -> None:
        async with self._lock:
            if self._read_at is not None and self._seconds() - self._read_at < older_than_s:
                return
            async with mapped_errors(), self._pool.acquire() as connection:
                self._points = await checkpoint.checkpoints(connection)
                self._tokens = await checkpoint.tokens(connection)
            self._read_at = self._seconds()


def check_valid(token: Token, now: datetime) -> None:
    """Raises `Refused` for a token that no longer counts."""
    if token.revoked_at is not None:
        since = token.revoked_at.isoformat()
        raise unauthorised("token.revoked", f"expected a newer token: taken back {since}")
    if token.expires_at <= now:
        since = token.expires_at.isoformat()
        raise unauthorised("token.expired", f"expected a newer token: expired {since}")
