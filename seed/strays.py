"""Barges that do what no honest one does: lie laden away from every wharf, by day or by night,
switch off their AIS in border water, or tip their load into the river between two gates. Five to
600 barges, each once a day on a round of its own.

They are laden spoil carriers without papers, and a gate of Wujiang measures them before. Like the
fleet they are periodic: nothing is stepped, nothing saved.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np

from domain.registers import Hull
from layers import sources
from seed.fleet import Barge, Radio, Trouble, generator, mmsi_of
from seed.scripted import Leg, along, lane, scripted
from seed.waterway_graph import WaterwayGraph, Wharf
from seed.world import World

DAY_S = 86_400
MIDNIGHT_S = 16 * 3600
"""Midnight in Shanghai, in seconds of the UTC day."""
FLEET_TO_STRAY = 120

_FIRST_INDEX = 980_000  # of MMSIs: beyond every fleet
_NAMES = ("PAN LONG", "盘龙")
_CARRIER = "wj-luzhou"
_RIGHT_M = 18.0
_SPEED_MPS = 9.0 / 3.6
_WAIT_S = 3600


class Deed(StrEnum):
    """What a stray does that it should not; the names of the rules that ought to notice."""

    LOITERING = "loitering"
    NIGHT_STOP = "night_stop"
    SILENT = "silent_in_border_water"
    DUMP = "load_lost"


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of one channel between two of its wharves, and the deed on the way.

    `at_m`: metres from the first wharf where it stops or falls silent. `leaves_h`: hour of Shanghai
    at which it leaves, `lasts_s`: least and greatest length of the deed.
    """

    deed: Deed
    channel: str
    wharves: tuple[Wharf, Wharf]
    at_m: float
    leaves_h: float
    lasts_s: tuple[float, float]


_LUXU = Wharf("LUXU", 120.815, 31.01363, 1.0)
_LIANTANG = Wharf("LIANTANG", 121.020, 31.0167, 1.0)
_LILI = Wharf("LILI", 120.722, 31.01058, 1.0)
_TUNCUN = Wharf("TUNCUN", 120.797, 31.1186, 1.0)
_ZHOUZHUANG = Wharf("ZHOUZHUANG", 120.836, 31.1118, 1.0)

_PARTS = (
    _Part(Deed.LOITERING, "太浦河", (_LILI, _LUXU), 6300.0, 8.0, (3300.0, 5400.0)),
    _Part(Deed.NIGHT_STOP, "急水港", (_ZHOUZHUANG, _TUNCUN), 2350.0, 22.3, (2700.0, 4500.0)),
    _Part(Deed.SILENT, "太浦河", (_LUXU, _LIANTANG), 7250.0, 14.0, (1500.0, 1700.0)),
    _Part(Deed.LOITERING, "太浦河", (_LILI, _LUXU), 6900.0, 13.5, (3300.0, 5400.0)),
    # past Luxu's licensed wharf, halfway to the gate east of it; not so long that it is a stop
    _Part(Deed.DUMP, "太浦河", (_LILI, _LIANTANG), 12_300.0, 15.0, (1260.0, 1500.0)),
)


@dataclass(frozen=True, slots=True)
class Done:
    """A deed: by whom, from when to when (epoch seconds), where it began (degrees WGS-84)."""

    deed: Deed
    barge: Barge
    start: int
    end: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class _Stray:
    """`world` has one barge; the deed lasts from `from_s` to `to_s` of its round of a day."""

    world: World
    deed: Deed
    from_s: int
    to_s: int


class Strays:
    """The strays of a fleet of `barges`; `count` overrides how many there are."""

    def __init__(self, seed: int, barges: int, count: int | None = None) -> None:
        number = stray_count(barges) if count is None else count
        self._strays = tuple(_stray(seed, n) for n in range(number))
        self.worlds = tuple(stray.world for stray in self._strays)

    def muted(self, number: int, t: int) -> bool:
        """Whether stray `number` has its AIS switched off at `t`."""
        stray = self._strays[number]
        since = (t + int(stray.world.phase_s[0])) % DAY_S
        return stray.deed is Deed.SILENT and stray.from_s <= since < stray.to_s

    def between(self, start: int, end: int) -> list[Done]:
        """Deeds that begin in [start, end), by time."""
        found = []
        for stray in self._strays:
            wait = (stray.from_s - (start + int(stray.world.phase_s[0]))) % DAY_S
            for begun in range(start + wait, end, DAY_S):
                place = stray.world.at(np.array([0]), np.array([begun]))
                found.append(
                    Done(
                        stray.deed,
                        stray.world.barges[0],
                        begun,
                        begun + stray.to_s - stray.from_s,
                        float(place.lon[0]),
                        float(place.lat[0]),
                    )
                )
        return sorted(found, key=lambda done: done.start)


def stray_count(barges: int) -> int:
    """How many strays sail beside a fleet."""
    return barges // FLEET_TO_STRAY


def stray_hulls(seed: int, barges: int) -> list[Hull]:
    """Their entries in the register of vessels: known spoil carriers."""
    return [
        Hull(
            mmsi=barge.mmsi,
            name=stray_hull_name(barge),
            length_m=barge.length_m,
            beam_m=barge.beam_m,
            capacity_t=float(barge.tonnes),
            light_draught_m=None,
            laden_draught_m=None,
            carrier_id=_CARRIER,
            carries_spoil=True,
        )
        for barge in (_barge(seed, n) for n in range(stray_count(barges)))
    ]


def stray_hull_name(barge: Barge) -> str:
    """The name as painted on the hull."""
    return barge.name.replace(f"{_NAMES[0]} ", _NAMES[1])


def _stray(seed: int, number: int) -> _Stray:
    part = _PARTS[number % len(_PARTS)]
    rng = generator(seed, _FIRST_INDEX + number, 8)
    graph = _channel(part.channel, part.wharves)
    there, back = graph.route(0, 1), graph.route(1, 0)
    way = lane(there, _RIGHT_M, 60.0, there.length_m - 60.0)
    home = lane(back, _RIGHT_M, 60.0, back.length_m - 60.0)
    path = np.vstack([way, home, way[:1]])
    turn, end = float(along(way)[-1]), float(along(path)[-1])
    at = part.at_m + float(rng.uniform(-250, 250) if part.deed is not Deed.SILENT else 0)
    lasts = float(rng.uniform(*part.lasts_s))
    stops = part.deed is not Deed.SILENT
    unloads = float(rng.uniform(5000, 9000))
    laden = [Leg(at, _SPEED_MPS, lasts, laden=True, to_wharf=1)] if stops else []
    legs = [
        *laden,
        Leg(turn, _SPEED_MPS, unloads, laden=part.deed is not Deed.DUMP, to_wharf=1),
        Leg(end, 1.1 * _SPEED_MPS, 0.0, laden=False, to_wharf=0),
    ]
    # a round begins an hour before it leaves, so that no voyage is cut in two
    begins = round(part.leaves_h * 3600) - _WAIT_S
    round_ = scripted(path, _WAIT_S + float(rng.uniform(0, 1200)), legs, DAY_S)
    begun = round_.arrive_s[1] if stops else round_.when(at)
    phase = -(MIDNIGHT_S + begins) % DAY_S
    world = World.of(seed, graph, [_barge(seed, number)], [round_], [phase])
    return _Stray(world, part.deed, int(begun), int(begun + lasts))


def _barge(seed: int, number: int) -> Barge:
    rng = generator(seed, _FIRST_INDEX + number, 1)
    return Barge(
        index=number,
        mmsi=mmsi_of(seed, _FIRST_INDEX + number),
        name=f"{_NAMES[0]} {rng.integers(1000, 10_000):04d}",
        callsign=f"BS{number:04d}",
        vin=f"7{number:07d}",
        radio=Radio.A,
        trouble=Trouble.CLEAN,
        sigma_m=2.0,
        tonnes=500,
        length_m=42.0,
        beam_m=8.3,
        laden_m=round(float(rng.uniform(2.1, 2.3)), 2),
        light_m=round(float(rng.uniform(0.6, 0.9)), 2),
        cruise_mps=_SPEED_MPS,
        keeps_m=_RIGHT_M,
        has_heading=True,
    )


@cache
def _channel(name_zh: str, ends: tuple[Wharf, Wharf]) -> WaterwayGraph:
    line = next(w for w in sources.builtin_waterways() if w.name_zh == name_zh).geometry
    return WaterwayGraph([np.asarray(line.coords)], ends, ())
