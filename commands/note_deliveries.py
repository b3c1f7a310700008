"""What became of a muster's messages: taken by the platform, or given up; nothing more is known."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from db import event
from db.errors import mapped_errors
from db.incident import KIND, hint, lock_incidents
from db.muster import ToldOf, lock_call, messages_of, note_message, put_call, told_of
from db.pool import Connection
from domain.events import NewEvent
from domain.musters import Call

MOST: Final = 200


async def note_deliveries(connection: Connection, actor: str, most: int = MOST) -> int:
    """Write down what the outbox knows and the muster does not yet; how many messages that were.

    Any number of processes may do it at once; each message is told of once. Raises `StoreError`.
    """
    noted = 0
    async with mapped_errors():
        for told in await told_of(connection, most):
            async with connection.transaction():
                noted += await _note(connection, actor, told)
    return noted


async def _note(connection: Connection, actor: str, told: ToldOf) -> bool:
    await lock_incidents(connection, [told.incident_id])
    call = await lock_call(connection, told.call_id)
    if call is None or not await note_message(connection, told):
        return False
    payload: dict[str, Any] = {"call_id": str(told.call_id), "message_id": told.message_id}
    if told.sent_at is not None:
        first = min(told.sent_at, call.accepted_at or told.sent_at)
        call = replace(call, accepted_at=first, failure=None)
        kind, at = "muster.accepted", told.sent_at
    elif told.dead_at is not None:
        call = await _given_up(connection, call, told)
        kind, at = "muster.failed", told.dead_at
        payload["why"] = told.failure
    else:
        raise AssertionError("a message that was told of went out or was given up")
    await put_call(connection, call)
    await event.append(connection, [_event(told, actor, kind, at, payload)])
    await hint(connection)
    return True


async def _given_up(connection: Connection, call: Call, told: ToldOf) -> Call:
    """The call has failed once none of its messages went out or may still go."""
    messages = await messages_of(connection, [told.incident_id])
    own = [one for one in messages if one.call_id == call.call_id]
    lost = all(one.dead_at is not None for one in own)
    return replace(call, failure=told.failure) if lost else call


def _event(
    told: ToldOf, actor: str, kind: str, at: datetime, payload: Mapping[str, Any]
) -> NewEvent:
    return NewEvent(KIND, str(told.incident_id), kind, actor, at, payload)
