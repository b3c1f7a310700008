"""Answer a call of a muster: by the one-tap link, at the console, or for somebody else."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from commands.authorise import authorise
from commands.calling import begin_ladders
from db import event
from db.command import begin_command, end_command
from db.errors import mapped_errors
from db.incident import KIND, hint, lock_incidents, put_incident
from db.muster import calls_of, incident_of, lock_call, put_call
from db.people import authorities
from db.pool import Connection
from domain.actors import Actor, Deed
from domain.authorities import Authority
from domain.errors import InvalidInput, WhistleError
from domain.escalation import Policy, policy_for
from domain.events import NewEvent
from domain.incident_life import arrived
from domain.musters import Answer, AnswerRefused, Call, OwnPosition, Said, answered
from domain.turnout import turnout

BULK_MOST = 200


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """`said.by` is filled in here: a recipient by their own link, or whoever is signed in.

    `link_number`: of the link that was used; `None` at the console. `position`: where the recipient
    says to be, kept with the answer.
    """

    command_id: UUID
    call_id: UUID
    said: Said
    link_number: int | None = None
    holiday: bool = False
    position: OwnPosition | None = None


class UnknownCall(WhistleError):
    """No call has this id."""

    code = "muster.unknown"


async def answer_by_link(
    connection: Connection,
    command: AnswerCall,
    policies: Sequence[Policy] = (),
) -> Call:
    """The recipient answers through a link of their own, whatever became of the incident since.

    The link has been read (`domain.answer_links`); here it must be the newest of its call. Sent
    again with the same id, nothing is done. Raises `AnswerRefused` for a link that was replaced,
    `UnknownCall`, `InvalidInput`, `CommandReused`, `StoreError`.
    """
    if command.link_number is None:
        raise InvalidInput("link_number", "the number of the link")
    return await _answer(connection, None, command, policies)


async def answer_call(
    connection: Connection,
    actor: Actor,
    command: AnswerCall,
    policies: Sequence[Policy] = (),
) -> Call:
    """Somebody at the console answers, for their own authority or on behalf of another (marked so).

    Raises `Forbidden`, and as `answer_by_link`.
    """
    return await _answer(connection, actor, command, policies)


@dataclass(frozen=True, slots=True)
class BulkAnswers:
    """What became of many answers at once: done, and why the others were not, by call."""

    done: tuple[UUID, ...]
    refused: Mapping[UUID, str] = field(default_factory=dict)


async def answer_calls(
    connection: Connection, actor: Actor, commands: Sequence[AnswerCall]
) -> BulkAnswers:
    """The same for many calls, in a storm; each by itself, what is refused holds nothing up."""
    if len(commands) > BULK_MOST:
        raise InvalidInput("calls", f"at most {BULK_MOST} at once")
    done, refused = [], {}
    for one in commands:
        try:
            await answer_call(connection, actor, one)
        except (AnswerRefused, InvalidInput, UnknownCall) as error:
            refused[one.call_id] = str(error)
        else:
            done.append(one.call_id)
    return BulkAnswers(tuple(done), refused)


async def _answer(
    connection: Connection,
    actor: Actor | None,
    command: AnswerCall,
    policies: Sequence[Policy],
) -> Call:
    async with mapped_errors(), connection.transaction():
        incident_id = await incident_of(connection, command.call_id)
        if incident_id is None:
            raise UnknownCall(f"no call has the id {command.call_id}")
        name = f"link {command.call_id}" if actor is None else actor.name
        before = await begin_command(connection, command.command_id, "muster.answer", name)
        found, now = await lock_incidents(connection, [incident_id])
        call = await lock_call(connection, command.call_id)
        if call is None:
            raise AssertionError("calls are never deleted")
        register = await authorities(connection, now)
        who = await _whose(connection, actor, call, register.get(call.authority_id))
        if before is not None:
            return call
        if command.link_number is not None and command.link_number != call.link_number:
            raise AnswerRefused("this link was replaced by another one")
        said = replace(command.said, by=who)
        after = answered(call, said, now)
        if after is not None:
            await put_call(connection, after)
        if after is not None or command.position is not None:
            await _told(connection, actor, after or call, said, command.position)
        if after is not None:
            if said.answer is Answer.ON_SCENE and found[incident_id].open:
                await put_incident(connection, arrived(found[incident_id], now))
            if said.answer is Answer.WITHDRAWN:
                authority = register.get(call.authority_id)
                if authority is not None and found[incident_id].open:
                    policy = policy_for(policies, found[incident_id].matter, authority.adcode)
                    await _again(connection, after, policy, now, holiday=command.holiday)
        await end_command(connection, command.command_id, {"revision": (after or call).revision})
    return after or call


async def _whose(
    connection: Connection, actor: Actor | None, call: Call, authority: Authority | None
) -> str | None:
    """Who enters it, `None` for the recipient; raises `Forbidden`.

    Whoever is bound to the authority's district answers for it; another one only with the right to
    set it on behalf. Both are marked: it was not the recipient's own hand.
    """
    if actor is None:
        return None
    adcode = "" if authority is None else authority.adcode
    own = actor.adcode is not None and actor.adcode == adcode
    deed = Deed.MUSTER_ANSWER if own else Deed.MUSTER_ON_BEHALF
    await authorise(connection, actor, deed)
    return actor.name


async def _told(
    connection: Connection,
    actor: Actor | None,
    call: Call,
    said: Said,
    position: OwnPosition | None,
) -> None:
    payload: dict[str, Any] = {
        "call_id": str(call.call_id),
        "authority_id": call.authority_id,
        "officer_id": call.officer_id,
        "answer": said.answer,
        "eta": said.eta,
        "reason": said.reason,
        "on_behalf_by": said.by,
    }
    if position is not None:
        payload["position"] = asdict(position)
    await event.append(
        connection,
        [
            NewEvent(
                stream_kind=KIND,
                stream_id=str(call.incident_id),
                kind=f"muster.{said.answer}",
                actor=call.name if actor is None else actor.name,
                occurred_at=said.at,
                payload=payload,
            )
        ],
    )
    await hint(connection)


async def _again(
    connection: Connection, call: Call, policy: Policy, now: datetime, *, holiday: bool
) -> None:
    """An authority that nobody stands for any more is led up another ladder, from now."""
    calls = await calls_of(connection, [call.incident_id])
    if turnout(call.authority_id, calls).silent:
        await begin_ladders(
            connection, call.incident_id, {call.authority_id: policy}, now, holiday=holiday
        )
