"""How the way by the broker does: signs of life of workers, words of relays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from db.catalog import load_queries
from db.pool import Connection

_queries = load_queries("pipeline")

FRESH_S: Final = 15.0
"""Who has given no sign for so long does not count as there."""


@dataclass(frozen=True, slots=True)
class RelayWord:
    """What a relay says of itself. `lost_feeds`: whose receiver is not connected to it.

    `ended`: its last word, said when it was stopped in order.
    """

    relay: str
    told_at: datetime
    waiting_messages: int
    waiting_bytes: int
    limit_bytes: int
    dropped_messages: int
    spool_fault: str | None
    lost_feeds: tuple[str, ...] = ()
    ended: bool = False


async def worker_beat(
    connection: Connection, worker: str, *, partitions: int, waiting: int, blind: bool
) -> None:
    """A worker's sign of life; `blind` while the broker does not answer it."""
    await _queries.worker_beat(
        connection, worker=worker, partitions=partitions, waiting=waiting, blind=blind
    )


async def end_worker(connection: Connection, worker: str, forgotten: datetime) -> None:
    """The worker ends in order; others not heard of since `forgotten` are dropped with it."""
    await _queries.end_worker(connection, worker=worker, forgotten=forgotten)


async def feed_beat(
    connection: Connection, heard: Mapping[str, tuple[datetime | None, datetime | None]]
) -> None:
    """Signs of life of feeds that come by the broker: id → (last sentence, last fix) arrived at."""
    await _queries.feed_beat(
        connection,
        feed_ids=list(heard),
        sentence_at=[one[0] for one in heard.values()],
        fix_at=[one[1] for one in heard.values()],
        fresh_s=FRESH_S,
    )


async def relay_told(connection: Connection, words: Sequence[RelayWord]) -> None:
    """Keep the newest word of each relay; at most one of a relay in a call."""
    await _queries.relay_told(
        connection,
        relays=[one.relay for one in words],
        told=[one.told_at for one in words],
        messages=[one.waiting_messages for one in words],
        bytes=[one.waiting_bytes for one in words],
        limits=[one.limit_bytes for one in words],
        dropped=[one.dropped_messages for one in words],
        faults=[one.spool_fault for one in words],
        lost=["\n".join(one.lost_feeds) or None for one in words],
        ended=[one.ended for one in words],
    )


async def workers(connection: Connection, since: datetime) -> list[asyncpg.Record]:
    """Workers heard of since then, by name."""
    return [row async for row in _queries.workers(connection, since=since)]


async def relays(connection: Connection, since: datetime) -> list[asyncpg.Record]:
    """Relays heard of since then, by name."""
    return [row async for row in _queries.relays(connection, since=since)]
