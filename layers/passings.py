"""When and where tracks pass a gate line: a straight course fitted to the fixes about the moment.

Two fixes astride the line are not enough: 30 m of noise are 12 s of a barge's way. All fixes about
the passage are weighed instead, the near ones most, and what is not known (sparse fixes, a
silence at the line itself) comes out as a larger error of the time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.checkpoints import Checkpoint, System
from layers.datum import Floats

WINDOW_S: Final = 240.0
"""Fixes looked at before and after a reading."""
REACH_M: Final = 1500.0
"""How far from the point a fix may be: what a barge sails in the window, and noise."""
GAP_S: Final = 200.0
"""Longest silence astride the line: class B below 2 kn reports every 3 min (domain.reporting)."""
LONE_S: Final = 100.0
"""Longest way beyond the last fix while the next is not there yet."""
SLOWEST_MPS: Final = 0.4
"""Below it a vessel lies at the gate or drifts; it passes nothing."""
_OBLIQUE_DEG: Final = 70.0
_BANDWIDTH_S: Final = 40.0
_FIX_M: Final = 12.0  # error of a fix before its track has shown its own
_HULL_M: Final = {System.WUJIANG: 15.0, System.JIASHAN: 20.0}
"""Aerial against what trips the sensor; a Jiashan point sees a stretch, not a line."""
_STRAY_M: Final = 100.0  # two sigma of the noisiest honest fix
_UNSTEADY_MPS2: Final = 0.015  # how barges change their speed
_ROUNDS: Final = 4
_M_PER_DEG_LON: Final = 111_320.0
_M_PER_DEG_LAT: Final = 110_880.0


@dataclass(frozen=True, slots=True)
class Hull:
    """What is known of a vessel: names by its own word and by the register, metres or `None`."""

    names: tuple[str, ...] = ()
    length_m: float | None = None
    beam_m: float | None = None


@dataclass(frozen=True, slots=True)
class TrackArrays:
    """n fixes near a gate: MMSI, epoch seconds UTC, WGS-84 degrees, knots, degrees (nan unknown).

    In any order. `hulls`: what is known of the vessels, by MMSI; a vessel may be missing there.
    """

    mmsi: NDArray[np.int64]
    t: Floats
    lon: Floats
    lat: Floats
    sog_kn: Floats
    cog_deg: Floats
    hulls: Mapping[int, Hull] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.mmsi.size)


@dataclass(frozen=True, slots=True)
class Passing:
    """One track at the gate line, either way.

    `after_s`: when, seconds after the moment asked about, with its standard error. `across_m`: how
    far right of the point, looking along the bearing. `along_mps`: speed through the gate, negative
    against the bearing. `off_deg`: angle between the course made good and the gate's axis.
    `fix_s`: from the passage to the nearest fix.
    """

    mmsi: int
    after_s: float
    error_s: float
    across_m: float
    across_error_m: float
    along_mps: float
    off_deg: float
    fix_s: float


def passings(tracks: TrackArrays, checkpoint: Checkpoint, t: float) -> list[Passing]:
    """All tracks that pass the line within `WINDOW_S` of `t` (epoch seconds), by MMSI."""
    fits = _Fits.of(tracks, checkpoint, t)
    return fits.passings(_HULL_M[checkpoint.system]) if fits else []


class _Fits:
    """Courses of m vessels through n fixes, in the gate's frame: `ahead` along, `right` across."""

    def __init__(self, mmsi: NDArray[np.int64], t: Floats, ahead: Floats, right: Floats) -> None:
        self.vessels, self._of = np.unique(mmsi, return_inverse=True)
        self._m = len(self.vessels)
        self._t, self._ahead, self._right = t, ahead, right
        self._trust = np.ones(len(t))
        self._single = np.bincount(self._of, minlength=self._m) < 2
        self._drift: Floats = np.full(self._m, np.nan)
        self._slide: Floats = np.full(self._m, np.nan)

    @classmethod
    def of(cls, tracks: TrackArrays, checkpoint: Checkpoint, t: float) -> "_Fits | None":
        bearing = math.radians(checkpoint.bearing_deg)
        east = (tracks.lon - checkpoint.lon) * _M_PER_DEG_LON
        east = east * math.cos(math.radians(checkpoint.lat))
        north = (tracks.lat - checkpoint.lat) * _M_PER_DEG_LAT
        near = (np.abs(tracks.t - t) <= WINDOW_S) & (np.hypot(east, north) <= REACH_M)
        if not near.any():
            return None
        ahead = east * math.sin(bearing) + north * math.cos(bearing)
        right = east * math.cos(bearing) - north * math.sin(bearing)
        fits = cls(tracks.mmsi[near], tracks.t[near] - t, ahead[near], right[near])
        speed = tracks.sog_kn[near] * 1852.0 / 3600.0
        course = np.radians(tracks.cog_deg[near]) - bearing
        # of a vessel heard once only its own word tells where it goes
        fits._drift[fits._of] = speed * np.cos(course)
        fits._slide[fits._of] = speed * np.sin(course)
        return fits

    def passings(self, hull_m: float) -> list[Passing]:
        at = np.zeros(self._m)
        with np.errstate(divide="ignore", invalid="ignore"):
            for _ in range(_ROUNDS):
                here, speed, here_var, across, slide, across_var = self._course(at)
                at = np.clip(at - here / speed, -WINDOW_S, WINDOW_S)
            here, speed, here_var, across, slide, across_var = self._course(at)
            at = at - here / speed
            before, after = self._silence(at)
            unsteady = _UNSTEADY_MPS2 * np.where(
                np.isfinite(before) & np.isfinite(after),
                before * after,
                np.fmin(before, after) ** 2,
            )
            error = np.sqrt(here_var + (unsteady / 2) ** 2 + hull_m**2) / np.abs(speed)
            off = np.degrees(np.arctan2(np.abs(slide), np.abs(speed)))
            nearest = np.fmin(before, after)
            heard = (before + after <= GAP_S) | (nearest <= LONE_S)
            good = (np.abs(speed) >= SLOWEST_MPS) & (off <= _OBLIQUE_DEG) & heard
            good &= (np.abs(at) <= WINDOW_S) & np.isfinite(error)
        return [
            Passing(
                int(self.vessels[k]),
                float(at[k]),
                float(error[k]),
                float(across[k]),
                float(np.sqrt(across_var[k])),
                float(speed[k]),
                float(off[k]),
                float(nearest[k]),
            )
            for k in np.flatnonzero(good)
        ]

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self._of, weights=values, minlength=self._m).astype(np.float64)

    def _silence(self, at: Floats) -> tuple[Floats, Floats]:
        """Seconds from each vessel's last fix before `at`, and to its first after it."""
        gap = self._t - at[self._of]
        before, after = np.full(self._m, np.inf), np.full(self._m, np.inf)
        earlier, later = gap <= 0, gap >= 0
        np.minimum.at(before, self._of[earlier], -gap[earlier])
        np.minimum.at(after, self._of[later], gap[later])
        return before, after

    def _course(self, at: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
        """Place, speed and variance of place at `at`, along and across: weighted least squares."""
        before, after = self._silence(at)
        # wide enough for the fixes astride a silence to count
        astride = np.where(np.isfinite(before + after), np.fmax(before, after), 0.0)
        lone = np.where(astride > 0, 0.0, np.fmin(before, after))
        width = np.fmax(_BANDWIDTH_S, np.fmax(astride, lone))
        gap = self._t - at[self._of]
        weight = np.exp(-0.5 * (gap / width[self._of]) ** 2) * self._trust
        s0, s1, s2 = (self._sum(weight * gap**k) for k in range(3))
        q0, q1, q2 = (self._sum(weight**2 * gap**k) for k in range(3))
        spread = s0 * s2 - s1**2
        out: list[Floats] = []
        misses = np.zeros(len(gap))
        factor = (s2**2 * q0 - 2 * s1 * s2 * q1 + s1**2 * q2) / spread**2
        # a second of one fix, as repeats by another receiver are, is no course
        single = self._single | ~(spread > 1e-3 * s0**2)
        for place, own in ((self._ahead, self._drift), (self._right, self._slide)):
            y0, y1 = self._sum(weight * place), self._sum(weight * gap * place)
            here = np.where(single, y0 / s0 - own * s1 / s0, (s2 * y0 - s1 * y1) / spread)
            speed = np.where(single, own, (s0 * y1 - s1 * y0) / spread)
            miss = place - (here[self._of] + speed[self._of] * gap)
            misses = np.fmax(misses, np.abs(miss))
            noise = (3 * _FIX_M**2 + self._sum(weight * miss**2)) / (3 + s0)
            alone = noise + (0.5 * s1 / s0) ** 2
            out += [here, speed, np.where(single, alone, noise * np.fmin(factor, 1e3))]
        limit = np.fmin(4 * np.sqrt(noise), _STRAY_M) + _STRAY_M
        # a fix kilometres off, as spoofed and cloned ones are, must not bend the course
        self._trust = np.where(misses > limit[self._of], 0.01, 1.0)
        here, speed, here_var, across, slide, across_var = out
        return here, speed, here_var, across, slide, across_var
