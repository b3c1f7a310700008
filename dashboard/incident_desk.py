"""Incidents as the console's page reads them: the list with its musters, and one in full."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import UUID

from dashboard.coordinator import Coordinator
from dashboard.i18n import Language
from dashboard.shared_read import SharedRead
from db import event
from db.errors import mapped_errors
from db.incident import KIND, list_incidents, read_incidents
from db.muster import CallMessage, Rung, calls_of, messages_of, rungs_of
from db.people import authorities
from db.pool import Connection
from domain.authorities import Authority
from domain.events import Event
from domain.incidents import Incident
from domain.musters import Call
from domain.turnout import Turnout, turnout

KEPT_S: Final = 0.4
"""How long viewers share one read: the page is asked for every second."""
MOST: Final = 200
FILES_MOST: Final = 64
AT_ONCE: Final = 2
_TIMEOUT_S: Final = 6.0
_FAR: Final = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident with where each of its authorities stands, in the order of its parts."""

    incident: Incident
    turnouts: tuple[Turnout, ...]


@dataclass(frozen=True, slots=True)
class IncidentList:
    """The incidents, and the authorities of the register by id."""

    rows: tuple[IncidentRow, ...]
    register: Mapping[str, Authority]


@dataclass(frozen=True, slots=True)
class IncidentFile:
    """One incident with all that is known of it. `register`: its authorities by id."""

    row: IncidentRow
    calls: tuple[Call, ...]
    messages: tuple[CallMessage, ...]
    rungs: tuple[Rung, ...]
    events: tuple[Event, ...]
    register: Mapping[str, Authority]


class IncidentDesk:
    """Reads on the server's loop, a few at a time; viewers share each read for a moment."""

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._list = SharedRead(self._read_list, KEPT_S)
        self._files: OrderedDict[UUID, SharedRead[IncidentFile | None]] = OrderedDict()

    async def incidents(self) -> IncidentList:
        """The newest incidents, ended ones too, the newest first. Raises `StoreError`."""
        return await self._list.get()

    async def file(self, incident_id: UUID) -> IncidentFile | None:
        """One incident in one picture; `None` where there is none. Raises `StoreError`."""
        shared = self._files.get(incident_id)
        if shared is None:
            shared = SharedRead(partial(self._read_file, incident_id), KEPT_S)
            self._files[incident_id] = shared
            while len(self._files) > FILES_MOST:
                self._files.popitem(last=False)
        return await shared.get()

    async def _read_list(self) -> IncidentList:
        async with self._picture() as connection:
            found = await list_incidents(connection, open_only=False, before=_FAR, most=MOST)
            calls = await calls_of(connection, [one.incident_id for one in found])
            register = await authorities(connection, self._coordinator.now())
        by_incident: dict[UUID, list[Call]] = {one.incident_id: [] for one in found}
        for call in calls:
            by_incident[call.incident_id].append(call)
        rows = tuple(row_of(one, by_incident[one.incident_id]) for one in found)
        return IncidentList(rows, register)

    async def _read_file(self, incident_id: UUID) -> IncidentFile | None:
        async with self._picture() as connection:
            found = await read_incidents(connection, [incident_id])
            if not found:
                return None
            incident = found[incident_id]
            calls = tuple(await calls_of(connection, [incident_id]))
            return IncidentFile(
                row_of(incident, calls),
                calls,
                tuple(await messages_of(connection, [incident_id])),
                tuple(await rungs_of(connection, [incident_id])),
                tuple(await event.stream(connection, KIND, str(incident_id))),
                await authorities(connection, incident.changed_at),
            )

    @asynccontextmanager
    async def _picture(self) -> AsyncIterator[Connection]:
        """A connection that sees the store as it stands at one moment."""
        pool = await self._coordinator.pool()
        async with (
            self._turns,
            asyncio.timeout(_TIMEOUT_S),
            mapped_errors(),
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection


def called(register: Mapping[str, Authority], lang: Language) -> dict[str, str]:
    """What authorities are called in a language, by id."""
    return {
        name: one.name if lang == "zh" else one.name_en or one.name
        for name, one in register.items()
    }


def row_of(incident: Incident, calls: list[Call] | tuple[Call, ...]) -> IncidentRow:
    """The incident with its authorities' turnouts, by its own calls."""
    return IncidentRow(
        incident, tuple(turnout(part.authority_id, calls) for part in incident.parts)
    )
