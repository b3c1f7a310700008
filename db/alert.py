"""Alerts in the store: found by behaviour under a lock, written whole, read for the watch."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

import asyncpg

from db import event
from db.catalog import load_queries
from db.outbox import add_messages
from db.pool import Connection
from domain.alert_life import Alert, AlertState, Step
from domain.behaviours import Known
from domain.events import NewEvent
from domain.outgoing import alert_message

_queries = load_queries("alert")
_COLUMNS = tuple(field.name for field in fields(Alert))
CHANNEL = "whistle_alert"
"""Where a change of any alert is hinted at; who listens must poll as well."""


def alert_from_row(row: asyncpg.Record) -> Alert:
    """An `alert` row as the domain's alert."""
    values = {name: row[name] for name in _COLUMNS}
    values["state"] = AlertState(row["state"])
    values["reasons"] = tuple(row["reasons"])
    values["border_adcodes"] = tuple(row["border_adcodes"])
    return Alert(**values)


async def lock_behaviour(connection: Connection, behaviour: str) -> tuple[Alert | None, datetime]:
    """The alert of a behaviour, locked until the transaction ends, and the store's clock then."""
    await _queries.lock_behaviour(connection, behaviour=behaviour)
    row = await _queries.find_alert(connection, behaviour=behaviour)
    now = await _queries.store_now(connection)
    return (None if row is None else alert_from_row(row)), now


async def lock_alerts(
    connection: Connection, alert_ids: Sequence[UUID]
) -> tuple[dict[UUID, Alert], datetime]:
    """The alerts of these ids, locked in order of id, and the store's clock then."""
    rows = _queries.lock_alerts(connection, alert_ids=list(alert_ids))
    found = {row["alert_id"]: alert_from_row(row) async for row in rows}
    return found, await _queries.store_now(connection)


async def read_alerts(connection: Connection, alert_ids: Sequence[UUID]) -> dict[UUID, Alert]:
    """The alerts of these ids as they stand."""
    rows = _queries.read_alerts(connection, alert_ids=list(alert_ids))
    return {row["alert_id"]: alert_from_row(row) async for row in rows}


async def take_steps(
    connection: Connection, actor: str, steps: Sequence[Step], occurred_at: datetime | None = None
) -> None:
    """Write the alerts as they stand after `steps`, with an event and a message out each, and hint
    at the change. The only way in which an alert is written.

    An event occurred when the alert changed, unless `occurred_at` says otherwise.
    """
    if not steps:
        return
    for step in steps:
        await _queries.put_alert(
            connection,
            **{name: getattr(step.alert, name) for name in _COLUMNS if name not in _LISTS},
            **{name: list(getattr(step.alert, name)) for name in _LISTS},
        )
    stored = await event.append(
        connection,
        [
            NewEvent(
                stream_kind="alert",
                stream_id=str(step.alert.alert_id),
                kind=step.kind,
                actor=actor,
                occurred_at=occurred_at or step.alert.changed_at,
                payload=step.payload,
            )
            for step in steps
        ],
    )
    told = [alert_message(step, one) for step, one in zip(steps, stored, strict=True)]
    await add_messages(connection, told)
    await _queries.hint(connection, channel=CHANNEL)


_LISTS = ("reasons", "border_adcodes")


async def open_alerts(connection: Connection, since: datetime, count: int) -> list[Alert]:
    """Alerts that speak (new, seen, validated), raised since `since`, newest first."""
    rows = _queries.select_open_alerts(connection, since=since, count=count)
    return [alert_from_row(row) async for row in rows]


async def earlier_cases(
    connection: Connection, mmsi: int, before: datetime, count: int = 20
) -> list[tuple[UUID, datetime]]:
    """(id, begin) of the vessel's validated alerts that began before `before`, newest first."""
    rows = _queries.select_validated(connection, mmsi=mmsi, before=before, count=count)
    return [(row["alert_id"], row["began_at"]) async for row in rows]


async def behaviours_of(connection: Connection, subject: str, since: datetime) -> list[Known]:
    """Behaviours of a subject (`mmsi:413…`) that have an alert raised since `since`."""
    rows = _queries.select_behaviours(connection, subject=subject, since=since)
    return [Known(**row) async for row in rows]


async def store_now(connection: Connection) -> datetime:
    """The store's clock."""
    now: datetime = await _queries.store_now(connection)
    return now
