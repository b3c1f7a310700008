"""Old days as blocks: a day's rows vessel by vessel, blocks in and out, what must stay exact."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from db.block_codec import FIX, Fixes, decode
from db.catalog import load_queries
from db.pool import Connection
from domain.thinning import Window

_queries = load_queries("position_block")
_WIRE: Final = FIX.newbyteorder(">")
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Block:
    """A vessel's day. `heard`: fixes of that day before any was left out; `bound_m`: by which."""

    mmsi: int
    heard: int
    bound_m: float | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Expired:
    """What retention took of one day."""

    day: date
    blocks: int
    fixes: int


async def claim(connection: Connection) -> bool:
    """Whether this transaction is the one that compacts until it ends."""
    claimed: bool = await _queries.claim(connection)
    return claimed


async def exact_windows(
    connection: Connection, day: date, about: timedelta
) -> dict[int, list[Window]]:
    """By vessel the times of a UTC day in which nothing may go: `about` on both sides."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found: dict[int, list[Window]] = {}
    rows = _queries.exact_windows(
        connection, since=begin, until=begin + timedelta(days=1), about=about
    )
    async for row in rows:
        found.setdefault(row["mmsi"], []).append((row["since"], row["until"]))
    return found


async def rows_of_day(connection: Connection, day: date) -> AsyncIterator[list[tuple[int, Fixes]]]:
    """The rows of a UTC day's partition, a few vessels at a time, by MMSI. One at once only."""
    feeds = tuple(await _queries.read_feeds(connection, day=day))
    await _queries.open_day(connection, day=day, feeds=list(feeds))
    while rows := [row async for row in _queries.fetch_day(connection)]:
        yield [
            (row["mmsi"], Fixes(np.frombuffer(row["fixes"], dtype=_WIRE).astype(FIX), feeds))
            for row in rows
        ]
    await _queries.close_day(connection)


async def count_rows(connection: Connection, day: date) -> int:
    """How many rows a day's partition has; until the transaction ends nobody adds one.

    Raises `LockNotAvailableError` when a writer keeps the day for longer than two seconds.
    """
    count: int = await _queries.count_day(connection, day=day)
    return count


async def blocks_of_day(
    connection: Connection, day: date, mmsis: Sequence[int]
) -> dict[int, Block]:
    """The blocks that these vessels have of a day."""
    rows = _queries.blocks_of_day(connection, day=day, mmsis=list(mmsis))
    return {row["mmsi"]: Block(**row) async for row in rows}


async def put_blocks(
    connection: Connection, day: date, blocks: Sequence[tuple[Block, Fixes]]
) -> None:
    """Write blocks, each beside the fixes that it holds; one that is there is replaced."""
    await _queries.put_blocks(
        connection,
        day=day,
        mmsis=[block.mmsi for block, _ in blocks],
        firsts=[moment(int(fixes.rows["t"].min())) for _, fixes in blocks],
        lasts=[moment(int(fixes.rows["t"].max())) for _, fixes in blocks],
        fixes=[len(fixes.rows) for _, fixes in blocks],
        heard=[block.heard for block, _ in blocks],
        bounds=[block.bound_m for block, _ in blocks],
        data=[block.data for block, _ in blocks],
    )


async def drop_expired(connection: Connection, before: date) -> list[Expired]:
    """Drop the blocks of the days before `before`, oldest first; pinned ones stay."""
    return [Expired(**row) async for row in _queries.drop_expired(connection, before=before)]


async def stored_blocks(
    connection: Connection, mmsi: int, since: datetime, until: datetime
) -> list[tuple[float | None, Fixes]]:
    """A vessel's blocks that reach into the time, oldest first, each with its bound in metres."""
    rows = _queries.blocks_between(connection, mmsi=mmsi, since=since, until=until)
    return [(row["bound_m"], decode(row["data"])) async for row in rows]


async def add_pin(
    connection: Connection,
    pin_id: UUID,
    mmsi: int,
    between: tuple[datetime, datetime],
    owner: tuple[str, str],
) -> bool:
    """Keep a vessel's fixes between two times for ever, for `owner` (kind, id); whether new."""
    added: bool | None = await _queries.add_pin(
        connection,
        pin_id=pin_id,
        mmsi=mmsi,
        since=between[0],
        until=between[1],
        owner_kind=owner[0],
        owner_id=owner[1],
    )
    return bool(added)


def moment(microseconds: int) -> datetime:
    """A time of `FIX`, which counts from 2000."""
    return _EPOCH + timedelta(microseconds=microseconds)
