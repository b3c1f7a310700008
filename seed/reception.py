"""What the receivers on the bank hear, second by second: who reports when, with which troubles.

Like the world itself a pure function of time: two programs that ask for the same second get the same
sentences. Rates and troubles are estimates [DOMAIN.md section 8] and stand here in one place.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from seed import dirt, encode
from seed.chance import Channel, scatter, uniform
from seed.encode import KN_PER_MPS, Report
from seed.fleet import Radio, Trouble, generator
from seed.world import M_PER_DEG_LAT, M_PER_DEG_LON, Floats, Ints, Truth, World

Flags = npt.NDArray[np.bool_]

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
_SILENCE_SLOT_S = 3 * 3600
_SILENCE_S = (180, 3600)
_SILENCE_CHANCE = 0.7
_JUMP_SLOT_S = 1200
_JUMP_S = (12, 60)
_JUMP_M = (3000.0, 15_000.0)
_JUMP_CHANCE = 0.4


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, epoch seconds, `start` included, `end` not, in which a barge is in trouble."""

    barge: int
    start: int
    end: int


@dataclass(slots=True)
class Tally:
    """What was put on the air: sentences by kind (`position`, `identity`, `inland`, `repeat`, and the
    kinds of dirt)."""

    kinds: Counter[str] = field(default_factory=Counter)


class Reception:
    """Sentences of one world. `every_s`: seconds between reports under way, for load tests (default:
    what the rules of AIS ask, 10 s for class A and inland, 30 s for class B)."""

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
        self._fast_every = np.where(self._is_b, _B_FAST_EVERY_S, UNDER_WAY_EVERY_S)
        if every_s is not None:
            self._fast_every = np.full(count, every_s)

    def lines(self, start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        """For every second of [start, end): the second and its lines, each with CR LF."""
        count = len(self.world.barges)
        seconds = np.arange(start, end, dtype=np.int64)
        barge = np.tile(np.arange(count, dtype=np.int64), len(seconds))
        truth = self.world.at(barge, np.repeat(seconds, count))
        heard = self._on_air(truth)
        spoken = self._positions(truth, heard)
        self._statics(truth, heard, spoken)
        for t in range(start, end):
            yield t, spoken.get(t, [])

    def silences(self, start: int, end: int) -> list[Window]:
        """The silences that touch [start, end)."""
        return self._windows(self._goes_silent, Channel.SILENCE, start, end)

    def jumps(self, start: int, end: int) -> list[Window]:
        """The jumps that touch [start, end)."""
        return self._windows(self._jumpy, Channel.JUMP, start, end)

    def _on_air(self, truth: Truth) -> Flags:
        """Not silent and not lost on the way."""
        lost = uniform(self.world.seed, Channel.LOSS, truth.barge, truth.t) < _LOSS
        silent, _ = self._in_window(Channel.SILENCE, truth.barge, truth.t)
        return np.asarray(~lost & ~(silent & self._goes_silent[truth.barge]))

    def _positions(self, truth: Truth, heard: Flags) -> dict[int, list[bytes]]:
        slow = np.where(
            self._is_b[truth.barge], truth.speed_mps * KN_PER_MPS <= _B_SLOW_KN, truth.moored
        )
        every = np.where(slow, _RESTING_EVERY_S, self._fast_every[truth.barge])
        due = heard & ((truth.t + self._position_start[truth.barge]) % every == 0)
        pick = np.flatnonzero(due)
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
        spoken: dict[int, list[bytes]] = {}
        for n, (index, at) in enumerate(zip(barge.tolist(), t.tolist(), strict=True)):
            hull = self.world.barges[index]
            report = Report(
                t=at,
                lon=float(lon[n]),
                lat=float(lat[n]),
                sog_kn=round(float(sog[n]), 1),
                cog_deg=round(float(cog[n]), 1) % 360,
                heading_deg=round(float(truth.course_deg[pick[n]])) % 360
                if hull.has_heading
                else None,
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
                out += _tagged(sentences, STATIONS[second[n]][0], at + n % 2)
                self.tally.kinds["repeat"] += 1
        return spoken

    def _measured(self, truth: Truth, pick: Ints) -> tuple[Floats, Floats]:
        """What the GPS on board says: truth, noise, and now and then a place kilometres away."""
        barge, t = truth.barge[pick], truth.t[pick]
        east, north = scatter(self.world.seed, barge, t, self._sigma[barge])
        inside, slot = self._in_window(Channel.JUMP, barge, t)
        jumps = inside & self._jumpy[barge]
        bearing = 2 * np.pi * uniform(self.world.seed, Channel.JUMP_BEARING, barge, slot)
        share = uniform(self.world.seed, Channel.JUMP_BEARING, barge, -1 - slot)
        far = np.where(jumps, _JUMP_M[0] + share * (_JUMP_M[1] - _JUMP_M[0]), 0.0)
        east, north = east + far * np.sin(bearing), north + far * np.cos(bearing)
        return truth.lon[pick] + east / M_PER_DEG_LON, truth.lat[pick] + north / M_PER_DEG_LAT

    def _statics(self, truth: Truth, heard: Flags, spoken: dict[int, list[bytes]]) -> None:
        shifted = truth.t + self._static_start[truth.barge]
        half = STATIC_EVERY_S // 2
        for n in np.flatnonzero(heard & (shifted % STATIC_EVERY_S == 0)).tolist():
            self._identity(truth, n, spoken)
        inland = self._is_inland[truth.barge] & (shifted % STATIC_EVERY_S == half)
        for n in np.flatnonzero(heard & inland).tolist():
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

    def _in_window(self, channel: Channel, barge: Ints, t: Ints) -> tuple[Flags, Ints]:
        """Whether `t` falls in the barge's window of its time slot, and the slot's number."""
        slot = t // _slot_s(channel)
        start, end = self._window(channel, barge, slot)
        return np.asarray((t >= start) & (t < end)), slot

    def _window(self, channel: Channel, barge: Ints, slot: Ints) -> tuple[Ints, Ints]:
        """Start and end of each barge's window in each slot; empty where chance left it out."""
        seed, length = self.world.seed, _slot_s(channel)
        bounds, chance = (
            (_SILENCE_S, _SILENCE_CHANCE) if channel is Channel.SILENCE else (_JUMP_S, _JUMP_CHANCE)
        )
        happens = uniform(seed, channel, barge, slot) < chance
        stretch = uniform(seed, Channel(channel + 2), barge, slot)
        duration = np.where(happens, bounds[0] + stretch * (bounds[1] - bounds[0]), 0).astype(
            np.int64
        )
        spare = length - bounds[1]
        begin = slot * length + (uniform(seed, Channel(channel + 1), barge, slot) * spare).astype(
            np.int64
        )
        return begin, begin + duration

    def _windows(self, who: Flags, channel: Channel, start: int, end: int) -> list[Window]:
        barge = np.flatnonzero(who).astype(np.int64)
        found = []
        for slot in range(start // _slot_s(channel), (end - 1) // _slot_s(channel) + 1):
            begin, stop = self._window(channel, barge, np.full(len(barge), slot, dtype=np.int64))
            touches = (stop > begin) & (begin < end) & (stop > start)
            found += [
                Window(int(b), int(x), int(y))
                for b, x, y in zip(barge[touches], begin[touches], stop[touches], strict=True)
            ]
        return found


def _slot_s(channel: Channel) -> int:
    return _SILENCE_SLOT_S if channel is Channel.SILENCE else _JUMP_SLOT_S


def _stations(lon: Floats, lat: Floats) -> tuple[Ints, Ints]:
    """Index of the nearest and of the second nearest station."""
    east = (lon[:, None] - np.array([s[1] for s in STATIONS])) * M_PER_DEG_LON
    north = (lat[:, None] - np.array([s[2] for s in STATIONS])) * M_PER_DEG_LAT
    order = np.argsort(np.hypot(east, north), axis=1)
    return order[:, 0], order[:, 1]


def _tagged(sentences: list[str], station: str, t: int) -> list[bytes]:
    tag = encode.tag_block(station, t)
    return [f"{tag}{sentence}\r\n".encode("ascii") for sentence in sentences]
