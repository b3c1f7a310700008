"""A passage that no track explains: a radio that failed, AIS that came late, a number of two hulls;
or, after all, a hull without AIS.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from db import unheard as store
from db.alert import store_now
from db.match import Box
from db.pool import Connection
from domain.checkpoints import Checkpoint, Reading
from domain.lost_radio import FAILS_FOR, LastHeard, Taken, explaining, passed_by
from layers.datum import to_metres
from streams.watching.dossier import hull_of, paper_for

ASKED_FOR: Final = timedelta(hours=2)
"""Later than this nothing comes in that would explain a passage, or end its explanation."""
_AROUND_DEG: Final = (0.18, 0.155)  # FAILS_FOR at 15 km/h
_AT_GATE_DEG: Final = 0.012


async def radio_lost(connection: Connection, reading: Reading, checkpoint: Checkpoint) -> bool:
    """Whether a vessel whose radio failed for a while may have been this hull.

    A spoil carrier without a paper is no excuse: it had better be asked.
    """
    now = await store_now(connection)
    if now - reading.t > ASKED_FOR:
        return False
    place = checkpoint.lon, checkpoint.lat
    near = await store.last_heard(
        connection,
        checkpoint.checkpoint_id,
        reading.t,
        FAILS_FOR,
        _box(place, *_AROUND_DEG),
    )
    last = _away(place, [(one.lon, one.lat) for one in near])
    later = _away(place, [(one.next_lon or 0.0, one.next_lat or 0.0) for one in near])
    heard = [
        LastHeard(
            mmsi=one.mmsi,
            at=one.at,
            away_m=last[n],
            sog_kn=one.sog_kn,
            length_m=one.length_m,
            names=[name for name in (one.register_name, one.own_name) if name],
            next_at=one.next_at,
            next_away_m=later[n] if one.next_at is not None else None,
        )
        for n, one in enumerate(near)
    ]
    spoil = {one.mmsi for one in near if one.spoil}
    for one in explaining(heard, reading.t, reading.length_m, reading.plate, now):
        if one.mmsi not in spoil or await _has_paper(connection, one.mmsi, reading.t):
            return True
    return False


async def spoke(connection: Connection, reading: Reading, checkpoint: Checkpoint) -> bool:
    """Whether AIS was taken there and then that fusion could not go by."""
    if await store_now(connection) - reading.t > ASKED_FOR:
        return False
    place = checkpoint.lon, checkpoint.lat
    found = await store.taken(
        connection,
        reading.reading_id,
        checkpoint.checkpoint_id,
        reading.t,
        _box(place, _AT_GATE_DEG, _AT_GATE_DEG),
    )
    away = _away(place, [(one.lon, one.lat) for one in found])
    fixes = [
        Taken(one.mmsi, away[n], (one.t - reading.t).total_seconds()) for n, one in enumerate(found)
    ]
    return bool(passed_by(fixes))


async def _has_paper(connection: Connection, mmsi: int, at: datetime) -> bool:
    hull = await hull_of(connection, mmsi, at)
    paper = await paper_for(connection, mmsi, hull, (None, None), at)
    return paper.result != "none" and not paper.used_up


def _box(place: tuple[float, float], east: float, north: float) -> Box:
    return Box(place[0] - east, place[1] - north, place[0] + east, place[1] + north)


def _away(place: tuple[float, float], points: Sequence[tuple[float, float]]) -> list[float]:
    """Metres of each point from the place."""
    lon, lat = [place[0], *(p[0] for p in points)], [place[1], *(p[1] for p in points)]
    x, y = to_metres(lon, lat)
    away: list[float] = np.hypot(x[1:] - x[0], y[1:] - y[0]).tolist()
    return away
