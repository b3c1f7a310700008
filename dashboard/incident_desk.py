"""Incidents as the console's page reads them: the list with its musters, and one in full."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from dashboard.coordinator import Coordinator
from dashboard.i18n import Language
from db import event
from db.errors import mapped_errors
from db.incident import KIND, list_incidents, read_incidents
from db.muster import CallMessage, Rung, calls_of, messages_of, rungs_of
from db.people import authorities
from domain.authorities import Authority
from domain.events import Event
from domain.incidents import Incident
from domain.musters import Call
from domain.turnout import Turnout, turnout

KEPT_S: Final = 0.8
"""How long viewers share one read: the page is asked for every second."""
MOST: Final = 200
AT_ONCE: Final = 2
_TIMEOUT_S: Final = 6.0
_FAR: Final = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident with where each of its authorities stands, in the order of its parts."""

    incident: Incident
    turnouts: tuple[Turnout, ...]


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
    """Reads on the server's loop, a few at a time; viewers share the list."""

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._read: asyncio.Task[tuple[IncidentRow, ...]] | None = None
        self._read_at = 0.0

    async def incidents(self) -> tuple[IncidentRow, ...]:
        """The newest incidents, ended ones too, the newest first. Raises `StoreError`."""
        task = self._read
        stale = time.monotonic() - self._read_at > KEPT_S
        if task is None or (task.done() and (stale or task.cancelled() or task.exception())):
            task = self._read = asyncio.create_task(self._list())
            self._read_at = time.monotonic()
        return await asyncio.shield(task)

    async def file(self, incident_id: UUID) -> IncidentFile | None:
        """One incident in one picture; `None` where there is none. Raises `StoreError`."""
        pool = await self._coordinator.pool()
        async with (
            self._turns,
            asyncio.timeout(_TIMEOUT_S),
            mapped_errors(),
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
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

    async def names(self, lang: Language) -> dict[str, str]:
        """Authorities by id as they are called now, in a language. Raises `StoreError`."""
        pool = await self._coordinator.pool()
        async with (
            self._turns,
            asyncio.timeout(_TIMEOUT_S),
            mapped_errors(),
            pool.acquire() as connection,
        ):
            found = await authorities(connection, self._coordinator.now())
        return called(found, lang)

    async def _list(self) -> tuple[IncidentRow, ...]:
        pool = await self._coordinator.pool()
        async with (
            self._turns,
            asyncio.timeout(_TIMEOUT_S),
            mapped_errors(),
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = await list_incidents(connection, open_only=False, before=_FAR, most=MOST)
            calls = await calls_of(connection, [one.incident_id for one in found])
        return tuple(
            row_of(one, [call for call in calls if call.incident_id == one.incident_id])
            for one in found
        )


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
