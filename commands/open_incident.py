"""Open an incident 事件: from alerts, a vessel, or what a colleague said on the telephone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from commands.authorise import authorise
from db.alert import lock_alerts
from db.alert import take_steps as take_alert_steps
from db.command import begin_command, end_command
from db.errors import mapped_errors
from db.incident import incidents_of, next_number, read_incidents, store_now, take_steps
from db.people import authorities
from db.pool import Connection
from domain.actors import Actor, Deed
from domain.alert_life import AlertAction, AlertState, UnknownAlert, handle
from domain.clock import SHANGHAI
from domain.errors import InvalidInput
from domain.incident_life import opened
from domain.incidents import Incident, IncidentState, Origin, Part, Spot, StaleIncident
from domain.matters import Matter

ALERTS_MOST = 50
PARTS_MOST = 60
_INCIDENTS = UUID("6d0a2f0e-3a5e-5a34-8a52-0f6b8f2f9c77")


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """What is known when it is opened.

    `command_id` is made when the form opens, so that a double click opens one. `parts`: authority →
    why it is concerned, as `domain.concerns.propose` says it or the controller. `opened_for`: the
    authority of whoever opens it. `reporter`: who told us, where a person did.
    """

    command_id: UUID
    matter: Matter
    title: str
    spot: Spot
    began_at: datetime
    origin: Origin
    parts: Mapping[str, tuple[str, ...]]
    summary: str = ""
    reporter: str | None = None
    mmsi: int | None = None
    subject: str | None = None
    why: tuple[str, ...] = ()
    alerts: tuple[UUID, ...] = ()
    opened_for: str | None = None


async def open_incident(connection: Connection, actor: Actor, command: OpenIncident) -> Incident:
    """Open it, in one transaction with its event; its alerts are validated by that.

    Sent again with the same id, the incident is given as it stands. Raises `Forbidden`;
    `StaleIncident` when one of the alerts belongs to an incident already, naming it;
    `UnknownAlert`, `StaleAlert`, `InvalidInput`, `CommandReused`, `StoreError`.
    """
    _check(command)
    incident_id = uuid5(_INCIDENTS, str(command.command_id))
    async with mapped_errors(), connection.transaction():
        before = await begin_command(connection, command.command_id, "incident.open", actor.name)
        if before is not None:
            return (await read_incidents(connection, [incident_id]))[incident_id]
        now = await store_now(connection)
        known = await authorities(connection, now)
        unknown = sorted({*command.parts, *_one(command.opened_for)} - known.keys())
        if unknown:
            raise InvalidInput("parts", f"authorities of the register, not {', '.join(unknown)}")
        concerned = {known[authority_id].adcode for authority_id in command.parts}
        places = {command.spot.adcode, *command.spot.border_adcodes, *concerned}
        await authorise(connection, actor, Deed.INCIDENT_OPEN, places)
        await _validate(connection, actor, command.alerts)
        day = now.astimezone(SHANGHAI)
        number = await next_number(connection, f"{day:%Y-%m%d}")
        step = opened(
            Incident(
                incident_id=incident_id,
                number=number,
                state=IncidentState.NEW,
                opened_at=now,
                opened_by=actor.name,
                changed_at=now,
                parts=tuple(Part(name, why) for name, why in command.parts.items()),
                **_given(command),
            )
        )
        await take_steps(connection, actor.name, [step])
        await end_command(connection, command.command_id, {"incident_id": str(incident_id)})
    return step.incident


def _given(command: OpenIncident) -> dict[str, Any]:
    names = set(Incident.__slots__) & set(OpenIncident.__slots__) - {"parts"}
    return {name: getattr(command, name) for name in names}


def _check(command: OpenIncident) -> None:
    if len(command.alerts) > ALERTS_MOST:
        raise InvalidInput("alerts", f"at most {ALERTS_MOST}")
    if len(command.parts) > PARTS_MOST:
        raise InvalidInput("parts", f"at most {PARTS_MOST} authorities")
    if (command.origin is Origin.ALERT) != bool(command.alerts):
        raise InvalidInput("alerts", "those that it is opened from, and only then")
    if command.origin is Origin.VESSEL and command.mmsi is None:
        raise InvalidInput("mmsi", "the vessel that it is opened from")
    if command.began_at.tzinfo is None:
        raise InvalidInput("began_at", "a moment with an offset from UTC")


async def _validate(connection: Connection, actor: Actor, alert_ids: tuple[UUID, ...]) -> None:
    """Who opens an incident about an alert has judged it: it is validated with the same click."""
    if not alert_ids:
        return
    known, now = await lock_alerts(connection, alert_ids)
    for alert_id in alert_ids:
        if alert_id not in known:
            raise UnknownAlert(f"no alert has the id {alert_id}")
    taken = await incidents_of(connection, alert_ids)
    if taken:
        others = await read_incidents(connection, sorted(set(taken.values())))
        numbers = ", ".join(sorted(one.number for one in others.values()))
        raise StaleIncident(f"it is met about already: {numbers}")
    steps = [
        handle(alert, alert.state, AlertAction.VALIDATE, actor.name, now)
        for alert in known.values()
        if alert.state is not AlertState.VALIDATED
    ]
    await take_alert_steps(connection, actor.name, steps)


def _one(said: str | None) -> tuple[str, ...]:
    return () if said is None else (said,)
