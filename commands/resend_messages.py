"""Somebody has a message sent again: one that was given up, or one that a reader has lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from db import event
from db.errors import mapped_errors
from db.outbox import lock_messages, send_again
from db.pool import Connection
from domain.clock import utc_now
from domain.errors import InvalidInput
from domain.events import NewEvent

MOST = 1000
"""Ids in one command."""


@dataclass(frozen=True, slots=True)
class ResendMessages:
    """`ids` as `whistle outbox list` tells them; `None`: all that were given up."""

    ids: Sequence[int] | None


async def resend_messages(connection: Connection, actor: str, command: ResendMessages) -> list[int]:
    """Make them due again, in one transaction with an event per channel; their ids.

    They keep their bytes and ids, and go out behind what was sent meanwhile. Raises `InvalidInput`
    for an id that is not there, or more than `MOST`; `StoreError`.
    """
    if command.ids is not None and not 0 < len(command.ids) <= MOST:
        raise InvalidInput("ID", f"1 to {MOST} of them at once")
    async with mapped_errors(), connection.transaction():
        found = await lock_messages(connection, command.ids)
        ids = [outbox_id for outbox_id, _ in found]
        unknown = sorted(set(command.ids or ()) - set(ids))
        if unknown:
            raise InvalidInput("ID", f"no message has the id {unknown[0]}")
        await send_again(connection, ids)
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="outbox",
                    stream_id=channel,
                    kind="outbox.resent",
                    actor=actor,
                    occurred_at=utc_now(),
                    payload={"ids": [one for one, its in found if its == channel]},
                )
                for channel in sorted({channel for _, channel in found})
            ],
        )
    return ids
