"""What people do with an incident that stands: correct, extend, act, close, open again, join."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commands.authorise import authorise
from db.command import begin_command, end_command
from db.errors import mapped_errors
from db.incident import lock_incidents, take_steps
from db.people import authorities
from db.pool import Connection
from domain import incident_life as life
from domain.actors import Actor, Deed
from domain.errors import InvalidInput
from domain.incidents import Edit, Incident, IncidentState, Step, UnknownIncident

Change = Callable[[Incident, datetime], Sequence[Step | None]]


@dataclass(frozen=True, slots=True)
class Aim:
    """Which incident, in which revision it was seen, and the id of the command.

    `command_id` is made when the form opens or the button is drawn: sent again, nothing is done.
    """

    command_id: UUID
    incident_id: UUID
    expected: int


async def edit_incident(connection: Connection, actor: Actor, aim: Aim, change: Edit) -> Incident:
    """Correct title, summary, matter, place or vessel.

    All of these commands raise `Forbidden`, `UnknownIncident`, `StaleIncident` when it was changed
    meanwhile or does not allow it any more, `InvalidInput`, `CommandReused`, `StoreError`.
    """
    return await _change(
        connection,
        actor,
        Deed.INCIDENT_EDIT,
        aim,
        lambda known, now: [life.edit(known, aim.expected, change, now)],
    )


async def add_part(
    connection: Connection, actor: Actor, aim: Aim, authority_id: str, reasons: tuple[str, ...]
) -> Incident:
    """Another authority of the register is concerned."""
    return await _change(
        connection,
        actor,
        Deed.INCIDENT_EDIT,
        aim,
        lambda known, now: [life.add_part(known, authority_id, reasons, now)],
        named=authority_id,
    )


async def remove_part(
    connection: Connection, actor: Actor, aim: Aim, authority_id: str
) -> Incident:
    """An authority that was not told yet is not concerned after all."""
    return await _change(
        connection,
        actor,
        Deed.INCIDENT_EDIT,
        aim,
        lambda known, now: [life.remove_part(known, authority_id, now)],
    )


async def advance_incident(
    connection: Connection, actor: Actor, aim: Aim, to: IncidentState, words: str
) -> Incident:
    """It was acted upon 处置 or handed over 移交, in words."""
    return await _change(
        connection,
        actor,
        Deed.INCIDENT_EDIT,
        aim,
        lambda known, now: [life.advance(known, aim.expected, to, words, now)],
    )


async def close_part(
    connection: Connection, actor: Actor, aim: Aim, authority_id: str, words: str
) -> Incident:
    """An authority is done with its own part; the last one closes the incident.

    An account that is bound to a district closes the parts of its own authorities only.
    """
    return await _change(
        connection,
        actor,
        Deed.INCIDENT_CLOSE_PART,
        aim,
        lambda known, now: life.close_part(known, authority_id, words, actor.name, now),
        only=authority_id,
    )


async def reopen_incident(connection: Connection, actor: Actor, aim: Aim, why: str) -> Incident:
    """It goes on."""
    return await _change(
        connection,
        actor,
        Deed.INCIDENT_REOPEN,
        aim,
        lambda known, now: [life.reopen(known, aim.expected, why, now)],
    )


async def retract_incident(connection: Connection, actor: Actor, aim: Aim, why: str) -> Incident:
    """It was none."""
    return await _change(
        connection,
        actor,
        Deed.INCIDENT_RETRACT,
        aim,
        lambda known, now: [life.retract(known, aim.expected, why, now)],
    )


async def merge_incidents(connection: Connection, actor: Actor, aim: Aim, into: UUID) -> Incident:
    """The incident is the same as `into`, which is given back with what both have."""
    return await _both(
        connection, actor, aim, into, lambda known, other, now: [*life.merge(known, other, now)]
    )


async def link_incidents(connection: Connection, actor: Actor, aim: Aim, other: UUID) -> Incident:
    """Two incidents have to do with each other; both say so."""
    return await _both(
        connection,
        actor,
        aim,
        other,
        lambda known, found, now: [
            life.link(known, found.incident_id, now),
            life.link(found, known.incident_id, now),
        ],
    )


async def _change(
    connection: Connection,
    actor: Actor,
    deed: Deed,
    aim: Aim,
    change: Change,
    *,
    named: str | None = None,
    only: str | None = None,
) -> Incident:
    """Do it under the incident's lock. `named`: an authority that has to be on the register;
    `only`: the one whose district counts for whoever does it."""
    async with mapped_errors(), connection.transaction():
        before = await begin_command(connection, aim.command_id, deed, actor.name)
        found, now = await lock_incidents(connection, [aim.incident_id])
        known = _known(found, aim.incident_id)
        await _allowed(connection, actor, deed, known, now, named=named, only=only)
        if before is not None:
            return known
        steps = [step for step in change(known, now) if step is not None]
        await take_steps(connection, actor.name, steps)
        await end_command(connection, aim.command_id, {"steps": len(steps)})
    return steps[-1].incident if steps else known


async def _both(
    connection: Connection,
    actor: Actor,
    aim: Aim,
    other_id: UUID,
    change: Callable[[Incident, Incident, datetime], Sequence[Step | None]],
) -> Incident:
    deed = Deed.INCIDENT_EDIT
    async with mapped_errors(), connection.transaction():
        before = await begin_command(connection, aim.command_id, deed, actor.name)
        found, now = await lock_incidents(connection, [aim.incident_id, other_id])
        known, other = _known(found, aim.incident_id), _known(found, other_id)
        for one in (known, other):
            await _allowed(connection, actor, deed, one, now)
        if before is not None:
            return other
        steps = [step for step in change(known, other, now) if step is not None]
        await take_steps(connection, actor.name, steps)
        await end_command(connection, aim.command_id, {"steps": len(steps)})
    return steps[-1].incident if steps else other


def _known(found: dict[UUID, Incident], incident_id: UUID) -> Incident:
    if incident_id not in found:
        raise UnknownIncident(f"no incident has the id {incident_id}")
    return found[incident_id]


async def _allowed(
    connection: Connection,
    actor: Actor,
    deed: Deed,
    known: Incident,
    now: datetime,
    *,
    named: str | None = None,
    only: str | None = None,
) -> None:
    """Whether `actor` may do it where the incident is, or one of its authorities."""
    ids = {part.authority_id for part in known.parts} if only is None else {only}
    register = await authorities(connection, now, ids | ({named} if named else set()))
    if named is not None and named not in register:
        raise InvalidInput("authority_id", f"an authority of the register, not {named}")
    districts = {register[one].adcode for one in ids if one in register}
    if only is None:
        districts |= {known.spot.adcode, *known.spot.border_adcodes}
    await authorise(connection, actor, deed, districts)
