"""Blow the whistle 吹哨: the authorities concerned are called, all at once, and the clock runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from commands.authorise import authorise
from commands.calling import Links, Placing, begin_ladders, place_call, place_known, said
from db.command import begin_command, end_command
from db.errors import mapped_errors
from db.incident import lock_incidents, take_steps
from db.muster import calls_of
from db.people import authorities, contacts, officers, on_duty
from db.pool import Connection
from domain.actors import Actor, Deed
from domain.authorities import Authority
from domain.callees import Callee, callee, on_watch
from domain.errors import InvalidInput
from domain.escalation import Policy, policy_for
from domain.incident_life import told
from domain.incidents import Incident, UnknownIncident
from domain.musters import Call, CallRole
from domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class BlowWhistle:
    """Who is told. `authorities`: of those that have a part, or `None`: all who were not told yet.

    `officers`: people who are called besides, by id. `holiday`: no working day by the calendar, as
    whoever blows the whistle sees it.
    """

    command_id: UUID
    incident_id: UUID
    authorities: tuple[str, ...] | None = None
    officers: tuple[str, ...] = ()
    holiday: bool = False


@dataclass(frozen=True, slots=True)
class Blown:
    """The incident, and the calls that were made; each once, however often it is blown."""

    incident: Incident
    calls: tuple[Call, ...]


async def blow_whistle(
    connection: Connection,
    actor: Actor,
    command: BlowWhistle,
    links: Links,
    policies: Sequence[Policy] = (),
) -> Blown:
    """Call the duty officer of each authority by its first contact, in one transaction.

    The incident, its event, the calls, their messages and the ladders are written together: there
    is no whistle that was half blown. Who was told already is not called again; sent again with the
    same id, nothing is done. Raises `Forbidden`, `UnknownIncident`, `StaleIncident`,
    `InvalidInput` when nobody is left to be told, `CommandReused`, `StoreError`.
    """
    async with mapped_errors(), connection.transaction():
        before = await begin_command(connection, command.command_id, "whistle.blow", actor.name)
        found, now = await lock_incidents(connection, [command.incident_id])
        incident = found.get(command.incident_id)
        if incident is None:
            raise UnknownIncident(f"no incident has the id {command.incident_id}")
        register = await authorities(connection, now)
        parts = {part.authority_id for part in incident.parts}
        districts = {register[one].adcode for one in parts if one in register}
        spot = incident.spot
        await authorise(
            connection, actor, Deed.INCIDENT_OPEN, {spot.adcode, *spot.border_adcodes, *districts}
        )
        if before is not None:
            return Blown(incident, tuple(await calls_of(connection, [incident.incident_id])))
        chosen = _chosen(incident, command, register)
        step = told(incident, frozenset(one.authority_id for one in chosen), now)
        names = {
            part.authority_id: register[part.authority_id].name
            for part in step.incident.parts
            if part.told_at is not None and part.authority_id in register
        }
        placing = Placing(step.incident, NoticeKind.ALARM, 0, names, links, now)
        made: list[Call] = []
        lines: list[dict[str, Any]] = []
        for one in await _callees(connection, incident, chosen, command.officers, now):
            call, messages = await place_call(connection, placing, one, one.contacts[:1])
            made.append(call)
            lines.append(said(call, one, messages))
        opener = next((one for one in chosen if one.authority_id == incident.opened_for), None)
        if opener is not None:
            known = await place_known(connection, incident, opener, now)
            made.append(known)
        ladders = {
            one.authority_id: policy_for(policies, incident.matter, one.adcode)
            for one in chosen
            if one is not opener
        }
        await begin_ladders(connection, incident.incident_id, ladders, now, holiday=command.holiday)
        payload = {
            **step.payload,
            "calls": lines,
            "known": None if opener is None else opener.authority_id,
            "policies": {one: policy.to_json() for one, policy in sorted(ladders.items())},
        }
        await take_steps(connection, actor.name, [replace(step, payload=payload)])
        await end_command(connection, command.command_id, {"calls": len(made)})
    return Blown(step.incident, tuple(made))


def _chosen(
    incident: Incident, command: BlowWhistle, register: dict[str, Authority]
) -> list[Authority]:
    untold = [part.authority_id for part in incident.parts if part.told_at is None]
    asked = untold if command.authorities is None else list(dict.fromkeys(command.authorities))
    chosen = [one for one in asked if one in untold]
    strange = [one for one in asked if incident.part(one) is None or one not in register]
    if strange:
        raise InvalidInput("authorities", f"those with a part, not {', '.join(strange)}")
    if not chosen and not command.officers:
        raise InvalidInput("authorities", "somebody who was not told yet")
    return [register[one] for one in chosen]


async def _callees(
    connection: Connection,
    incident: Incident,
    chosen: Sequence[Authority],
    named: Sequence[str],
    now: datetime,
) -> list[Callee]:
    """The duty officers of all but the opener's own authority, and whom the controller named."""
    ids = [one.authority_id for one in chosen]
    ways = list((await contacts(connection, now, ids)).values())
    found = [
        on_watch(one, await on_duty(connection, one.authority_id, now), ways)
        for one in chosen
        if one.authority_id != incident.opened_for
    ]
    if named:
        found += await _named(connection, incident, named, now)
    known = {
        (call.authority_id, call.officer_id)
        for call in await calls_of(connection, [incident.incident_id])
    }
    fresh: dict[tuple[str, str | None], Callee] = {}
    for one in found:
        key = (one.authority_id, one.officer_id)
        if key not in known:
            fresh.setdefault(key, one)
    return list(fresh.values())


async def _named(
    connection: Connection, incident: Incident, officer_ids: Sequence[str], now: datetime
) -> list[Callee]:
    people = await officers(connection, now, officer_ids)
    missing = [one for one in officer_ids if one not in people]
    if missing:
        raise InvalidInput("officers", f"officers of the register, not {', '.join(missing)}")
    found = []
    for officer in people.values():
        units = [officer.seconded_to, officer.home_authority]
        unit = next((one for one in units if one and incident.part(one)), None)
        if unit is None:
            raise InvalidInput("officers", f"{officer.officer_id} serves nobody who has a part")
        register = await authorities(connection, now, [unit])
        ways = list((await contacts(connection, now, [unit])).values())
        found.append(callee(register[unit], officer, CallRole.ADDED, ways))
    return found
