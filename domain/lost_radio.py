"""Whether a vessel whose radio failed for a while may be the hull that passed a gate unheard.

Radios fail for minutes to an hour every day, and a camera often cannot read a name: such a hull
looks like one without AIS. It hides from nobody when a vessel of its size, heard until shortly
before on a stretch from which it could be there by then, was silent just while it passed, and,
heard again, is where it could have come to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.plates import likelihood_ratio

FAILS_FOR: Final = timedelta(minutes=66)
"""A radio that fails is heard again within the hour, and the slowest report at either end; who is
silent for longer is no excuse."""
SILENT_FROM: Final = timedelta(seconds=100)
"""Heard so near to the passage, a vessel would have been matched with it by its track."""
FASTEST_MPS: Final = 15.0 / 3.6
"""Barges do 6 to 12 km/h, with the stream a little more."""
STRAY_M: Final = 400.0
"""Of a fix, the point and the clock of its device together."""
BENDS: Final = 0.35
"""Rivers bend and barges slow down: as the crow flies a vessel comes at least so far, as a share
of what its last speed would make; else it would still have been on its way."""
SIZE: Final = 0.09
"""Share by which a measured length may differ from the declared one: three errors of a camera."""
MPS_PER_KN: Final = 1852 / 3600


@dataclass(frozen=True, slots=True)
class LastHeard:
    """A vessel's last fix before a passage and its first one after: times UTC, metres from the
    checkpoint, knots. `next_at` is `None` while it has not been heard again.
    """

    mmsi: int
    at: datetime
    away_m: float
    sog_kn: float | None
    length_m: float | None
    names: Sequence[str] = ()
    next_at: datetime | None = None
    next_away_m: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A fix taken about the time of a passage: metres from the checkpoint, seconds from it."""

    mmsi: int
    away_m: float
    after_s: float


def passed_by(taken: Iterable[Taken]) -> list[int]:
    """Whose fixes lie so near a passage in place and time that they may be of the very hull."""
    near = {one.mmsi for one in taken if one.away_m <= STRAY_M + FASTEST_MPS * abs(one.after_s)}
    return sorted(near)


def explaining(
    heard: Iterable[LastHeard],
    t: datetime,
    length_m: float | None,
    plate: str | None,
    now: datetime,
) -> list[LastHeard]:
    """Those that may be the hull of this length that passed at `t`, the nearest in time first."""
    found = [one for one in heard if explains(one, t, length_m, plate, now)]
    return sorted(found, key=lambda one: (t - one.at, one.mmsi))


def explains(
    heard: LastHeard, t: datetime, length_m: float | None, plate: str | None, now: datetime
) -> bool:
    """Whether this vessel may be the hull that passed: its silence, way, size and name fit."""
    ended = heard.next_at or now
    if heard.at > t - SILENT_FROM or ended - heard.at > FAILS_FOR:
        return False
    if heard.next_at is not None and heard.next_at < t + SILENT_FROM:
        return False
    return _size(heard, length_m) and _name(heard, plate) and _there(heard, t)


def _size(heard: LastHeard, length_m: float | None) -> bool:
    if heard.length_m is None or length_m is None:
        return False  # any vessel would do
    return abs(heard.length_m - length_m) <= SIZE * heard.length_m


def _name(heard: LastHeard, plate: str | None) -> bool:
    """What a camera read may be wrong in a digit, not in all of them."""
    return not plate or not heard.names or likelihood_ratio(plate, heard.names) > 1.0


def _there(heard: LastHeard, t: datetime) -> bool:
    """It could come there by then, and to where it was heard next; and it was on its way."""
    before_s = (t - heard.at).total_seconds()
    if heard.away_m > STRAY_M + FASTEST_MPS * before_s:
        return False
    least_m = BENDS * (heard.sog_kn or 0.0) * MPS_PER_KN * before_s
    if heard.away_m < least_m - STRAY_M:
        return False
    if heard.next_at is None or heard.next_away_m is None:
        return True
    after_s = (heard.next_at - t).total_seconds()
    return heard.next_away_m <= STRAY_M + FASTEST_MPS * after_s
