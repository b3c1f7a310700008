"""A load that is gone: laden at one checkpoint, light at the next, and no wharf that may take it
between them (卸载疑点).

What speaks for a lawful end of the load is looked for first: a call at a wharf that may take it,
or a stretch unheard in which there was time for one. Only a way that leaves no room for either is
a suspicion, and then the stretch of water where it happened is that way.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from domain.draught import LOAD_HOLDS, TOGETHER, Load, Measured

CALL_LEAST: Final = timedelta(minutes=5)
"""So long in one place is a call. Nobody unloads so fast, but the benefit of the doubt costs
little, and a moored barge reports only every three minutes."""
UNHEARD_FROM: Final = timedelta(minutes=10)
"""A longer gap between two fixes may hide a call."""
STILL_M: Final = 150.0
"""A vessel that makes way leaves a circle of this radius within a minute or two."""
BERTH_M: Final = 500.0
"""So near a registered wharf a vessel lies at it, or waits for its turn."""
FASTEST_MPS: Final = 15.0 / 3.6
_M_PER_DEG: Final = 110_880.0

Place = tuple[float, float]
"""Longitude, latitude, WGS-84."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A clear draught, and the checkpoint (with its place) that measured it."""

    measured: Measured
    checkpoint_id: str
    place: Place


@dataclass(frozen=True, slots=True)
class TrackFix:
    """A trusted fix."""

    t: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Berth:
    """A registered wharf; `takes`: may take this load, by its licence or the vessel's papers."""

    wharf_id: str
    place: Place
    takes: bool


@dataclass(frozen=True, slots=True)
class Dwell:
    """Where a vessel lay between the two checkpoints, away from every wharf or at `wharf_id`."""

    place: Place
    since: datetime
    until: datetime
    wharf_id: str | None = None

    @property
    def minutes(self) -> int:
        return round((self.until - self.since).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class LoadLost:
    """The load was there at `laden` and gone at `light`. `dwells` in between, by time; `unheard`:
    for how long AIS was missing in stretches too long to be everyday radio.
    """

    laden: Weighed
    light: Weighed
    dwells: tuple[Dwell, ...]
    unheard: timedelta

    @property
    def wharf_id(self) -> str | None:
        """A wharf that may not take the load, but where the vessel lay."""
        return next((one.wharf_id for one in self.dwells if one.wharf_id is not None), None)

    @property
    def place(self) -> Place:
        """Where it most likely happened: where it lay longest, else where it was found light."""
        longest = max(self.dwells, key=lambda one: one.until - one.since, default=None)
        return self.light.place if longest is None else longest.place


def laden_before(history: Iterable[Measured], light: Measured) -> Measured | None:
    """The measurement that found the vessel laden, last before it was found light.

    `None` when it was found light before, or when two contradict each other within ten minutes.
    """
    if light.verdict.load is not Load.LIGHT:
        return None
    clear = [
        one
        for one in history
        if one.verdict.load is not Load.UNSURE and one.reading_id != light.reading_id
    ]
    doubted = [one for one in clear if abs(one.at - light.at) <= TOGETHER]
    if any(one.verdict.load is Load.LADEN for one in doubted):
        return None
    before = [one for one in clear if light.at - LOAD_HOLDS <= one.at < light.at]
    last = max(before, key=lambda one: (one.at, one.reading_id), default=None)
    return last if last is not None and last.verdict.load is Load.LADEN else None


def load_lost(
    laden: Weighed, light: Weighed, track: Sequence[TrackFix], berths: Sequence[Berth]
) -> LoadLost | None:
    """What became of the load between two checkpoints; `None` when it may have ended lawfully.

    `track`: fixes between the two, in any order; the checkpoints themselves stand at its ends.
    """
    ends = (
        TrackFix(laden.measured.at, laden.place),
        TrackFix(light.measured.at, light.place),
    )
    inside = [fix for fix in track if ends[0].t < fix.t < ends[1].t]
    way = [ends[0], *sorted(inside, key=lambda fix: (fix.t, fix.place)), ends[1]]
    dwells = tuple(_dwells(way, berths))
    licensed = {berth.wharf_id for berth in berths if berth.takes}
    if any(one.wharf_id in licensed for one in dwells):
        return None
    gaps = [(a, b) for a, b in pairwise(way) if b.t - a.t > UNHEARD_FROM]
    takers = [berth for berth in berths if berth.takes]
    if any(_could_call(a, b, berth) for a, b in gaps for berth in takers):
        return None
    unheard = sum((b.t - a.t for a, b in gaps), timedelta())
    return LoadLost(laden, light, dwells, unheard)


def _dwells(way: Sequence[TrackFix], berths: Sequence[Berth]) -> Iterable[Dwell]:
    """Where the vessel stayed within a small circle for long enough."""
    first = 0
    while first < len(way):
        last = first
        while last + 1 < len(way) and metres(way[first].place, way[last + 1].place) <= STILL_M:
            last += 1
        if way[last].t - way[first].t >= CALL_LEAST:
            # not the first one: on its way in it was up to the whole circle away from its berth
            place = way[(first + last + 1) // 2].place
            yield Dwell(place, way[first].t, way[last].t, _berth_at(place, berths))
            first = last + 1
        else:
            first += 1


def _berth_at(place: Place, berths: Sequence[Berth]) -> str | None:
    """The wharf by which this is; one that may take the load before others."""
    near = [one for one in berths if metres(one.place, place) <= BERTH_M]
    found = min(
        near, key=lambda one: (not one.takes, metres(one.place, place), one.wharf_id), default=None
    )
    return None if found is None else found.wharf_id


def _could_call(a: TrackFix, b: TrackFix, berth: Berth) -> bool:
    """Whether there was time, unheard, to go to the wharf, lie there and come on."""
    way_m = metres(a.place, berth.place) + metres(berth.place, b.place) - 2 * BERTH_M
    spare_s = (b.t - a.t - CALL_LEAST).total_seconds()
    return way_m <= FASTEST_MPS * spare_s


def metres(a: Place, b: Place) -> float:
    """As the crow flies; exact to a hundredth within the three districts."""
    north = (b[1] - a[1]) * _M_PER_DEG
    east = (b[0] - a[0]) * _M_PER_DEG * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot(east, north)
