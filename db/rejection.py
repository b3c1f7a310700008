"""Refused messages in the store, with the reason and the original bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.catalog import load_queries
from db.pool import Connection

_queries = load_queries("rejection")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of `rejected_message`; `raw` as it came, `source_offset` in bytes, if any."""

    feed_id: str
    source_id: str | None
    source_offset: int | None
    arrived_at: datetime
    reason: str
    detail: str
    mmsi: int | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Parked:
    """A record, or one item of it, that was refused; `source_id` is `topic/partition`."""

    rejected_id: int
    feed_id: str
    source_id: str
    source_offset: int
    raw: bytes


async def parked(connection: Connection, topic: str, since: datetime) -> list[Parked]:
    """What of a topic (the broker's name) was refused since then, oldest first."""
    rows = _queries.parked(connection, source=f"{topic}/", since=since)
    return [Parked(**row) async for row in rows]


async def add_rejections(
    connection: Connection, refused: Sequence[Refused], recorded_at: datetime
) -> None:
    """Store refused messages, in the order they came."""
    if refused:
        await connection.copy_records_to_table(
            "rejected_message",
            columns=[*Refused.__slots__, "recorded_at"],
            records=[
                (*(getattr(one, name) for name in Refused.__slots__), recorded_at)
                for one in refused
            ],
        )


async def count_live(connection: Connection, feed_id: str, minute: datetime) -> int:
    """How many refusals of this feed and minute of arrival are kept that cannot be read again."""
    count: int = await _queries.count_live(connection, feed_id=feed_id, minute=minute)
    return count
