"""What the store holds for a time only: dropped in batches, the oldest first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from db.catalog import load_queries
from db.pool import Connection

_queries = load_queries("house")

Place = tuple[datetime, bytes]
"""Where a look through the pictures stands: when the last one was stored, and its hash."""

BEGIN: Final[Place] = (datetime.min.replace(tzinfo=UTC), b"")


@dataclass(frozen=True, slots=True)
class Images:
    """One page of old pictures: how many went and their bytes; where to go on, `None` at the end.

    A page is at its end when it was not full.
    """

    dropped: int
    size: int
    place: Place | None


async def drop_minutes(connection: Connection, before: datetime, most: int) -> dict[str, int]:
    """Drop counts, refusals and refused messages of before `before`, up to `most` of each table.

    Table → how many rows went.
    """
    return {
        "feed_count": await _queries.drop_feed_counts(connection, before=before, most=most),
        "receiver_minute": await _queries.drop_receiver_minutes(
            connection, before=before, most=most
        ),
        "checkpoint_refusal": await _queries.drop_refusals(connection, before=before, most=most),
        "checkpoint_upload": await _queries.drop_uploads(connection, before=before, most=most),
        "rejected_message": await _queries.drop_rejections(connection, before=before, most=most),
    }


async def drop_readings(connection: Connection, before: datetime, most: int) -> int:
    """Drop up to `most` readings recorded before `before`, with their matches; how many went.

    Those that an alert cites, or ever cited, stay.
    """
    rows = _queries.expired_readings(connection, before=before, most=most)
    ids = [row["reading_id"] async for row in rows]
    if ids:
        await _queries.drop_matches(connection, ids=ids)
        await _queries.drop_readings(connection, ids=ids)
    return len(ids)


async def drop_images(connection: Connection, before: datetime, place: Place, most: int) -> Images:
    """Look at up to `most` pictures sent before `before`, after `place`; drop the unreferred."""
    since, after = place
    row = await _queries.drop_images(connection, before=before, since=since, after=after, most=most)
    full = row["looked_at"] == most
    return Images(
        row["images"], row["bytes"], (row["stored_at"], row["image_hash"]) if full else None
    )
