"""Escalate 升级: an authority that stays silent is called by the next rung of its ladder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from commands.calling import Links, Placing, place_call, said
from db import event
from db.errors import mapped_errors
from db.incident import KIND, hint, lock_incidents, store_now
from db.muster import Rung, calls_of, decide_rung, due_rungs, lock_rung, messages_of
from db.people import authorities, contacts, on_duty
from db.pool import Connection
from domain.authorities import Authority, Level
from domain.callees import Callee, callee, head_of_group, reach
from domain.contacts import Contact
from domain.escalation import Outcome, Whom
from domain.events import NewEvent
from domain.incidents import Incident
from domain.musters import Call, CallRole
from domain.notices import NoticeKind
from domain.turnout import turnout

ACTOR: Final = "watch"
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one rung, and whom it called."""

    rung: Rung
    outcome: Outcome
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Somebody to call by these contacts; `known`: called before, by others of theirs."""

    callee: Callee
    contacts: tuple[Contact, ...]
    known: Call | None = None


async def escalate(
    connection: Connection, links: Links, *, by: datetime | None = None, most: int = MOST
) -> list[Decided]:
    """Decide every rung that is due `by` then (`None`: now), each in a transaction of its own.

    Any number of processes may do it at once, and any of them may be killed: a rung is decided
    once, with its calls, its messages and its event, or not at all. What did not happen is on
    record as well. Raises `StoreError`.
    """
    decided = []
    async with mapped_errors():
        due_by = by or await store_now(connection)
        for rung in await due_rungs(connection, due_by, most):
            async with connection.transaction():
                one = await _decide(connection, rung, links)
            if one is not None:
                decided.append(one)
    return decided


async def _decide(connection: Connection, rung: Rung, links: Links) -> Decided | None:
    found, now = await lock_incidents(connection, [rung.incident_id])
    if not await lock_rung(connection, rung):
        return None
    incident = found[rung.incident_id]
    calls = await calls_of(connection, [rung.incident_id])
    why = _needless(incident, rung, calls)
    made: list[Call] = []
    lines: list[dict[str, Any]] = []
    if why is None:
        register = await authorities(connection, now)
        placing = Placing(
            incident, NoticeKind.ESCALATION, rung.step, _told(incident, register), links, now
        )
        for attempt in await _attempts(connection, rung, register, calls, placing):
            call, messages = await place_call(
                connection, placing, attempt.callee, attempt.contacts, attempt.known
            )
            made.append(call)
            lines.append(said(call, attempt.callee, messages))
    outcome = Outcome.NOT_NEEDED if why else Outcome.CALLED if made else Outcome.NOBODY
    await decide_rung(connection, rung, outcome, now)
    payload = {
        "authority_id": rung.authority_id,
        "round": rung.round,
        "step": rung.step,
        "whom": rung.whom,
        "policy": rung.policy,
        "due_at": rung.due_at,
        "why": why,
        "calls": lines,
    }
    told = NewEvent(KIND, str(rung.incident_id), f"escalation.{outcome}", ACTOR, now, payload)
    await event.append(connection, [told])
    await hint(connection)
    return Decided(rung, outcome, tuple(made))


def _needless(incident: Incident, rung: Rung, calls: Sequence[Call]) -> str | None:
    """Why nobody has to be called any more, if so."""
    part = incident.part(rung.authority_id)
    if not incident.open:
        return str(incident.state)
    if part is None or part.closed:
        return "part_closed"
    return None if turnout(rung.authority_id, calls).silent else "answered"


def _told(incident: Incident, register: dict[str, Authority]) -> dict[str, str]:
    return {
        part.authority_id: register[part.authority_id].name
        for part in incident.parts
        if part.told_at is not None and part.authority_id in register
    }


async def _attempts(
    connection: Connection,
    rung: Rung,
    register: dict[str, Authority],
    calls: Sequence[Call],
    placing: Placing,
) -> list[_Attempt]:
    """Whom this rung reaches who has not been reached that way yet."""
    silent = register.get(rung.authority_id)
    if silent is None:
        return []
    own = [one for one in calls if one.authority_id == rung.authority_id]
    if rung.whom is Whom.SECOND_CHANNEL:
        return await _other_ways(connection, silent, own, placing)
    units = [silent]
    if rung.whom is Whom.SUBSTITUTE:
        named = [register[one] for one in silent.substitutes if one in register]
        units = [one for one in named if one.level is not Level.GROUP]
    elif rung.whom is Whom.HEAD:
        units = head_of_group(register, [silent.adcode])
    called = {call.officer_id for call in own}
    found = []
    for unit in units:
        one = await _somebody(connection, silent, unit, rung.whom, placing.now)
        if one is not None and one.callee.officer_id not in called:
            found.append(one)
    return found if rung.whom is Whom.SUBSTITUTE else found[:1]


async def _somebody(
    connection: Connection, silent: Authority, unit: Authority, whom: Whom, now: datetime
) -> _Attempt | None:
    """Who of `unit` is called in the silent authority's name, and counts for it."""
    duty = await on_duty(connection, unit.authority_id, now)
    officer, role = {
        Whom.DEPUTY: (duty.deputy, CallRole.DEPUTY),
        Whom.SUBSTITUTE: (duty.duty, CallRole.DEPUTY),
    }.get(whom, (duty.head or duty.duty, CallRole.HEAD))
    if officer is None:
        return None
    ways = (await contacts(connection, now, [unit.authority_id])).values()
    one = callee(unit, officer, role, ways)
    if not one.contacts:
        return None
    return _Attempt(replace(one, authority_id=silent.authority_id), one.contacts[:1])


async def _other_ways(
    connection: Connection, silent: Authority, own: Sequence[Call], placing: Placing
) -> list[_Attempt]:
    """Those who were called and have not answered, by the next contact that was not tried."""
    ways = list((await contacts(connection, placing.now, [silent.authority_id])).values())
    messages = await messages_of(connection, [placing.incident.incident_id])
    found = []
    for call in own:
        tried = {one.contact_id for one in messages if one.call_id == call.call_id}
        reached = reach(silent.authority_id, call.officer_id, ways)
        left = tuple(one for one in reached if one.contact_id not in tried)
        if call.open and left:
            who = Callee(call.authority_id, call.officer_id, call.name, call.role, left)
            found.append(_Attempt(who, left[:1], call))
    return found
