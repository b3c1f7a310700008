"""Refused messages in the store, with the reason and the original bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.pool import Connection


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
