"""Place calls: a row of the muster, its messages in the outbox, and the ladder of who is next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid5

from db.muster import CallMessage, add_messages, add_rungs, last_round, put_call
from db.outbox import add_messages as add_to_outbox
from db.pool import Connection
from domain.authorities import Authority
from domain.callees import Callee
from domain.contacts import PERSONAL, Contact
from domain.escalation import Policy, due_rungs
from domain.incidents import Incident
from domain.language import Language
from domain.musters import Call, CallRole
from domain.notices import Notice, NoticeKind, message_id_of, notice_message

_CALLS = UUID("b8d9d8a4-2b5f-5b9c-8a0c-6d1f0c7f2a31")
LINK_LASTS = timedelta(hours=24)
_LANGUAGE: Language = "zh"
"""What officers are told in; English is one click away on the screen, not on the telephone."""


class Links(Protocol):
    """Where messages lead."""

    def incident(self, incident_id: UUID) -> str:
        """The incident on the console."""

    def answer(self, call_id: UUID, number: int, until: datetime) -> str:
        """The one-tap page of a call."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What all calls of one occasion share. `told`: names of the authorities that know of it."""

    incident: Incident
    kind: NoticeKind
    step: int
    told: Mapping[str, str]
    links: Links
    now: datetime


def call_id_of(incident_id: UUID, authority_id: str, officer_id: str | None) -> UUID:
    """The id that everybody who calls this recipient gives the call: nobody is called twice."""
    return uuid5(_CALLS, f"{incident_id}/{authority_id}/{officer_id or ''}")


async def place_call(
    connection: Connection,
    placing: Placing,
    callee: Callee,
    contacts: Sequence[Contact],
    known: Call | None = None,
) -> tuple[Call, tuple[str, ...]]:
    """Call them by `contacts`; the call as it stands and the ids of its messages.

    `known`: the call that was made before, of which this is another attempt. Call it with the
    incident locked and its event written in the same transaction.
    """
    now = placing.now
    call = known or Call(
        call_id=call_id_of(placing.incident.incident_id, callee.authority_id, callee.officer_id),
        incident_id=placing.incident.incident_id,
        authority_id=callee.authority_id,
        officer_id=callee.officer_id,
        name=callee.name,
        role=callee.role,
        step=placing.step,
        called_at=now,
    )
    if placing.kind is NoticeKind.REMINDER:
        call = replace(call, reminded_at=now)
    if not contacts and known is None:
        call = replace(call, failure="no contact")
    await put_call(connection, call)
    mobiles = tuple(one.address for one in callee.contacts if one.kind == "sms")
    notices = [(one, _notice(placing, call, one, mobiles)) for one in contacts]
    messages = [
        CallMessage(
            message_id_of(notice),
            call.call_id,
            contact.contact_id,
            contact.kind,
            placing.kind,
            placing.step,
            now,
        )
        for contact, notice in notices
    ]
    await add_messages(connection, messages)
    await add_to_outbox(
        connection,
        [notice_message(contact.kind, contact.contact_id, notice) for contact, notice in notices],
    )
    return call, tuple(one.message_id for one in messages)


async def place_known(
    connection: Connection, incident: Incident, authority: Authority, now: datetime
) -> Call:
    """The authority of whoever opened the incident knows of it: nobody is called."""
    call = Call(
        call_id=call_id_of(incident.incident_id, authority.authority_id, None),
        incident_id=incident.incident_id,
        authority_id=authority.authority_id,
        officer_id=None,
        name=authority.name,
        role=CallRole.OPENER,
        step=0,
        called_at=now,
        seen_at=now,
        acknowledged_at=now,
    )
    await put_call(connection, call)
    return call


async def begin_ladders(
    connection: Connection,
    incident_id: UUID,
    policies: Mapping[str, Policy],
    now: datetime,
    *,
    holiday: bool,
) -> None:
    """From now on each of these authorities' silence leads up its ladder; authority → policy."""
    for authority_id, policy in sorted(policies.items()):
        number = await last_round(connection, incident_id, authority_id) + 1
        rungs = due_rungs(policy, now, holiday=holiday)
        await add_rungs(
            connection,
            incident_id,
            f"{policy.policy_id}/{policy.version}",
            [(authority_id, number, rung) for rung in rungs],
        )


def said(call: Call, callee: Callee, messages: Sequence[str]) -> dict[str, Any]:
    """A call as events tell of it: who, as what, by which contacts; no address, no number."""
    return {
        "call_id": str(call.call_id),
        "authority_id": call.authority_id,
        "officer_id": call.officer_id,
        "name": call.name,
        "role": call.role,
        "step": call.step,
        "messages": list(messages),
        "contacts": [one.contact_id for one in callee.contacts],
    }


def _notice(placing: Placing, call: Call, contact: Contact, mobiles: tuple[str, ...]) -> Notice:
    incident, spot = placing.incident, placing.incident.spot
    name = f"{placing.kind}/{placing.step}/{contact.contact_id}/{placing.now.isoformat()}"
    return Notice(
        notice_id=str(uuid5(call.call_id, name)),
        incident_id=str(incident.incident_id),
        number=incident.number,
        title=incident.title,
        what=incident.summary,
        where=spot.words or "",
        lon=spot.lon,
        lat=spot.lat,
        link=placing.links.incident(incident.incident_id),
        why=incident.why,
        told=tuple(name for one, name in placing.told.items() if one != call.authority_id),
        answer_link=placing.links.answer(call.call_id, call.link_number, placing.now + LINK_LASTS),
        lang=_LANGUAGE,
        kind=placing.kind,
        mobiles=() if contact.kind in PERSONAL else mobiles,
    )
