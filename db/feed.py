"""Feeds in the store: the register, heartbeats, counts per minute, and how far files were read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from db.catalog import load_queries
from db.errors import StoreError
from db.pool import Connection

_queries = load_queries("feed")

CountKey = tuple[str, datetime, str]
"""(feed_id, minute of arrival, outcome)."""


class CursorTaken(StoreError):
    """Another worker has read this source on: this one must not go on with it."""

    code: ClassVar[str] = "feed.cursor_taken"


@dataclass(frozen=True, slots=True)
class Feed:
    """A row of the feed register as known now."""

    feed_id: str
    kind: str
    name_zh: str
    name_en: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Beat:
    """A worker's sign of life for one feed. Times of arrival; `None`: nothing heard yet."""

    feed_id: str
    connected: bool
    last_sentence_at: datetime | None
    last_fix_at: datetime | None
    ended: bool = False
    """The source has ended for good: nothing is missing when no more signs come."""


@dataclass(frozen=True, slots=True)
class CursorMove:
    """One step of a cursor, in bytes: from `start` to `next_offset`.

    `pending` are the offsets before it of sentences whose message is only half read.
    """

    feed_id: str
    source_id: str
    start: int
    next_offset: int
    pending: tuple[int, ...]


async def add_feed(connection: Connection, feed: Feed) -> bool:
    """Put the feed on the register; `False` when it stood there already."""
    tag: str = await _queries.add_feed(
        connection,
        feed_id=feed.feed_id,
        kind=feed.kind,
        name_zh=feed.name_zh,
        name_en=feed.name_en,
        address=feed.address,
    )
    return tag.endswith(" 1")


async def revise_feed(connection: Connection, feed: Feed) -> None:
    """Close the feed's current row and add one that says what holds from now on."""
    at = await _queries.close_feed(connection, feed_id=feed.feed_id)
    await _queries.revise_feed(
        connection,
        feed_id=feed.feed_id,
        kind=feed.kind,
        name_zh=feed.name_zh,
        name_en=feed.name_en,
        address=feed.address,
        at=at,
    )


async def current_feeds(connection: Connection) -> dict[str, Feed]:
    """The register as known now, by feed id."""
    return {row["feed_id"]: Feed(**row) async for row in _queries.current_feeds(connection)}


async def beat(
    connection: Connection, beats: Sequence[Beat], *, queued: int, queue_limit: int
) -> None:
    """Write the sign of life of every feed that this worker reads; the queue counts batches.

    A batch is what one read brought, at most 64 KiB.
    """
    await _queries.beat(
        connection,
        feed_ids=[one.feed_id for one in beats],
        connected=[one.connected for one in beats],
        sentence_at=[one.last_sentence_at for one in beats],
        fix_at=[one.last_fix_at for one in beats],
        ended=[one.ended for one in beats],
        queued=queued,
        queue_limit=queue_limit,
    )


async def add_counts(connection: Connection, counts: Mapping[CountKey, int]) -> None:
    """Add to the counts per feed, minute of arrival and outcome."""
    if counts:
        await _queries.add_counts(
            connection,
            feed_ids=[key[0] for key in counts],
            minutes=[key[1] for key in counts],
            outcomes=[key[2] for key in counts],
            counts=list(counts.values()),
        )


async def cursor(
    connection: Connection, feed_id: str, source_id: str
) -> tuple[int, tuple[int, ...]]:
    """(next_offset, pending offsets) of a replayable source, (0, ()) when it is new."""
    await _queries.begin_cursor(connection, feed_id=feed_id, source_id=source_id)
    row = await _queries.cursor(connection, feed_id=feed_id, source_id=source_id)
    return row["next_offset"], tuple(row["pending"])


async def offsets(connection: Connection, feed_id: str) -> dict[str, int]:
    """How far each replayable source of a feed was read, in bytes, by source."""
    return {
        row["source_id"]: row["next_offset"]
        async for row in _queries.offsets(connection, feed_id=feed_id)
    }


async def move_cursor(connection: Connection, move: CursorMove) -> None:
    """Advance by compare-and-set, in the transaction of the work; raises `CursorTaken`."""
    tag: str = await _queries.move_cursor(
        connection,
        feed_id=move.feed_id,
        source_id=move.source_id,
        start=move.start,
        next_offset=move.next_offset,
        pending=list(move.pending),
    )
    if tag != "UPDATE 1":
        raise CursorTaken(
            f"{move.feed_id}: another worker has read {move.source_id} on from byte {move.start}"
        )
