"""The permit register as the console's page works on it: the list, one paper's past, edits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from commands.amend_register import RegisterChange
from commands.change_permit import ChangePermit, WithdrawPermit, change_permit, withdraw_permit
from commands.grant_permit import GrantPermit, grant_permit
from commands.import_permits import ImportPermits, import_permits
from dashboard.coordinator import Coordinator
from dashboard.paper_search import Paper, of_id
from dashboard.shared_read import SharedRead
from db import event
from db.errors import mapped_errors
from db.permit import permit_history, permit_of, permits_at
from db.permit_list import read_carriers, read_papers
from db.pool import Connection
from domain.events import Event
from domain.permit_csv import PermitFile, write_permits
from domain.permit_standing import standing
from domain.permits import Permit
from domain.tables import WrongTable
from domain.versions import Version

KEPT_S: Final = 1.5
"""How long viewers share one read of the list."""
AT_ONCE: Final = 2
"""Connections that the register may hold at once."""
READ_TIMEOUT_S: Final = 6.0
WRITE_TIMEOUT_S: Final = 30.0
Edit = GrantPermit | ChangePermit | WithdrawPermit


@dataclass(frozen=True, slots=True)
class PaperFile:
    """One paper with all its versions on both axes of time, and who did what."""

    paper: Paper
    versions: tuple[Version[Permit], ...]
    events: tuple[Event, ...]


class PaperDesk:
    """Reads and edits on the server's loop, a few at a time, so that the picture has its own."""

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._shared = SharedRead(self._list, KEPT_S)

    async def papers(self) -> tuple[Paper, ...]:
        """The whole register as it stands, withdrawn papers too. Raises `StoreError`."""
        return await self._shared.get()

    async def carriers(self) -> list[tuple[str, str, str]]:
        """Id, Chinese and English name of the carriers that a paper may name."""
        async with self._connection(READ_TIMEOUT_S) as connection:
            return await read_carriers(connection)

    async def file(self, permit_id: UUID) -> PaperFile | None:
        """One paper with its history; `None` when the register never heard of it."""
        paper = of_id(await self.papers(), permit_id)
        if paper is None:
            return None
        async with self._connection(READ_TIMEOUT_S) as connection:
            versions = await permit_history(connection, permit_id)
            events = await event.stream(connection, "permit", str(permit_id))
        return PaperFile(paper, tuple(versions), tuple(events))

    async def edit(self, actor: str, command: Edit) -> RegisterChange:
        """Grant, change or withdraw. Raises what the command raises."""
        try:
            async with self._connection(WRITE_TIMEOUT_S) as connection:
                if isinstance(command, GrantPermit):
                    return await grant_permit(connection, actor, command)
                if isinstance(command, ChangePermit):
                    return await change_permit(connection, actor, command)
                return await withdraw_permit(connection, actor, command)
        finally:
            self._shared.forget()

    async def bring_in(
        self, actor: str, file: PermitFile, command: ImportPermits, *, try_only: bool
    ) -> RegisterChange:
        """Import the file; or only tell what it would change. Raises `WrongTable`, `StoreError`."""
        try:
            async with self._connection(WRITE_TIMEOUT_S) as connection:
                if not try_only:
                    return await import_permits(connection, actor, command)
                trial = connection.transaction()
                await trial.start()
                try:
                    return await import_permits(connection, actor, command)
                finally:
                    await trial.rollback()
        except WrongTable as refused:
            raise file.named(refused.faults) from refused
        finally:
            self._shared.forget()

    async def export(self, *, chinese: bool) -> bytes:
        """The papers in force by the register as CSV, which the import takes back."""
        async with self._connection(READ_TIMEOUT_S) as connection:
            papers = await permits_at(connection, self._coordinator.now())
        return await asyncio.to_thread(write_permits, papers, chinese)

    async def _list(self) -> tuple[Paper, ...]:
        now = self._coordinator.now()
        async with self._connection(READ_TIMEOUT_S) as connection:
            rows = await read_papers(connection, now)
        return tuple(_paper(row, now) for row in rows)

    @asynccontextmanager
    async def _connection(self, patience_s: float) -> AsyncIterator[Connection]:
        pool = await self._coordinator.pool()
        async with (
            mapped_errors(),
            asyncio.timeout(patience_s),
            self._turns,
            pool.acquire() as connection,
        ):
            yield connection


def payload_of(told: Event) -> Mapping[str, Any]:
    """What an event says; `{}` for one that says nothing readable."""
    try:
        said = orjson.loads(told.payload)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _paper(row: asyncpg.Record, now: datetime) -> Paper:
    permit = permit_of(row)
    return Paper(
        permit=permit,
        carrier=(row["carrier_zh"], row["carrier_en"]) if row["carrier_zh"] else None,
        vessel=row["vessel"],
        changed_at=row["changed_at"],
        standing=standing(permit, now),
    )
