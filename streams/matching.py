"""Readings to tracks, as they come in: what can be decided is decided, the rest waits a moment.

A reading with a name or a number that one track alone fits is matched at once. All others wait
until `SETTLE_S` after their own time, when the fixes and readings about them are in.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from commands.match_reading import MatchReading, match_reading
from db import match as store
from db.pool import Connection
from domain.checkpoints import Checkpoint, Reading
from domain.device_clock import LATEST, learned
from domain.matches import Match, Outcome
from layers.fusion import CLOCK_S, EXCLUSIVE_S, SETTLE_S, Scene, Second, match
from layers.passings import REACH_M, WINDOW_S, Hull, TrackArrays
from streams.watching.guard import Guard

_BACK = timedelta(hours=6)
"""A device that was cut off may bring its readings so late; older ones are left as they are."""
_SECOND_SENSOR = timedelta(hours=2)
_CLOCK_BACK = timedelta(hours=6)
_MOST = 50
"""Readings judged in one call: a storm at one gate must not hold up whoever calls."""
_HEARD = timedelta(seconds=45)
_HEARD_M = 10_000.0
"""A receiver that hears nobody about the gate hears no passage either."""
_SETTLE = timedelta(seconds=SETTLE_S)
_M_PER_DEG = 110_880.0


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

    Takes the caller's transaction, if there is one. A reading of an unknown point waits, and one
    that cannot be judged is left to `guard`.
    """
    found = []
    judged = 0
    for reading in await store.pending(connection, now - _BACK):
        if judged == _MOST:
            break
        checkpoint = checkpoints.get(reading.checkpoint_id)
        settled = reading.t + _SETTLE <= now
        if checkpoint is None or not (settled or _says_who(reading)):
            continue
        key = str(reading.reading_id)
        if guard.leaves("matching", key):
            continue
        judged += 1
        async with guard.about(connection, "matching", key):
            one = await judge(connection, reading, checkpoint, settled=settled)
            if not settled and one.outcome is not Outcome.MATCHED:
                continue
            if await match_reading(connection, actor, MatchReading(reading, one)):
                found.append(Matched(reading, checkpoint, one))
    return found


async def judge(
    connection: Connection, reading: Reading, checkpoint: Checkpoint, *, settled: bool = True
) -> Match:
    """What fusion says of a reading by all that the store knows now. Stores nothing."""
    window = timedelta(seconds=WINDOW_S)
    fixes = await store.fixes_near(
        connection, _box(checkpoint), reading.t - window, reading.t + window
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
    about = timedelta(seconds=EXCLUSIVE_S)
    near = await store.neighbours(
        connection, reading.checkpoint_id, reading.t - about, reading.t + about
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
        reading.t + _SECOND_SENSOR,
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
