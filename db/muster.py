"""Musters in the store: calls with their answers, the messages they were made by, due rungs."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from db.catalog import load_queries
from db.pool import Connection
from domain.escalation import DueRung, Outcome, Whom
from domain.musters import Call, CallRole

_queries = load_queries("muster")
_CALL: Final = tuple(field.name for field in fields(Call))


@dataclass(frozen=True, slots=True)
class CallMessage:
    """A message of a call. `accepted_at`: the platform took it; `failure`: why not, in words."""

    message_id: str
    call_id: UUID
    contact_id: str
    channel: str
    kind: str
    step: int
    queued_at: datetime
    accepted_at: datetime | None = None
    dead_at: datetime | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class ToldOf:
    """What the way out says of a message by now."""

    message_id: str
    call_id: UUID
    incident_id: UUID
    sent_at: datetime | None
    dead_at: datetime | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of an authority's ladder in an incident. `policy`: name and version, `default/1`."""

    incident_id: UUID
    authority_id: str
    round: int
    step: int
    whom: Whom
    policy: str
    due_at: datetime
    done_at: datetime | None = None
    outcome: Outcome | None = None


async def calls_of(connection: Connection, incident_ids: Sequence[UUID]) -> list[Call]:
    """The calls of these incidents, in the order in which they were made."""
    rows = _queries.calls_of(connection, incident_ids=[*incident_ids])
    return [_call(row) async for row in rows]


async def incident_of(connection: Connection, call_id: UUID) -> UUID | None:
    """The incident of a call: it is locked before the call is."""
    found: UUID | None = await _queries.incident_of(connection, call_id=call_id)
    return found


async def lock_call(connection: Connection, call_id: UUID) -> Call | None:
    """A call, locked until the transaction ends."""
    row = await _queries.lock_call(connection, call_id=call_id)
    return None if row is None else _call(row)


async def put_call(connection: Connection, call: Call) -> None:
    """Write a call as it stands, with its incident locked."""
    await _queries.put_call(connection, **{name: getattr(call, name) for name in _CALL})


async def add_messages(connection: Connection, messages: Sequence[CallMessage]) -> None:
    """Write down messages that go into the outbox in the same transaction."""
    if not messages:
        return
    await _queries.add_messages(
        connection,
        message_ids=[one.message_id for one in messages],
        call_ids=[one.call_id for one in messages],
        contact_ids=[one.contact_id for one in messages],
        channels=[one.channel for one in messages],
        kinds=[one.kind for one in messages],
        steps=[one.step for one in messages],
        queued_at=messages[0].queued_at,
    )


async def messages_of(connection: Connection, incident_ids: Sequence[UUID]) -> list[CallMessage]:
    """The messages of these incidents' calls, in the order in which they were written."""
    rows = _queries.messages_of(connection, incident_ids=[*incident_ids])
    return [CallMessage(**row) async for row in rows]


async def told_of(connection: Connection, most: int) -> list[ToldOf]:
    """Messages that went out, or were given up, since the muster last looked."""
    return [ToldOf(**row) async for row in _queries.told_of(connection, most=most)]


async def note_message(connection: Connection, told: ToldOf) -> bool:
    """Write down what the way out says; `False`: that is known.

    A message that was given up and sent again after all is accepted.
    """
    noted = await _queries.note_message(
        connection,
        message_id=told.message_id,
        accepted_at=told.sent_at,
        dead_at=None if told.sent_at else told.dead_at,
        failure=None if told.sent_at else told.failure,
    )
    return noted is not None


async def last_round(connection: Connection, incident_id: UUID, authority_id: str) -> int:
    """The ladder that this authority is on, from 1; 0 for none."""
    found: int = await _queries.last_round(
        connection, incident_id=incident_id, authority_id=authority_id
    )
    return found


async def add_rungs(
    connection: Connection,
    incident_id: UUID,
    policy: str,
    ladders: Sequence[tuple[str, int, DueRung]],
) -> None:
    """Write ladders: (authority, round, rung) each."""
    if not ladders:
        return
    await _queries.add_rungs(
        connection,
        incident_id=incident_id,
        authority_ids=[authority_id for authority_id, _, _ in ladders],
        rounds=[number for _, number, _ in ladders],
        steps=[rung.step for _, _, rung in ladders],
        whoms=[rung.whom for _, _, rung in ladders],
        policies=[policy] * len(ladders),
        due=[rung.due_at for _, _, rung in ladders],
    )


async def rungs_of(connection: Connection, incident_ids: Sequence[UUID]) -> list[Rung]:
    """All rungs of these incidents by the time they are due."""
    return [_rung(row) async for row in _queries.rungs_of(connection, incident_ids=[*incident_ids])]


async def due_rungs(connection: Connection, now: datetime, most: int) -> list[Rung]:
    """Rungs whose time has come and that nobody has decided, the longest due first."""
    return [_rung(row) async for row in _queries.due_rungs(connection, now=now, most=most)]


async def lock_rung(connection: Connection, rung: Rung) -> bool:
    """Whether it is still to be decided and by us: nobody else decides it until we are done."""
    found = await _queries.lock_rung(
        connection,
        incident_id=rung.incident_id,
        authority_id=rung.authority_id,
        round=rung.round,
        step=rung.step,
    )
    return found is not None


async def decide_rung(connection: Connection, rung: Rung, outcome: Outcome, now: datetime) -> None:
    """Write down what became of it, once."""
    await _queries.decide_rung(
        connection,
        incident_id=rung.incident_id,
        authority_id=rung.authority_id,
        round=rung.round,
        step=rung.step,
        done_at=now,
        outcome=outcome,
    )


def _call(row: asyncpg.Record) -> Call:
    values = {name: row[name] for name in _CALL}
    return Call(**{**values, "role": CallRole(row["role"])})


def _rung(row: asyncpg.Record) -> Rung:
    values = dict(row)
    outcome = values["outcome"]
    return Rung(
        **{
            **values,
            "whom": Whom(values["whom"]),
            "outcome": None if outcome is None else Outcome(outcome),
        }
    )
