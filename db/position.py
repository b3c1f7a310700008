"""Fixes on their way into `vessel_position` and `vessel_latest`: partitions, batches, keys."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import asyncpg

from db.catalog import load_queries
from db.errors import StoreConflict
from db.pool import Connection
from db.position_wire import POSITION_COLUMNS, Rows, newest, position_bytes, staged_bytes

_queries = load_queries("position")

Key = tuple[int, datetime, int]
"""(mmsi, t, payload_hash): what makes two fixes the same."""


async def make_stage(connection: Connection) -> None:
    """Make the session's staging table; once per connection, before its first batch."""
    await _queries.make_stage(connection)


async def copy_positions(
    connection: Connection, rows: Rows, feeds: Sequence[str], recorded_at: datetime
) -> None:
    """Copy a batch (`batch_rows`) into `vessel_position`. `feeds[0]` is feed 1.

    A feed of several stations may stand there once for each. Raises `StoreConflict` when the store
    has one of the fixes already.
    """
    try:
        await connection.copy_to_table(
            "vessel_position",
            columns=POSITION_COLUMNS,
            source=position_bytes(rows, feeds, recorded_at),
            format="binary",
        )
    except asyncpg.UniqueViolationError as error:
        raise StoreConflict(
            f"a fix was stored by another worker meanwhile: {error.detail}"
        ) from error


async def upsert_latest(
    connection: Connection,
    rows: Rows,
    feeds: Sequence[str],
    stations: Sequence[str],
    adcodes: Sequence[str],
) -> None:
    """Carry `vessel_latest` on to the newest trusted fix of each vessel in a batch.

    `stations`: beside each of `feeds` the receiver within it, '' where the sentences name none.
    Call it in a transaction: the staging table empties itself when that ends.
    """
    latest = newest(rows)
    if not len(latest):
        return
    await connection.copy_to_table("stage_latest", source=staged_bytes(latest), format="binary")
    await _queries.upsert_latest(
        connection, feeds=list(feeds), stations=list(stations), adcodes=list(adcodes)
    )


async def stored_keys(connection: Connection, keys: Sequence[Key]) -> set[Key]:
    """Which of `keys` are in the store already: exact repeats of a stored fix."""
    rows = _queries.stored_keys(
        connection,
        mmsis=[key[0] for key in keys],
        times=[key[1] for key in keys],
        hashes=[key[2] for key in keys],
    )
    return {(row["mmsi"], row["t"], row["payload_hash"]) async for row in rows}


def days_ahead(now: datetime, count: int) -> list[date]:
    """The UTC day of `now` and the `count` days after it."""
    return [now.astimezone(UTC).date() + timedelta(days=n) for n in range(count + 1)]


async def make_partitions(connection: Connection, days: Iterable[date]) -> None:
    """Make the missing partitions for these UTC days; harmless beside other workers."""
    for day in sorted(days):
        await _queries.make_partition(connection, day=day)


async def partitions(connection: Connection) -> list[str]:
    """Names of the partitions that stand, oldest first."""
    return [row["name"] async for row in _queries.partitions(connection)]


async def days_kept(connection: Connection) -> list[date]:
    """The UTC days that have a partition, oldest first."""
    return [_day(name) for name in await partitions(connection)]


async def has_partition(connection: Connection, day: date) -> bool:
    """Whether a UTC day has a partition."""
    return day in await days_kept(connection)


async def drop_partition(connection: Connection, day: date) -> bool:
    """Drop the partition of a UTC day; whether there was one.

    Raises `LockNotAvailableError` when somebody keeps the table for longer than two seconds.
    """
    dropped: bool = await _queries.drop_partition(connection, day=day)
    return dropped


def _day(partition: str) -> date:
    return datetime.strptime(partition.rpartition("_")[2], "%Y%m%d").replace(tzinfo=UTC).date()
