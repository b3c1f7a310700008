"""What the receivers on the bank hear, second by second: who reports when, with which troubles.

Like the world itself a pure function of time: two programs that ask for the same second get the
same sentences. Rates and troubles are estimates and stand here in one place.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from seed import dirt, encode
from seed.chance import Channel, scatter, uniform
from seed.encode import KN_PER_MPS, Report
from seed.fleet import Radio, Trouble, generator
from seed.spells import Flags, Spells
from seed.world import M_PER_DEG_LAT, M_PER_DEG_LON, Floats, Ints, Truth, World

STATIONS = (
    ("JINZE", 120.9013, 31.0184),
    ("PINGWANG", 120.6440, 31.0025),
    ("ZHOUZHUANG", 120.8527, 31.1095),
)
"""Receivers by the name in the tag block, lon, lat. A barge is heard by the nearest one."""

STATIC_EVERY_S = 360
UNDER_WAY_EVERY_S = 10
_B_FAST_EVERY_S = 30
_RESTING_EVERY_S = 180
_B_SLOW_KN = 2.0
_LOSS = 0.01
_REPEAT = 0.02
_JUMP_M = (3000.0, 15_000.0)


@dataclass(slots=True)
class Tally:
    """Messages sent, by kind: `position`, `identity`, `inland`, `repeat` and the kinds of dirt."""

    kinds: Counter[str] = field(default_factory=Counter)


class Reception:
    """The sentences of one world.

    `every_s`: seconds between reports under way, for load tests; by default what the rules of AIS
    ask, 10 s for class A and inland, 30 s for class B.
    """

    def __init__(self, world: World, every_s: int | None = None) -> None:
        self.world = world
        self.tally = Tally()
        count = len(world.barges)
        starts = np.array([generator(world.seed, n, 4).integers(0, 360, 2) for n in range(count)])
        self._position_start, self._static_start = starts[:, 0], starts[:, 1]
        radios = np.array([b.radio for b in world.barges])
        self._is_b = radios == Radio.B
        self._is_inland = radios == Radio.INLAND
        self._sigma = np.array([b.sigma_m for b in world.barges])
        troubles = np.array([b.trouble for b in world.barges])
        self._jumpy = troubles == Trouble.JUMPY
        self._goes_silent = troubles == Trouble.SILENT
        seed = world.seed
        self.silences = Spells(
            seed, Channel.SILENCE, 3 * 3600, least_s=180, most_s=3600, chance=0.7
        )
        self.jumps = Spells(seed, Channel.JUMP, 1200, least_s=12, most_s=60, chance=0.4)
        self._fast_every = np.where(self._is_b, _B_FAST_EVERY_S, UNDER_WAY_EVERY_S)
        if every_s is not None:
            self._fast_every = np.full(count, every_s)

    def lines(self, start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        """For every second of [start, end): the second and its lines, each with CR LF."""
        count = len(self.world.barges)
        seconds = np.arange(start, end, dtype=np.int64)
        barge = np.tile(np.arange(count, dtype=np.int64), len(seconds))
        truth = self.world.at(barge, np.repeat(seconds, count))
        spoken = self._positions(truth)
        self._statics(truth, spoken)
        for t in range(start, end):
            yield t, spoken.get(t, [])

    def _heard(self, truth: Truth, due: Flags) -> Ints:
        """Indices of what is due and neither silent nor lost on the way."""
        pick = np.flatnonzero(due)
        barge, t = truth.barge[pick], truth.t[pick]
        lost = uniform(self.world.seed, Channel.LOSS, barge, t) < _LOSS
        silent, _ = self.silences.inside(barge, t)
        return np.asarray(pick[~lost & ~(silent & self._goes_silent[barge])])

    def _positions(self, truth: Truth) -> dict[int, list[bytes]]:
        """Per second the lines of the position reports, with their dirt and repeats."""
        slow = np.where(
            self._is_b[truth.barge], truth.speed_mps * KN_PER_MPS <= _B_SLOW_KN, truth.moored
        )
        every = np.where(slow, _RESTING_EVERY_S, self._fast_every[truth.barge])
        pick = self._heard(truth, (truth.t + self._position_start[truth.barge]) % every == 0)
        barge, t = truth.barge[pick], truth.t[pick]
        lon, lat = self._measured(truth, pick)
        seed = self.world.seed
        wobble = uniform(seed, Channel.SPEED, barge, t) - 0.5
        sog = np.maximum(truth.speed_mps[pick] * KN_PER_MPS + 0.2 * wobble, 0.0)
        sway = 4 * (uniform(seed, Channel.COURSE, barge, t) - 0.5)
        cog = (truth.course_deg[pick] + sway) % 360
        air = uniform(seed, Channel.RADIO_CHANNEL, barge, t) < 0.5
        repeated = uniform(seed, Channel.REPEAT, barge, t) < _REPEAT
        soiled = dirt.kinds(seed, barge, t)
        first, second = _stations(lon, lat)
        bow = np.rint(truth.course_deg[pick]) % 360
        spoken: dict[int, list[bytes]] = {}
        for n, (index, at) in enumerate(zip(barge.tolist(), t.tolist(), strict=True)):
            hull = self.world.barges[index]
            report = Report(
                t=at,
                lon=float(lon[n]),
                lat=float(lat[n]),
                sog_kn=round(float(sog[n]), 1),
                cog_deg=round(float(cog[n]), 1) % 360,
                heading_deg=int(bow[n]) if hull.has_heading else None,
                moored=bool(truth.moored[pick[n]]),
            )
            sentences = encode.position(hull, report, "A" if air[n] else "B")
            out = spoken.setdefault(at, [])
            station = STATIONS[first[n]][0]
            if soiled[n]:
                kind = dirt.KINDS[soiled[n] - 1]
                out += dirt.spoil(kind, station, at, sentences[0])
                self.tally.kinds[kind] += 1
                if dirt.replaces(kind):
                    continue
            out += _tagged(sentences, station, at)
            self.tally.kinds["position"] += 1
            if repeated[n]:
                # the second receiver's clock is up to a second behind the first
                out += _tagged(sentences, STATIONS[second[n]][0], at + index % 2)
                self.tally.kinds["repeat"] += 1
        return spoken

    def _measured(self, truth: Truth, pick: Ints) -> tuple[Floats, Floats]:
        """What the GPS on board says: truth, noise, and now and then a place kilometres away."""
        barge, t = truth.barge[pick], truth.t[pick]
        east, north = scatter(self.world.seed, barge, t, self._sigma[barge])
        inside, slot = self.jumps.inside(barge, t)
        jumps = inside & self._jumpy[barge]
        bearing = 2 * np.pi * uniform(self.world.seed, Channel.JUMP_BEARING, barge, slot)
        share = uniform(self.world.seed, Channel.JUMP_BEARING, barge, -1 - slot)
        far = np.where(jumps, _JUMP_M[0] + share * (_JUMP_M[1] - _JUMP_M[0]), 0.0)
        east, north = east + far * np.sin(bearing), north + far * np.cos(bearing)
        return truth.lon[pick] + east / M_PER_DEG_LON, truth.lat[pick] + north / M_PER_DEG_LAT

    def _statics(self, truth: Truth, spoken: dict[int, list[bytes]]) -> None:
        shifted = (truth.t + self._static_start[truth.barge]) % STATIC_EVERY_S
        for n in self._heard(truth, shifted == 0).tolist():
            self._identity(truth, n, spoken)
        inland = self._is_inland[truth.barge] & (shifted == STATIC_EVERY_S // 2)
        for n in self._heard(truth, inland).tolist():
            self._inland(truth, n, spoken)

    def _identity(self, truth: Truth, n: int, spoken: dict[int, list[bytes]]) -> None:
        index, t, leg = int(truth.barge[n]), int(truth.t[n]), int(truth.leg[n])
        round_ = self.world.rounds[index]
        since = (t + int(self.world.phase_s[index])) % round_.period_s
        sentences = encode.identity(
            self.world.barges[index],
            laden=round_.laden[leg],
            destination=self.world.graph.wharves[round_.to_wharf[leg]].name,
            eta=t - since + int(round_.arrive_s[leg]),
            channel="AB"[t % 2],
            sequence=(index + t) % 10,
        )
        self._say(truth, n, sentences, "identity", spoken)

    def _inland(self, truth: Truth, n: int, spoken: dict[int, list[bytes]]) -> None:
        index = int(truth.barge[n])
        laden = self.world.rounds[index].laden[int(truth.leg[n])]
        sentences = encode.inland(
            self.world.barges[index], laden=laden, channel="AB"[int(truth.t[n]) % 2]
        )
        self._say(truth, n, sentences, "inland", spoken)

    def _say(
        self, truth: Truth, n: int, sentences: list[str], kind: str, spoken: dict[int, list[bytes]]
    ) -> None:
        first, _ = _stations(truth.lon[n : n + 1], truth.lat[n : n + 1])
        t = int(truth.t[n])
        spoken.setdefault(t, []).extend(_tagged(sentences, STATIONS[first[0]][0], t))
        self.tally.kinds[kind] += 1


def _stations(lon: Floats, lat: Floats) -> tuple[Ints, Ints]:
    """Index of the nearest and of the second nearest station."""
    east = (lon[:, None] - np.array([s[1] for s in STATIONS])) * M_PER_DEG_LON
    north = (lat[:, None] - np.array([s[2] for s in STATIONS])) * M_PER_DEG_LAT
    order = np.argsort(np.hypot(east, north), axis=1)
    return order[:, 0], order[:, 1]


def _tagged(sentences: list[str], station: str, t: int) -> list[bytes]:
    tag = encode.tag_block(station, t)
    return [f"{tag}{sentence}\r\n".encode("ascii") for sentence in sentences]
