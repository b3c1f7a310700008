"""What a channel to people asks of the store: whom it tells, how often, and the board itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol

import asyncpg

from db import board
from db.errors import mapped_errors
from db.outbox import Waiting
from db.pool import Connection, connect
from db.robot import RobotUse, lock_robot, put_robot
from domain.contacts import Contact
from domain.notices import Notice, payload_of
from streams.notify.limit import Limit, Turn, turn, used

Resolve = Callable[[Connection, str], Awaitable[Contact | None]]
"""The contact of this id as it stands now; `None` when it is not or no longer there."""


class Desk(Protocol):
    """All of it raises `StoreError`."""

    async def contact(self, contact_id: str) -> Contact | None:
        """As it stands now; `None` when it is not or no longer there."""

    async def reserve(self, robot: bytes, limits: Sequence[Limit], now: datetime) -> Turn:
        """Whether the robot may be called now; if it may, the call is counted."""

    async def block(self, robot: bytes, until: datetime) -> None:
        """Do not call it before."""

    async def post(self, contact: Contact, message: Waiting, notice: Notice) -> None:
        """Put the notice on the message board, once."""

    async def close(self) -> None:
        """Let go of the store; it is asked again when needed."""


class StoreDesk:
    """The desk on a session of its own, opened when first needed."""

    def __init__(self, url: str, channel: str, resolve: Resolve) -> None:
        self._url = url
        self._application = f"whistle outbox {channel} desk"
        self._resolve = resolve
        self._connection: asyncpg.Connection | None = None
        self._alone = asyncio.Lock()

    async def contact(self, contact_id: str) -> Contact | None:
        """As `Desk` says."""
        async with self._session() as connection:
            return await self._resolve(connection, contact_id)

    async def reserve(self, robot: bytes, limits: Sequence[Limit], now: datetime) -> Turn:
        """As `Desk` says."""
        async with self._session() as connection, connection.transaction():
            use = await lock_robot(connection, robot)
            found = turn(use, limits, now)
            if found.wait_s <= 0:
                await put_robot(connection, robot, used(use, limits, now))
            return found

    async def block(self, robot: bytes, until: datetime) -> None:
        """As `Desk` says."""
        async with self._session() as connection, connection.transaction():
            use = await lock_robot(connection, robot)
            await put_robot(connection, robot, RobotUse(use.used_at, until))

    async def post(self, contact: Contact, message: Waiting, notice: Notice) -> None:
        """As `Desk` says."""
        async with self._session() as connection:
            await board.post(
                connection,
                message_id=message.message_id,
                contact_id=contact.contact_id,
                authority_id=contact.authority_id,
                officer_id=contact.officer_id,
                notice=payload_of(notice),
                written_at=message.created_at,
            )

    async def close(self) -> None:
        """As `Desk` says."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._alone:
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect(self._url, application=self._application)
            try:
                async with mapped_errors():
                    yield self._connection
            except BaseException:
                await self.close()  # whatever it was in the middle of
                raise
