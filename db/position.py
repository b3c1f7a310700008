"""Fixes on their way into `vessel_position` and `vessel_latest`: partitions, staging, keys."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from db.catalog import load_queries
from db.pool import Connection
from domain.positions import UNTRUSTED

_queries = load_queries("position")

Key = tuple[int, datetime, int]
"""(mmsi, t, payload_hash): what makes two fixes the same."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_POSTGRES_EPOCH_S = 946_684_800  # 2000-01-01T00:00Z

_COLUMNS = (
    ("mmsi", ">i8"),
    ("t", ">i8"),
    ("payload_hash", ">i8"),
    ("lon", ">f8"),
    ("lat", ">f8"),
    ("sog_kn", ">f4"),
    ("cog_deg", ">f4"),
    ("heading_deg", ">i2"),
    ("nav_status", ">i2"),
    ("message_type", ">i2"),
    ("flags", ">i2"),
    ("feed", ">i2"),
    ("district", ">i2"),
    ("border_water", ">i1"),
)

_WIRE = np.dtype(
    [("columns", ">i2")]
    + [part for name, kind in _COLUMNS for part in ((f"{name}_length", ">i4"), (name, kind))]
)
"""One row of PostgreSQL's binary COPY format: every field preceded by its length in bytes."""


def staged_rows(count: int) -> npt.NDArray[np.void]:
    """An empty batch of `count` rows to fill column by column and hand to `stage`.

    Fields: mmsi, t (µs since 1970, UTC), payload_hash, lon, lat (degrees), sog_kn, cog_deg (NaN:
    unknown), heading_deg, nav_status (-1: unknown), message_type, flags, feed and district
    (positions in the lists given to `insert_staged`, from 1), border_water (0 or 1).
    """
    rows = np.zeros(count, dtype=_WIRE)
    rows["columns"] = len(_COLUMNS)
    for name, kind in _COLUMNS:
        rows[f"{name}_length"] = np.dtype(kind).itemsize
    return rows


def set_times(rows: npt.NDArray[np.void], epoch_s: npt.NDArray[np.float64]) -> None:
    """Fill `t` from seconds since 1970-01-01T00:00Z (whole microseconds are kept)."""
    rows["t"] = np.rint((epoch_s - _POSTGRES_EPOCH_S) * 1e6).astype(np.int64)


async def make_stage(connection: Connection) -> None:
    """Make the session's staging table; once per connection, before its first batch."""
    await _queries.make_stage(connection)


async def stage(connection: Connection, rows: npt.NDArray[np.void]) -> None:
    """Copy a filled batch into the staging table; it empties itself when the transaction ends."""
    data = _SIGNATURE + rows.tobytes() + _TRAILER
    await connection.copy_to_table("stage_position", source=_whole(data), format="binary")


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    """Bytes as the driver takes them at once: a file it would read in a thread of its own."""
    yield data


async def insert_staged(connection: Connection, feeds: Sequence[str]) -> int:
    """Move the staged fixes into `vessel_position`; how many were new. `feeds[0]` is feed 1.

    A feed of several stations may stand there once for each.
    """
    tag: str = await _queries.insert_staged(connection, feeds=list(feeds))
    return int(tag.rsplit(" ", 1)[1])


async def upsert_latest(
    connection: Connection, feeds: Sequence[str], stations: Sequence[str], adcodes: Sequence[str]
) -> None:
    """Carry `vessel_latest` on to the newest trusted staged fix of each vessel.

    `stations`: beside each of `feeds` the receiver within it, '' where the sentences name none.
    """
    await _queries.upsert_latest(
        connection,
        feeds=list(feeds),
        stations=list(stations),
        adcodes=list(adcodes),
        untrusted=int(UNTRUSTED),
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
