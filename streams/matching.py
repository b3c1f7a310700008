"""Readings to tracks, as they come in: what can be decided is decided, the rest waits a moment.

A reading with a name or a number that one track alone fits is matched at once, and judged again
`SETTLE_S` after its own time. All others wait until then, when the fixes and readings about them
are in. What came in later than that is judged again too (`streams.rematching`). A reading is judged
by what happened until `SETTLE_S` after it, and by earlier matches, so that neither when it is
judged nor what came in first decides whose passage it was.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from commands.match_reading import MatchReading, match_again, match_reading
from db import match as store
from db import rematch
from db.pool import Connection
from domain.checkpoints import Checkpoint, Reading
from domain.device_clock import LATEST, learned
from domain.matches import Match, Outcome
from layers.fusion import CLOCK_S, EXCLUSIVE_S, SETTLE_S, Scene, Second, match
from layers.passings import REACH_M, WINDOW_S, Hull, TrackArrays
from streams.watching.guard import Guard

BACK = timedelta(hours=6)
"""A device that was cut off may bring its readings so late; older ones are left as they are."""
_SECOND_SENSOR = timedelta(hours=2)
_CLOCK_BACK = timedelta(hours=6)
_EXCLUSIVE = timedelta(seconds=EXCLUSIVE_S)
_DEPENDENCE = rematch.Dependence(_EXCLUSIVE, _CLOCK_BACK, _SECOND_SENSOR)
_MOST = 50
"""Readings judged in one call: a storm at one gate must not hold up whoever calls."""
_HEARD = timedelta(seconds=45)
_HEARD_M = 10_000.0
"""A receiver that hears nobody about the gate hears no passage either."""
_SETTLE = timedelta(seconds=SETTLE_S)
_WINDOW = timedelta(seconds=WINDOW_S)
_M_PER_DEG = 110_880.0
REACH = rematch.Reach(_WINDOW, _SETTLE, REACH_M / _M_PER_DEG)
"""Where and when fixes bear on a reading."""
HEARD_DEG = _HEARD_M / _M_PER_DEG


@dataclass(frozen=True, slots=True)
class Matched:
    """A reading, its point and what was found just now."""

    reading: Reading
    checkpoint: Checkpoint
    match: Match


async def match_pending(
    connection: Connection,
    checkpoints: Mapping[str, Checkpoint],
    now: datetime,
    guard: Guard,
    actor: str = "watch",
) -> list[Matched]:
    """Decide every reading that can be decided at `now` and store it with an event, by time.

    Those whose match is to be judged again have their turn among them; returned are those that are
    new or have changed. Takes the caller's transaction, if there is one. A reading of an unknown
    point waits, and one that cannot be judged is left to `guard`.
    """
    found = []
    count = 0
    for reading, again in await store.pending(connection, now - BACK, now):
        if count == _MOST:
            break
        checkpoint = checkpoints.get(reading.checkpoint_id)
        settled = reading.t + _SETTLE <= now
        if checkpoint is None or not (settled or _says_who(reading)):
            continue
        key = str(reading.reading_id)
        if guard.leaves("matching", key):
            continue
        count += 1
        async with guard.about(connection, "matching", key):
            decide = _again if again else _first
            one = await decide(connection, reading, checkpoint, now, actor)
            found += [] if one is None else [one]
    return found


async def _first(
    connection: Connection, reading: Reading, checkpoint: Checkpoint, now: datetime, actor: str
) -> Matched | None:
    settles = reading.t + _SETTLE
    settled = settles <= now
    one = await judge(connection, reading, checkpoint, settled=settled)
    if not settled and one.outcome is not Outcome.MATCHED:
        return None
    made = MatchReading(reading, one, None if settled else settles)
    if not await match_reading(connection, actor, made):
        return None
    await _carry_on(connection, reading, [one.mmsi], now, first=True)
    return Matched(reading, checkpoint, one)


async def _again(
    connection: Connection, reading: Reading, checkpoint: Checkpoint, now: datetime, actor: str
) -> Matched | None:
    # locked before it is judged: what is noted meanwhile waits, and is not wiped out with this
    before = await store.lock_match(connection, reading.reading_id)
    one = await judge(connection, reading, checkpoint)
    if before is None or not await match_again(connection, actor, MatchReading(reading, one)):
        return None
    await _carry_on(connection, reading, [before.mmsi, one.mmsi], now, first=False)
    return Matched(reading, checkpoint, one)


async def _carry_on(
    connection: Connection,
    reading: Reading,
    vessels: Sequence[int | None],
    now: datetime,
    *,
    first: bool,
) -> None:
    """Have those judged again that rest on what was found just now."""
    known = [mmsi for mmsi in vessels if mmsi is not None]
    await rematch.carry_on(
        connection,
        reading.reading_id,
        known,
        REACH,
        _DEPENDENCE,
        first=first,
        oldest=now - BACK,
        now=now,
    )


async def judge(
    connection: Connection, reading: Reading, checkpoint: Checkpoint, *, settled: bool = True
) -> Match:
    """What fusion says of a reading by all that the store knows now. Stores nothing."""
    fixes = await store.fixes_near(
        connection, _box(checkpoint), reading.t - _WINDOW, reading.t + _SETTLE
    )
    mmsis = sorted({fix.mmsi for fix in fixes})
    known = await store.hulls(connection, mmsis)
    tracks = _arrays(fixes, {h.mmsi: Hull(h.names, h.length_m, h.beam_m) for h in known})
    scene = await _scene(connection, reading, mmsis)
    heard = await store.heard(
        connection, _box(checkpoint, _HEARD_M), reading.t - _HEARD, reading.t + _HEARD
    )
    return match(reading, checkpoint, tracks, replace(scene, heard=heard, settled=settled))


async def _scene(connection: Connection, reading: Reading, mmsis: list[int]) -> Scene:
    near = await store.neighbours(
        connection, reading, reading.t - _EXCLUSIVE, reading.t + _EXCLUSIVE
    )
    others = [one for one in near if one.reading.reading_id != reading.reading_id]
    # one that was left open may yet be whose track this is: it competes like a new one
    held = {
        one.reading.reading_id: one.mmsi
        for one in others
        if one.held and one.outcome is not Outcome.UNCERTAIN
    }
    seconds = await store.sighted(
        connection,
        mmsis,
        reading.checkpoint_id,
        reading.t - _SECOND_SENSOR,
        reading.t,
    )
    late = await store.late_of(
        connection, reading.checkpoint_id, reading.t - _CLOCK_BACK, reading.t, LATEST
    )
    return Scene(
        others=[one.reading for one in others],
        held=held,
        clock=learned(late, CLOCK_S),
        seconds=[Second(*second) for second in seconds],
    )


def _says_who(reading: Reading) -> bool:
    return bool(reading.plate) or reading.claimed_mmsi is not None


def _box(checkpoint: Checkpoint, reach_m: float = REACH_M) -> store.Box:
    north = reach_m / _M_PER_DEG
    east = north / math.cos(math.radians(checkpoint.lat))
    lon, lat = checkpoint.lon, checkpoint.lat
    return store.Box(lon - east, lat - north, lon + east, lat + north)


def _arrays(fixes: list[store.NearFix], hulls: Mapping[int, Hull]) -> TrackArrays:
    mmsi, *rest = np.array(fixes, dtype=np.float64).reshape(-1, 6).T
    t, lon, lat, sog_kn, cog_deg = rest
    return TrackArrays(mmsi.astype(np.int64), t, lon, lat, sog_kn, cog_deg, hulls)
