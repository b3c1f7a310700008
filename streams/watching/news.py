"""What is new in the store since the cursor: crossings, and matches of readings made or undone.

A cursor stands in the time of recording. Transactions become visible in another order than their
times say, so each look goes back by `OVERLAP` and leaves out what is marked as looked at. Cursor,
marks and alerts are written in one transaction: a killed watch loses nothing and doubles nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from commands.raise_alert import Raised
from db.match import matches_since
from db.pool import Connection
from db.watch import (
    Cursor,
    crossings_recorded,
    cursor,
    mark,
    marked,
    match_of,
    move_cursor,
)
from domain.water_source import WaterSource
from layers.geography import Geography
from streams.watching.case import Case, pursue
from streams.watching.guard import Guarded
from streams.watching.leaving import crossing_case
from streams.watching.passage import passage_case

OVERLAP: Final = timedelta(minutes=3)
"""Longer than any transaction lives: the server ends those that idle or run for a minute."""
BEGIN_BACK: Final = timedelta(hours=1)
"""How far back a watch looks that never looked before."""
MOST: Final = 5_000


async def new_crossings(
    connection: Connection, geography: Geography, source: WaterSource | None
) -> list[Raised]:
    """Assess every crossing not looked at yet; call inside a transaction. Raises `WatchTaken`."""
    known = await cursor(connection, "crossing", BEGIN_BACK)
    found = await crossings_recorded(connection, known.upto - OVERLAP, MOST)
    keys = {str(one.crossing_id) for one, _ in found}
    done = await marked(connection, "crossing", keys)
    told: list[Raised] = []
    for crossing, _ in found:
        if str(crossing.crossing_id) not in done:
            async with Guarded(connection, "crossing", str(crossing.crossing_id)):
                case = await crossing_case(connection, source, crossing, None)
                told += await pursue(connection, geography, _some(case))
    await _advance(connection, "crossing", known, sorted(keys - done), [at for _, at in found])
    return told


async def new_matches(
    connection: Connection, geography: Geography, source: WaterSource | None
) -> list[Raised]:
    """Assess every reading whose match is new or was changed; call inside a transaction."""
    known = await cursor(connection, "match", BEGIN_BACK)
    found = [
        (one.reading, max(filter(None, (one.matched_at, one.undone_at))))
        for one in await matches_since(connection, known.upto - OVERLAP, MOST)
    ]
    keys = {f"{reading.reading_id}@{at.isoformat()}" for reading, at in found}
    done = await marked(connection, "match", keys)
    told: list[Raised] = []
    for reading, at in found:
        if (key := f"{reading.reading_id}@{at.isoformat()}") not in done:
            async with Guarded(connection, "match", key):
                match = await match_of(connection, reading.reading_id)
                case = await passage_case(connection, source, reading, match)
                told += await pursue(connection, geography, _some(case))
    await _advance(connection, "match", known, sorted(keys - done), [at for _, at in found])
    return told


async def _advance(
    connection: Connection, source: str, known: Cursor, keys: Sequence[str], at: Sequence[datetime]
) -> None:
    await mark(connection, source, keys, known.upto - 2 * OVERLAP)
    # what the look was cut off at stands at its end; the next one goes on from there
    await move_cursor(connection, source, known, max(at) if at else known.upto)


def _some(case: Case | None) -> list[Case]:
    return [] if case is None else [case]
