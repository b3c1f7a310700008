"""The outbox: what goes out, written with its events, taken and marked by whoever sends it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.catalog import load_queries
from db.pool import Connection
from domain.outgoing import Outgoing

_queries = load_queries("outbox")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is due; `payload` exactly as it is sent."""

    outbox_id: int
    destination: str
    ordering_key: str
    message_id: str
    payload: bytes
    content_type: str
    created_at: datetime
    attempts: int = 0
    """How often it was tried before."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """Not before so many seconds, and why, in words; `tried`: whether that was an attempt."""

    why: str
    seconds: float
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How many messages of a channel wait and are dead; seconds for which the oldest is due."""

    waiting: int
    dead: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Listed:
    """A message that was not sent, as a person reads it; `dead_at`: nobody tries it any more."""

    outbox_id: int
    channel: str
    destination: str
    ordering_key: str
    message_id: str
    bytes: int
    content_type: str
    created_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    dead_at: datetime | None
    failure: str | None


# ---- by commands


async def add_messages(connection: Connection, messages: Sequence[Outgoing]) -> None:
    """Write messages in the order given; call inside the transaction of their events, after them.

    The lock on the events' aggregate is held then, so that the numbers of its messages grow in the
    order of its events. Raises `AlreadyThere` (23505) for a `message_id` that the channel has.
    """
    if not messages:
        return
    await _queries.add_messages(
        connection,
        channels=[one.channel for one in messages],
        destinations=[one.destination for one in messages],
        ordering_keys=[one.ordering_key for one in messages],
        message_ids=[one.message_id for one in messages],
        payloads=[one.payload for one in messages],
        content_types=[one.content_type for one in messages],
    )


async def lock_messages(connection: Connection, ids: Sequence[int] | None) -> list[tuple[int, str]]:
    """(id, channel) of these messages, or of all dead ones, locked until the transaction ends."""
    rows = (
        _queries.lock_dead(connection)
        if ids is None
        else _queries.lock_messages(connection, ids=list(ids))
    )
    return [(row["outbox_id"], row["channel"]) async for row in rows]


async def send_again(connection: Connection, ids: Sequence[int]) -> None:
    """These messages are due again, whether they were sent or dead."""
    await _queries.send_again(connection, ids=list(ids))


# ---- by the sender, on a session of its own


async def claim(connection: Connection, channel: str, idle: timedelta) -> bool:
    """Whether this session is the one that sends this channel's messages, until it ends.

    The server ends it when nothing was asked of it for `idle`: a sender that is stopped or cut off
    gives its place up without saying so.
    """
    milliseconds = str(max(1, idle // timedelta(milliseconds=1)))
    await _queries.end_when_idle(connection, milliseconds=milliseconds)
    held: bool = await _queries.claim(connection, channel=channel)
    return held


async def touch(connection: Connection) -> None:
    """Keep the session; raises what the driver raises when it is gone."""
    await _queries.touch(connection)


async def take(
    connection: Connection, channel: str, most: int, busy: Collection[str] = ()
) -> list[Waiting]:
    """Up to `most` messages that are due, the oldest first, but those to `busy` destinations."""
    rows = _queries.take(connection, channel=channel, most=most, busy=list(busy))
    return [Waiting(**row) async for row in rows]


async def mark_sent(connection: Connection, ids: Sequence[int]) -> None:
    """The other side has them."""
    if ids:
        await _queries.mark_sent(connection, ids=list(ids))


async def mark_dead(connection: Connection, failures: Mapping[int, str]) -> None:
    """They will never be taken; why, in words."""
    if failures:
        await _queries.mark_dead(connection, ids=list(failures), failures=list(failures.values()))


async def put_off(connection: Connection, failures: Mapping[int, PutOff]) -> None:
    """Try them again later. What has their key waits with them."""
    if failures:
        await _queries.put_off(
            connection,
            ids=list(failures),
            failures=[one.why for one in failures.values()],
            seconds=[one.seconds for one in failures.values()],
            tried=[int(one.tried) for one in failures.values()],
        )


# ---- by people and their tools


async def standing(connection: Connection, channel: str) -> Standing:
    """How far the sending of a channel is."""
    row = await _queries.standing(connection, channel=channel)
    return Standing(row["waiting"], row["dead"], max(0.0, row["oldest_s"] or 0.0))


async def list_messages(connection: Connection, *, dead: bool, most: int) -> list[Listed]:
    """Messages that were not sent, the oldest first; `dead`: only those given up."""
    rows = _queries.list_messages(connection, dead=dead, most=most)
    return [Listed(**row) async for row in rows]


# ---- by the housekeeping


async def drop_messages(
    connection: Connection, sent_before: datetime, unsent_before: datetime, most: int
) -> dict[str, int]:
    """Drop messages written and sent before `sent_before`, and unsent ones of before
    `unsent_before`, up to `most` of each; how many of each went.
    """
    return {
        "outbox_sent": await _queries.drop_sent(connection, before=sent_before, most=most),
        "outbox_unsent": await _queries.drop_unsent(connection, before=unsent_before, most=most),
    }
