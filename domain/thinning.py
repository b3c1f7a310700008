"""Which fixes of a track have to be kept so that the others can be told from them.

A fix may go when the straight way between the two kept fixes around it, walked evenly in time, is
never further from it than a bound at the fix's own time (synchronised distance: Meratnia and de By,
2004), and the speed read off in the same way never further from its own. One pass, after the swing
filter (Elmeleegy et al., 2009): every fix narrows what velocities may lead on from the last kept.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, inf, isnan, radians, sqrt
from typing import Final

from domain.positions import UNTRUSTED

_METRES_PER_DEG: Final = radians(1) * 6_400_000
"""No degree of the ellipsoid is longer, so that no error is measured too short."""
_MARGIN: Final = 1 - 1e-9  # for the rounding of the slopes

Window = tuple[float, float]
"""First and last moment (epoch seconds, both included) in which nothing may go."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How far a track told from the kept fixes may be from a fix that went.

    `metres` and `knots` at the fix's own time. `silence_s`: kept fixes further apart than this had
    nothing between them, so that a silence longer than this stays as it was, to the second.
    """

    metres: float
    knots: float = 0.5
    silence_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Columns:
    """Fixes of one vessel, column by column, in any order.

    `t` epoch seconds, `lon`, `lat` degrees, `sog_kn` knots (NaN: unknown), `flags` of `FixFlag`.
    """

    t: Sequence[float]
    lon: Sequence[float]
    lat: Sequence[float]
    sog_kn: Sequence[float]
    nav_status: Sequence[int]
    flags: Sequence[int]


def kept(fixes: Columns, windows: Sequence[Window], bound: Bound) -> list[int]:
    """Places of the fixes to keep, ascending.

    Kept always: the first and the last fix on the track, every flagged one, every one within a
    window, both sides of a change of status, of an unknown speed, and of two fixes at one time. The
    untrusted ones are not on the track, so nothing is told from them.
    """
    order = sorted(range(len(fixes.t)), key=lambda i: fixes.t[i])
    track = [i for i in order if not fixes.flags[i] & UNTRUSTED]
    found = {i for i in order if fixes.flags[i] & UNTRUSTED}
    within = _Windows(windows)
    must = [fixes.flags[i] != 0 or within.hold(fixes.t[i]) for i in track]
    if track:
        must[0] = must[-1] = True
    for place, (i, j) in enumerate(pairwise(track)):
        if (
            fixes.nav_status[i] != fixes.nav_status[j]
            or isnan(fixes.sog_kn[i]) != isnan(fixes.sog_kn[j])
            or fixes.t[i] == fixes.t[j]
        ):
            must[place] = must[place + 1] = True
    found.update(track[place] for place in _swing(fixes, track, must, bound))
    return sorted(found)


class _Windows:
    """Windows joined where they overlap, for one look per fix."""

    def __init__(self, windows: Sequence[Window]) -> None:
        joined: list[list[float]] = []
        for begin, end in sorted(windows):
            if joined and begin <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([begin, end])
        self._begins = [begin for begin, _ in joined]
        self._ends = [end for _, end in joined]

    def hold(self, t: float) -> bool:
        """Whether the moment lies in one of them."""
        place = bisect_right(self._begins, t) - 1
        return place >= 0 and t <= self._ends[place]


def _swing(fixes: Columns, track: list[int], must: list[bool], bound: Bound) -> list[int]:
    """Places in `track` of the fixes between which the others can be told."""
    if not track:
        return []
    t = [fixes.t[i] for i in track]
    # the whole track measured where its parallels are longest: never an error too short
    shrink = max(cos(radians(abs(fixes.lat[i]))) for i in track)
    east = [fixes.lon[i] * _METRES_PER_DEG * shrink for i in track]
    north = [fixes.lat[i] * _METRES_PER_DEG for i in track]
    speed = [0.0 if isnan(fixes.sog_kn[i]) else fixes.sog_kn[i] for i in track]
    reach = bound.metres / sqrt(2) * _MARGIN  # a square within the circle
    dimensions = ((east, reach), (north, reach), (speed, bound.knots * _MARGIN))
    found, anchor = [0], 0
    while anchor < len(track) - 1:
        anchor = _farthest(t, dimensions, must, anchor, bound.silence_s)
        found.append(anchor)
    return found


def _farthest(
    t: list[float],
    dimensions: tuple[tuple[list[float], float], ...],
    must: list[bool],
    anchor: int,
    silence_s: float,
) -> int:
    """The last fix found that can follow on the anchor, all between them within the bound."""
    # unrolled: this runs for every fix of a day
    (x, reach_x), (y, reach_y), (s, reach_s) = dimensions
    x0, y0, s0, t0 = x[anchor], y[anchor], s[anchor], t[anchor]
    x_low = y_low = s_low = -inf
    x_high = y_high = s_high = inf
    best = anchor + 1
    for i in range(anchor + 1, len(t)):
        elapsed = t[i] - t0
        if elapsed > silence_s and i > anchor + 1:
            break
        if elapsed <= 0:  # two at one time: both are kept
            return best
        vx, vy, vs = (x[i] - x0) / elapsed, (y[i] - y0) / elapsed, (s[i] - s0) / elapsed
        if x_low <= vx <= x_high and y_low <= vy <= y_high and s_low <= vs <= s_high:
            best = i
        if must[i]:
            break
        slack_x, slack_y, slack_s = reach_x / elapsed, reach_y / elapsed, reach_s / elapsed
        x_low, x_high = max(x_low, vx - slack_x), min(x_high, vx + slack_x)
        y_low, y_high = max(y_low, vy - slack_y), min(y_high, vy + slack_y)
        s_low, s_high = max(s_low, vs - slack_s), min(s_high, vs + slack_s)
        if x_low > x_high or y_low > y_high or s_low > s_high:
            break
    return best
