"""Matches that fixes overtook: judged without what was held up on its way, and judged again.

A broker, a worker or a relay that is behind brings fixes after the readings that they explain. A
reading decided in between is another barge's, or nobody's, and a skipper is accused of what he did
not do. So fixes that were held up are looked for as they are stored, and the matches that they bear
on are noted to be judged again, in the order of their own times (`streams.matching`).
"""

from datetime import datetime, timedelta
from typing import Final

from db.pool import Connection
from db.rematch import Recorded, overtake
from db.watch import cursor, move_cursor
from layers.fusion import SETTLE_S
from streams.matching import BACK, HEARD_DEG, REACH
from streams.watching.news import OVERLAP

_SOURCE: Final = "overtaken"
_HELD_UP: Final = timedelta(seconds=SETTLE_S)
"""What comes sooner was there when the match was made."""
_AT_ONCE: Final = timedelta(minutes=15)
"""Recorded time looked through in one go: a watch that was away catches up in steps."""


async def note_overtaken(connection: Connection, now: datetime, *, at_once: bool = False) -> int:
    """Look for fixes that were held up, and note what they overtook; how many matches that were.

    They are looked for when whatever was stored with them can be seen by all, so each once and no
    match twice. `at_once`: now, in a store that nobody else writes to. Call inside a transaction;
    raises `WatchTaken`.
    """
    known = await cursor(connection, _SOURCE, OVERLAP)
    oldest = now - BACK - REACH.window
    since = max(known.upto, oldest)
    until = now if at_once else min(now - OVERLAP, since + _AT_ONCE)
    if until <= since:
        return 0
    unseen = timedelta(0) if at_once else OVERLAP
    found = await overtake(
        connection,
        Recorded(since, until, unseen, oldest),
        REACH,
        held_up=_HELD_UP,
        heard_deg=HEARD_DEG,
        now=now,
    )
    await move_cursor(connection, _SOURCE, known, min(until, now - OVERLAP))
    return found
