"""Reads and answers calls for the one-tap page, a few at a time and never for long."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import asyncpg

from commands.answer_call import AnswerCall, UnknownCall, answer_by_link
from dashboard.ack.given import Given
from dashboard.ack.sheet import Sheet, read_sheet
from db.command import CommandReused
from db.errors import StoreUnavailable, mapped_errors
from db.incident import store_now
from db.pool import Connection, create_pool
from domain.answer_links import AnswerLink, LinkRefused, read_link
from domain.clock import utc_now
from domain.musters import AnswerRefused, Call, Said

AT_ONCE: Final = 4
"""Connections that the page takes at most; on the console these come out of the common pool."""
TIMEOUT_S: Final = 5.0

OpenPool = Callable[[], Awaitable[asyncpg.Pool]]


class AnswerDesk:
    """Links are read with `key`, without one none holds. `pool` may raise `StoreError`."""

    def __init__(self, pool: OpenPool, key: bytes, now: Callable[[], datetime] = utc_now) -> None:
        self._pool = pool
        self._key = key
        self._now = now
        self._turns = asyncio.Semaphore(AT_ONCE)

    def link(self, token: str) -> AnswerLink:
        """What a token says, before anybody asks the store. Raises `LinkRefused`."""
        if not self._key:
            raise LinkRefused
        return read_link(self._key, token, self._now())

    async def sheet(self, link: AnswerLink) -> Sheet:
        """What the page shows. Raises `LinkRefused`, `StoreError`."""
        async with self._connection() as connection:
            return await read_sheet(connection, link)

    async def answer(self, link: AnswerLink, given: Given) -> Call:
        """Have the answer written down, once; the call as it then stands.

        Raises `LinkRefused` for a link that was replaced, `InvalidInput`, `StoreError`.
        """
        async with self._connection() as connection:
            now = await store_now(connection)
            eta = None if given.eta is None else now + given.eta
            said = Said(given.answer, now, eta, given.reason)
            command = AnswerCall(
                given.command_id, link.call_id, said, link.number, position=given.position
            )
            try:
                return await answer_by_link(connection, command)
            except (AnswerRefused, UnknownCall, CommandReused) as error:
                raise LinkRefused from error

    async def reach(self) -> None:
        """Come back when the store answers. Raises `StoreError`."""
        async with self._connection() as connection:
            await store_now(connection)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with asyncio.timeout(TIMEOUT_S), self._turns:
                pool = await self._pool()
                async with mapped_errors(), pool.acquire() as connection:
                    yield connection
        except TimeoutError as error:
            raise StoreUnavailable(f"no answer within {TIMEOUT_S:.0f} s") from error


class OwnPool:
    """A pool that is opened when the store is there for the first time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def __call__(self) -> asyncpg.Pool:
        """The pool. Raises `StoreError`."""
        async with self._opening:
            if self._pool is None:
                self._pool = await create_pool(
                    self._url,
                    application="whistle ack",
                    size=AT_ONCE,
                    statement_timeout_s=TIMEOUT_S,
                )
            return self._pool

    async def close(self) -> None:
        """Let go of its connections."""
        if self._pool is not None:
            await self._pool.close()
