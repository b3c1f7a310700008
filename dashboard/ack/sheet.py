"""What the one-tap page shows: one call, its incident, and who else knows. Read, never written."""

from dataclasses import dataclass

from db.incident import read_incidents, store_now
from db.muster import calls_of, incident_of
from db.people import authorities
from db.pool import Connection
from domain.answer_links import AnswerLink, LinkRefused
from domain.authorities import Authority
from domain.incidents import Incident
from domain.musters import Call
from domain.turnout import Turnout, turnout


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another authority that was told. `authority` is `None` where the register lost it."""

    authority_id: str
    authority: Authority | None
    turnout: Turnout


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the page. `authority`: the recipient's own, `None` as for `Neighbour`."""

    call: Call
    incident: Incident
    authority: Authority | None
    others: tuple[Neighbour, ...]


async def read_sheet(connection: Connection, link: AnswerLink) -> Sheet:
    """The sheet of a link that is ours; changes nothing, locks nothing.

    Raises `LinkRefused` for a call that does not exist and for a link that was replaced.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        incident_id = await incident_of(connection, link.call_id)
        if incident_id is None:
            raise LinkRefused
        calls = await calls_of(connection, [incident_id])
        call = next(one for one in calls if one.call_id == link.call_id)
        if call.link_number != link.number:
            raise LinkRefused
        incident = (await read_incidents(connection, [incident_id]))[incident_id]
        told = [part.authority_id for part in incident.parts if part.told_at is not None]
        register = await authorities(
            connection, await store_now(connection), [*told, call.authority_id]
        )
    others = [
        Neighbour(one, register.get(one), turnout(one, calls))
        for one in told
        if one != call.authority_id
    ]
    return Sheet(call, incident, register.get(call.authority_id), tuple(others))
