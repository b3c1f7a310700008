"""A day of positions is old: its rows become a block per vessel, proved against them, and go."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

import asyncpg
import numpy as np

from db import event
from db import position_block as blocks
from db.block_codec import Fixes, canonical, decode, encode, same
from db.errors import StoreConflict, StoreError, mapped_errors
from db.pool import Connection
from db.position import drop_partition, has_partition
from db.position_block import Block
from domain.events import NewEvent
from domain.thinning import Bound, Columns, Window, kept

_EPOCH_S = 946_684_800  # 2000-01-01T00:00Z, from where the blocks count
_TRIES = 20
_PAUSE_S = 0.5


class BlockMismatch(StoreError):
    """A block did not give back the fixes it was made of: the day's rows stay."""

    code: ClassVar[str] = "store.block_mismatch"


@dataclass(frozen=True, slots=True)
class CompactDay:
    """A UTC day. `bound`: `None` keeps every fix. `about`: around alerts and crossings all stay."""

    day: date
    bound: Bound | None
    about: timedelta
    at: datetime


@dataclass(frozen=True, slots=True)
class Compacted:
    """What became of a day: vessels in it, rows there were, fixes kept of them, bytes of blocks."""

    day: date
    vessels: int
    rows: int
    fixes: int
    size: int


Told = Callable[[int, int], None]
"""Told vessels and rows done so far."""


async def compact_day(
    connection: Connection,
    actor: str,
    command: CompactDay,
    told: Told = lambda _vessels, _rows: None,
) -> Compacted | None:
    """Write, prove and drop in one transaction with its event.

    `None`: the day has no rows any more, or somebody else compacts. Rows for a day that has blocks
    already join them. Raises `StoreConflict` when the day changed meanwhile or its table stays in
    use, `BlockMismatch`; then everything is as it was.
    """
    async with mapped_errors(), connection.transaction():
        day = command.day
        if not await blocks.claim(connection) or not await has_partition(connection, day):
            return None
        windows = await blocks.exact_windows(connection, day, command.about)
        vessels = rows = fixes = size = 0
        async for part in blocks.rows_of_day(connection, day):
            standing = await blocks.blocks_of_day(connection, day, [mmsi for mmsi, _ in part])
            made = await asyncio.to_thread(_made, part, standing, windows, command.bound)
            await blocks.put_blocks(connection, day, made)
            await _prove(connection, day, made)
            vessels += len(part)
            rows += sum(len(one.rows) for _, one in part)
            fixes += sum(len(one.rows) for _, one in made)
            size += sum(len(block.data) for block, _ in made)
            told(vessels, rows)
        await _drop(connection, day, rows)
        if await blocks.exact_windows(connection, day, command.about) != windows:
            raise StoreConflict(f"what has to stay exact of {day} changed meanwhile")
        done = Compacted(day, vessels, rows, fixes, size)
        await event.append(connection, [_event(actor, command, done)])
    return done


def _made(
    part: Sequence[tuple[int, Fixes]],
    standing: dict[int, Block],
    windows: dict[int, list[Window]],
    bound: Bound | None,
) -> list[tuple[Block, Fixes]]:
    """The block of each vessel and the fixes in it, which come out of it again bit by bit."""
    made = []
    for mmsi, rows in part:
        known = standing.get(mmsi)
        heard = len(rows.rows)
        left, bound_m = rows, None
        if bound is not None:
            left = _thinned(rows, windows.get(mmsi, []), bound)
            bound_m = bound.metres if len(left.rows) < heard else None
        if known is not None:
            # what the block holds stays: thinned a second time it could be twice the bound away
            left = joined(decode(known.data), left)
            heard += known.heard
            bound_m = max((one for one in (bound_m, known.bound_m) if one), default=None)
        left = canonical(left)
        data = encode(left)
        if not same(decode(data), left):
            raise BlockMismatch(f"the block of {mmsi} does not give its fixes back")
        made.append((Block(mmsi, max(heard, len(left.rows)), bound_m, data), left))
    return made


def _thinned(fixes: Fixes, windows: Sequence[Window], bound: Bound) -> Fixes:
    rows = fixes.rows
    columns = Columns(
        t=(rows["t"] / 1e6 + _EPOCH_S).tolist(),
        lon=rows["lon"].tolist(),
        lat=rows["lat"].tolist(),
        sog_kn=rows["sog_kn"].tolist(),
        nav_status=rows["nav_status"].tolist(),
        flags=rows["flags"].tolist(),
    )
    return Fixes(rows[kept(columns, windows, bound)], fixes.feeds)


def joined(one: Fixes, other: Fixes) -> Fixes:
    """The fixes of both; of two with one key the first one's."""
    feeds = tuple(dict.fromkeys((*one.feeds, *other.feeds)))
    moved = other.rows.copy()
    if len(moved):
        moved["feed"] = np.array([feeds.index(name) for name in other.feeds])[other.rows["feed"]]
    rows = np.concatenate([one.rows, moved])
    keys = np.stack([rows["t"], rows["payload_hash"]], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    return Fixes(rows[np.sort(first)], feeds)


async def _prove(connection: Connection, day: date, made: Sequence[tuple[Block, Fixes]]) -> None:
    """What the store gives back of the blocks just written is what went in."""
    stored = await blocks.blocks_of_day(connection, day, [block.mmsi for block, _ in made])
    for block, fixes in made:
        found = stored.get(block.mmsi)
        # the same bytes were decoded against the rows a moment ago
        if found is None or found.data != block.data or found.heard < len(fixes.rows):
            raise BlockMismatch(f"the store keeps another block of {block.mmsi}")


async def _drop(connection: Connection, day: date, rows: int) -> None:
    """Let the partition go unless it grew; what holds it is given some time."""
    for left in reversed(range(_TRIES)):
        try:
            async with connection.transaction():
                if await blocks.count_rows(connection, day) != rows:
                    raise StoreConflict(f"{day} got more fixes meanwhile")
                await drop_partition(connection, day)
        except asyncpg.LockNotAvailableError:
            if not left:
                raise
            await asyncio.sleep(_PAUSE_S)  # whoever waits for the lock holds up the writers
        else:
            return


def _event(actor: str, command: CompactDay, done: Compacted) -> NewEvent:
    bound = command.bound
    return NewEvent(
        stream_kind="positions",
        stream_id=done.day.isoformat(),
        kind="positions.compacted",
        actor=actor,
        occurred_at=command.at,
        payload={
            "vessels": done.vessels,
            "rows": done.rows,
            "fixes": done.fixes,
            "bytes": done.size,
            "bound_m": None if bound is None else bound.metres,
            "bound_kn": None if bound is None else bound.knots,
            "exact_about_s": command.about.total_seconds(),
        },
    )
