"""The lead case: two barges with a thousand tonnes of spoil leave Qingpu westbound on Jishui Gang.

Names and numbers are invented. They load at the spoil wharf Dianxi, have no paper of any kind, and
are bound for Taixing. The case *begins* when the first of them is some 100 m before the border by
Zhouzhuang; before that they have sailed for half an hour, so that the product knows them as vessels
of Qingpu. Each beginning takes the next of eight pairs, so nobody appears in two places at once.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from domain.registers import Hull
from layers import sources
from seed.fleet import Barge, Radio, Trouble, mmsi_of
from seed.scripted import Leg, along, lane, scripted
from seed.waterway_graph import Floats, WaterwayGraph, Wharf, to_metres
from seed.world import World

PAIRS = 8
PAST_S = 45 * 60
"""How long before the beginning they are heard: a quarter of an hour at the wharf, then the way."""
LAST_S = 8 * 3600
"""How long after it; then they moor beyond our receivers."""
BEFORE_BORDER_M = (70.0, 160.0)
"""Where the two are when the case begins: metres before the border on their way."""
SPEED_MPS = 10.2 / 3.6
SPOIL_T = (512.0, 498.0)
"""Tonnes on board, together about a thousand."""
WHARF_ID = "dianxi"
CARRIER_ID = "qp-yunlu"
"""Sails for nobody else and holds no paper, so that none is found for these barges."""

_FIRST_INDEX = 990_000  # of MMSIs: beyond every fleet
_NAMES = ("DIAN XI", "淀西")
_NUMBERS = (2161, 2168, 2205, 2236, 2309, 2317, 2358, 2372, 2406, 2411, 2455, 2467, 2503, 2519,
            2564, 2587)  # fmt: skip
_SIZE = (42.0, 8.3, 2.24, 0.74)  # 500 t: length, beam, laden, light
_RIGHT_M = (16.0, 20.0)
_BORDER = (120.85385, 31.10979)  # where the way of the two meets the border of Qingpu and Kunshan
_PERIOD_S = 4 * 86_400
_LOADING_S = 3 * 3600.0  # longer than they are heard before


@dataclass(frozen=True, slots=True)
class LeadCase:
    """One beginning of the case. `started_at` in epoch seconds; `number` counts from 0."""

    world: World
    started_at: int
    number: int

    @property
    def heard_from(self) -> int:
        """The first second with reports."""
        return self.started_at - PAST_S

    @property
    def heard_until(self) -> int:
        """The first second without."""
        return self.started_at + LAST_S

    @property
    def barges(self) -> tuple[Barge, ...]:
        """The two."""
        return self.world.barges


def lead_case(seed: int, started_at: int, number: int = 0) -> LeadCase:
    """The case that begins at `started_at`: the same for the same arguments."""
    graph = _channel()
    fleet = [_barge(seed, number % PAIRS, which) for which in (0, 1)]
    rounds, phases = [], []
    route = graph.route(0, 1)
    for which in range(len(fleet)):
        # two lengths apart at the spoil wharf, on the way and at its end
        ahead = 90.0 * (1 - which)
        path = lane(route, _RIGHT_M[which], ahead, route.length_m - 390.0 + ahead)
        length = float(along(path)[-1])
        legs = [Leg(length, SPEED_MPS, 0.0, laden=True, to_wharf=1)]
        round_ = scripted(path, _LOADING_S, legs, _PERIOD_S)
        begins = _border_m(path) - BEFORE_BORDER_M[which]
        rounds.append(round_)
        phases.append(int(round(round_.when(begins)) - started_at) % _PERIOD_S)
    return LeadCase(World.of(seed, graph, fleet, rounds, phases), started_at, number)


def case_hulls(seed: int) -> list[Hull]:
    """The entries of all pairs in the register of vessels: known spoil carriers."""
    return [
        Hull(
            mmsi=barge.mmsi,
            name=case_hull_name(barge),
            length_m=barge.length_m,
            beam_m=barge.beam_m,
            capacity_t=540.0,
            light_draught_m=barge.light_m,
            laden_draught_m=barge.laden_m,
            carrier_id=CARRIER_ID,
            carries_spoil=True,
        )
        for pair in range(PAIRS)
        for barge in (_barge(seed, pair, 0), _barge(seed, pair, 1))
    ]


def case_hull_name(barge: Barge) -> str:
    """The name as painted: 淀西2161 for DIAN XI 2161."""
    return barge.name.replace(f"{_NAMES[0]} ", _NAMES[1])


def _barge(seed: int, pair: int, which: int) -> Barge:
    number = 2 * pair + which
    length, beam, laden, light = _SIZE
    return Barge(
        index=number,
        mmsi=mmsi_of(seed, _FIRST_INDEX + number),
        name=f"{_NAMES[0]} {_NUMBERS[number]}",
        callsign=f"BL{number:04d}",
        vin=f"8{number:07d}",
        radio=Radio.INLAND,
        trouble=Trouble.CLEAN,
        sigma_m=2.0,
        tonnes=500,
        length_m=length,
        beam_m=beam,
        laden_m=round(laden + 0.03 * which, 2),
        light_m=light,
        cruise_mps=SPEED_MPS,
        keeps_m=_RIGHT_M[which],
        has_heading=True,
    )


@cache
def _channel() -> WaterwayGraph:
    """Jishui Gang alone, from the spoil wharf to where the sketch ends."""
    line = next(w for w in sources.builtin_waterways() if w.name_zh == "急水港").geometry
    ends = (Wharf("DIANXI", 120.90264, 31.11487, 1.0), Wharf("TAIXING", 120.7930, 31.1194, 1.0))
    return WaterwayGraph([np.asarray(line.coords)], ends, ())


def _border_m(path: Floats) -> float:
    """Metres along the way to the border; the way runs west, without turning back."""
    east = to_metres(np.array([_BORDER]))[0, 0]
    return float(np.interp(-east, -path[:, 0], along(path)))
