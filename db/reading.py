"""Readings in the store: taken once, read back in the order of recording or by vessel."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from db.catalog import load_queries
from db.pool import Connection
from domain.checkpoints import Direction, Entering, Reading, System

_queries = load_queries("reading")
_PLAIN = tuple(
    field.name for field in fields(Reading) if field.name not in {"system", "direction", "entering"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading stands in the store: its number, what it said by hash, when it came in."""

    reading_id: UUID
    seq: int
    content_hash: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """Where this very reading stands already; whether its point and its image are known."""

    known: Place | None
    has_point: bool
    has_image: bool


@dataclass(frozen=True, slots=True)
class StoredReading:
    """A reading as recorded; `seq` is the cursor of whoever reads on."""

    seq: int
    reading: Reading
    received_at: datetime
    recorded_at: datetime

    @property
    def reading_id(self) -> UUID:
        return self.reading.reading_id


async def before_taking(connection: Connection, reading: Reading) -> Before:
    """What has to be known before `reading` is taken, in one question."""
    row = await _queries.before_taking(
        connection,
        reading_id=reading.reading_id,
        checkpoint_id=reading.checkpoint_id,
        t=reading.t,
        image_hash=reading.image_hash,
    )
    known = (
        None
        if row["reading_id"] is None
        else Place(row["reading_id"], row["seq"], row["content_hash"], row["recorded_at"])
    )
    return Before(known, row["has_point"], row["has_image"])


async def add_reading(
    connection: Connection, reading: Reading, payload: Mapping[str, Any], received_at: datetime
) -> Place | None:
    """Store a reading as the newest; `None` when its key stands in the store already.

    Call it last in a transaction: from here to its end nobody else can store one, which keeps
    their order.
    """
    await _queries.lock_readings(connection)
    row = await _queries.add_reading(
        connection,
        reading_id=reading.reading_id,
        content_hash=reading.content_hash,
        payload=payload,
        received_at=received_at,
        **{field.name: getattr(reading, field.name) for field in fields(Reading)},
    )
    return None if row is None else Place(**row)


def _from_row(row: Mapping[str, Any]) -> StoredReading:
    reading = Reading(
        **{name: row[name] for name in _PLAIN},
        system=System(row["system"]),
        direction=None if row["direction"] is None else Direction(row["direction"]),
        entering=None if row["entering"] is None else Entering(row["entering"]),
    )
    return StoredReading(row["seq"], reading, row["received_at"], row["recorded_at"])


async def readings_after(connection: Connection, seq: int, most: int = 500) -> list[StoredReading]:
    """Up to `most` readings recorded after number `seq`, in the order of recording.

    Nothing with a smaller number can appear later: go on from the last one's `seq`.
    """
    rows = _queries.readings_after(connection, seq=seq, most=most)
    return [_from_row(row) async for row in rows]


async def reading(connection: Connection, reading_id: UUID) -> StoredReading | None:
    """One reading."""
    row = await _queries.reading(connection, reading_id=reading_id)
    return None if row is None else _from_row(row)


async def readings_of_vessel(
    connection: Connection, mmsi: int, since: datetime, most: int = 100
) -> list[StoredReading]:
    """Readings since `since` that are matched to this vessel (undone ones left out), newest first.

    Its draught history, among others.
    """
    rows = _queries.readings_of_vessel(connection, mmsi=mmsi, since=since, most=most)
    return [_from_row(row) async for row in rows]
