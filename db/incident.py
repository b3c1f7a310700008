"""Incidents in the store: locked, written whole with their events, read with their parts."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from db import event
from db.catalog import load_queries
from db.pool import Connection
from domain.events import Event, NewEvent
from domain.incidents import Incident, IncidentState, Origin, Part, Spot, Step

_queries = load_queries("incident")
KIND: Final = "incident"
"""Kind of the chain of events; its id is the incident's."""
CHANNEL: Final = "whistle_incident"
"""Where a change of any incident is hinted at; who listens must poll as well."""
_SPOT: Final = tuple(field.name for field in fields(Spot))
_LISTS: Final = ("parts", "alerts", "links")
_PLAIN: Final = tuple(
    field.name for field in fields(Incident) if field.name not in {"spot", "why", *_LISTS}
)


async def store_now(connection: Connection) -> datetime:
    """The store's clock."""
    now: datetime = await _queries.store_now(connection)
    return now


async def next_number(connection: Connection, day: str) -> str:
    """The next number of a day (`2026-1124`), kept until the transaction ends: `2026-1124-03`."""
    await _queries.lock_day(connection, day=day)
    place: int = await _queries.next_number(connection, day=day)
    return f"{day}-{place:02d}"


async def lock_incidents(
    connection: Connection, incident_ids: Sequence[UUID]
) -> tuple[dict[UUID, Incident], datetime]:
    """The incidents of these ids, locked in order of id, and the store's clock then."""
    rows = [row async for row in _queries.lock_incidents(connection, incident_ids=[*incident_ids])]
    return await _whole(connection, rows), await store_now(connection)


async def read_incidents(
    connection: Connection, incident_ids: Sequence[UUID]
) -> dict[UUID, Incident]:
    """The incidents of these ids as they stand."""
    rows = [row async for row in _queries.read_incidents(connection, incident_ids=[*incident_ids])]
    return await _whole(connection, rows)


async def list_incidents(
    connection: Connection, *, open_only: bool, before: datetime, most: int
) -> list[Incident]:
    """Incidents opened before `before`, the newest first."""
    rows = _queries.list_incidents(connection, open_only=open_only, before=before, most=most)
    ids = [row["incident_id"] async for row in rows]
    found = await read_incidents(connection, ids)
    return [found[one] for one in ids]


async def incidents_of(connection: Connection, alert_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Alert → the incident that meets about it; others are absent."""
    rows = _queries.incidents_of_alerts(connection, alert_ids=[*alert_ids])
    return {row["alert_id"]: row["incident_id"] async for row in rows}


async def take_steps(connection: Connection, actor: str, steps: Sequence[Step]) -> list[Event]:
    """Write the incidents as they stand after `steps`, with an event each, and hint at the change.

    Call with the incidents locked, or new. Each change of an incident by itself is written so.
    """
    if not steps:
        return []
    last = {step.incident.incident_id: step.incident for step in steps}
    for incident in last.values():
        await put_incident(connection, incident)
    stored = await event.append(
        connection,
        [
            NewEvent(
                stream_kind=KIND,
                stream_id=str(step.incident.incident_id),
                kind=step.kind,
                actor=actor,
                occurred_at=step.incident.changed_at,
                payload=step.payload,
            )
            for step in steps
        ],
    )
    await hint(connection)
    return stored


async def hint(connection: Connection) -> None:
    """Say that something about an incident changed: who listens looks at once."""
    await _queries.hint(connection, channel=CHANNEL)


async def put_incident(connection: Connection, incident: Incident) -> None:
    """Write an incident as it stands; its event is written by whoever changed it."""
    parts = incident.parts
    await _queries.put_incident(
        connection,
        **{name: getattr(incident, name) for name in _PLAIN},
        **{name: getattr(incident.spot, name) for name in _SPOT if name != "border_adcodes"},
        border_adcodes=list(incident.spot.border_adcodes),
        why=list(incident.why),
    )
    kept = [part.authority_id for part in parts]
    await _queries.drop_parts(connection, incident_id=incident.incident_id, kept=kept)
    await _queries.put_parts(
        connection,
        incident_id=incident.incident_id,
        authority_ids=kept,
        reasons=[list(part.reasons) for part in parts],
        told=[part.told_at for part in parts],
        closed=[part.closed_at for part in parts],
        closers=[part.closed_by for part in parts],
        notes=[part.closing_note for part in parts],
    )
    await _queries.put_alerts(
        connection, incident_id=incident.incident_id, alert_ids=list(incident.alerts)
    )
    await _queries.put_links(
        connection, incident_id=incident.incident_id, other_ids=list(incident.links)
    )


async def _whole(connection: Connection, rows: Sequence[asyncpg.Record]) -> dict[UUID, Incident]:
    ids = [row["incident_id"] for row in rows]
    lists: dict[UUID, dict[str, list[Any]]] = {one: {name: [] for name in _LISTS} for one in ids}
    async for row in _queries.parts_of(connection, incident_ids=ids):
        lists[row["incident_id"]]["parts"].append(_part(row))
    async for row in _queries.alerts_of(connection, incident_ids=ids):
        lists[row["incident_id"]]["alerts"].append(row["alert_id"])
    async for row in _queries.links_of(connection, incident_ids=ids):
        lists[row["incident_id"]]["links"].append(row["other_id"])
    return {row["incident_id"]: _incident(row, lists[row["incident_id"]]) for row in rows}


def _incident(row: asyncpg.Record, lists: dict[str, list[Any]]) -> Incident:
    spot = {name: row[name] for name in _SPOT}
    spot["border_adcodes"] = tuple(row["border_adcodes"])
    plain = {name: row[name] for name in _PLAIN}
    plain["state"], plain["origin"] = IncidentState(row["state"]), Origin(row["origin"])
    plain["why"] = tuple(row["why"])
    whole: dict[str, Any] = {name: tuple(found) for name, found in lists.items()}
    return Incident(**plain, spot=Spot(**spot), **whole)


def _part(row: asyncpg.Record) -> Part:
    names = [field.name for field in fields(Part)]
    values = {name: row[name] for name in names}
    values["reasons"] = tuple(row["reasons"])
    return Part(**values)
