"""Replace a one-tap link: a new one for the same call; every older one holds no more."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from commands.answer_call import UnknownCall
from commands.authorise import authorise
from commands.calling import LINK_LASTS, Links
from db import event
from db.command import begin_command, end_command
from db.errors import mapped_errors
from db.incident import KIND, hint, lock_incidents
from db.muster import incident_of, lock_call, put_call
from db.people import authorities
from db.pool import Connection
from domain.actors import Actor, Deed
from domain.events import NewEvent
from domain.musters import Call


@dataclass(frozen=True, slots=True)
class ReplaceLink:
    """Which call's link: it was forwarded, lost with a telephone, or has ended."""

    command_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True)
class ReplacedLink:
    """The call, and the address that holds now, "" where links lead nowhere; until `until`.

    Whoever replaced it passes it on; the next reminder carries it as well.
    """

    call: Call
    address: str
    until: datetime


async def replace_link(
    connection: Connection, actor: Actor, command: ReplaceLink, links: Links
) -> ReplacedLink:
    """Make a new link in one transaction with its event, which does not tell the link.

    Sent again with the same id, the same link comes back. Raises `Forbidden`, `UnknownCall`,
    `CommandReused`, `StoreError`.
    """
    async with mapped_errors(), connection.transaction():
        incident_id = await incident_of(connection, command.call_id)
        if incident_id is None:
            raise UnknownCall(f"no call has the id {command.call_id}")
        before = await begin_command(connection, command.command_id, "muster.link", actor.name)
        found, now = await lock_incidents(connection, [incident_id])
        call = await lock_call(connection, command.call_id)
        if call is None:
            raise AssertionError("calls are never deleted")
        spot = found[incident_id].spot
        register = await authorities(connection, now, [call.authority_id])
        own = {register[call.authority_id].adcode} if call.authority_id in register else set()
        await authorise(
            connection, actor, Deed.MUSTER_REMIND, {spot.adcode, *spot.border_adcodes, *own}
        )
        if before is not None:
            number, until = before["number"], datetime.fromisoformat(before["until"])
            return ReplacedLink(call, links.answer(call.call_id, number, until), until)
        until = now + LINK_LASTS
        after = replace(call, link_number=call.link_number + 1)
        await put_call(connection, after)
        payload = {
            "call_id": str(call.call_id),
            "authority_id": call.authority_id,
            "officer_id": call.officer_id,
            "number": after.link_number,
            "until": until,
        }
        replaced = NewEvent(
            stream_kind=KIND,
            stream_id=str(incident_id),
            kind="muster.link_replaced",
            actor=actor.name,
            occurred_at=now,
            payload=payload,
        )
        await event.append(connection, [replaced])
        await hint(connection)
        outcome = {"number": after.link_number, "until": until.isoformat()}
        await end_command(connection, command.command_id, outcome)
    return ReplacedLink(after, links.answer(call.call_id, after.link_number, until), until)
