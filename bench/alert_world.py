"""What the store is told of a simulated stretch: thinned fixes, all readings, and the labels."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.alerts import Rule
from domain.positions import Fix
from layers.passings import REACH_M
from seed.case_book import CaseBook
from seed.device_service import Bank, DeviceOrder
from seed.devices import Sighted
from seed.encode import KN_PER_MPS
from seed.lead_case import lead_case
from seed.reception import Reception
from seed.registers import trade
from seed.suspicions import Suspicion, Suspicions
from seed.truth import builtin_districts
from seed.world import M_PER_DEG_LAT, M_PER_DEG_LON, Floats, World
from streams.contracts.messages import PositionMessage, Sentence

FEED = "ais"
UNDER_WAY_S = 30
SELDOM_S = 180
"""At rest; and those under way far from every gate who carry no spoil: no rule asks about them."""
DARK_SHARE = 0.003
_LABELS_BACK_S = 3 * 3600


@dataclass(frozen=True, slots=True)
class _Choir:
    """One fleet on the air. `watched`: heard often; `on_air`: which times (epoch seconds) count."""

    reception: Reception
    watched: NDArray[np.bool_]
    on_air: Callable[[int], bool]


class AlertWorld:
    """The demo's world with its strays, barges without AIS and one lead case."""

    def __init__(self, barges: int, seed: int, case_at: int, folder: Path) -> None:
        book = CaseBook(folder / "case.json")
        book.begin(case_at)
        self.bank = Bank(DeviceOrder(barges, seed, DARK_SHARE, strays=True, case=book.path))
        self._case = lead_case(seed, case_at)
        fleet = self.bank.reception
        spoil = np.array([trade(seed, n).carries_spoil for n in range(barges)])
        self._choirs = [_Choir(fleet, spoil, lambda _: True)]
        case = self._case
        own = [_Choir(Reception(case.world), _all(case.world), lambda t: t >= case.heard_from)]
        strays = self.bank.strays
        for number, world in enumerate(strays.worlds if strays else ()):
            own.append(_Choir(Reception(world), _all(world), self._unmuted(number)))
        self._choirs += own

    def _unmuted(self, number: int) -> Callable[[int], bool]:
        strays = self.bank.strays
        assert strays is not None
        return lambda t: not strays.muted(number, t)

    def labels(self, begin: int, end: int) -> list[Suspicion]:
        """What deserves an alert, from some hours before the stretch on."""
        bank = self.bank
        truth = Suspicions(
            bank.reception,
            builtin_districts(),
            bank.devices,
            [*bank.sources, *[s for s in bank.all_sources if s not in bank.sources]],
            bank.strays,
        )
        found = truth.between(begin - _LABELS_BACK_S, end, [self._case])
        silent = [one for one in found if one.rule is Rule.SILENT_IN_BORDER_WATER]
        return found + [passed for one in silent for passed in self._unheard_at_gates(one)]

    def hulls(self, start: int, end: int) -> dict[str, str]:
        """Whose reading each of the devices' numbers is, as fleet and MMSI."""
        seen = self.bank.devices.sighted(self.bank.all_sources, start, end)
        return {one.key: f"{one.fleet.name} {one.passage.barge.mmsi}" for one in seen}

    def _unheard_at_gates(self, silence: Suspicion) -> list[Suspicion]:
        """Who has switched off its AIS may be seen without it, at every gate that it passes."""
        seen = self.bank.devices.sighted(self.bank.all_sources, silence.start, silence.end)
        return [
            replace(
                silence,
                rule=Rule.NO_AIS,
                mmsi=None,
                start=one.passage.t,
                end=one.passage.t,
                checkpoint_id=one.checkpoint.checkpoint_id,
                key=one.key,
            )
            for one in seen
            if one.passage.barge.mmsi == silence.mmsi and one.sent_at is not None
        ]

    def readings(self, start: int, end: int) -> list[Sighted]:
        """What the devices send in [start, end), by the time of sending."""
        return sorted(self.bank.due(start, end), key=lambda one: one.sent_at or 0.0)

    def fixes(self, start: int, end: int) -> list[PositionMessage]:
        """What is heard in [start, end), by time."""
        found = [one for choir in self._choirs for one in self._of(choir, start, end)]
        return sorted(found, key=lambda one: one.fix.t)

    def _of(self, choir: _Choir, start: int, end: int) -> list[PositionMessage]:
        reception, barges = choir.reception, choir.reception.world.barges
        count = len(barges)
        # every barge has its own second of the half minute
        own = np.array([(7 * one.mmsi) % UNDER_WAY_S for one in barges], dtype=np.int64)
        seconds = np.arange(start - start % UNDER_WAY_S, end, UNDER_WAY_S, dtype=np.int64)
        barge = np.repeat(np.arange(count, dtype=np.int64), len(seconds))
        t = np.tile(seconds, count) + own[barge]
        inside = (t >= start) & (t < end)
        truth = reception.world.at(barge[inside], t[inside])
        often = choir.watched[truth.barge] | self._near_a_gate(truth.lon, truth.lat)
        turn = (truth.t - own[truth.barge]) // UNDER_WAY_S + truth.barge
        due = (often & ~truth.moored) | (turn % (SELDOM_S // UNDER_WAY_S) == 0)
        # what a receiver makes of it is private to the simulation, and just what is wanted here
        pick = reception._heard(truth, due)
        lon, lat = reception._measured(truth, pick)
        return [
            _message(
                barges[int(truth.barge[n])].mmsi,
                int(truth.t[n]),
                (float(lon[i]), float(lat[i])),
                float(truth.speed_mps[n]) * KN_PER_MPS,
                float(truth.course_deg[n]),
            )
            for i, n in enumerate(pick.tolist())
            if choir.on_air(int(truth.t[n]))
        ]

    def _near_a_gate(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        near = np.zeros(len(lon), dtype=bool)
        for point in self.bank.points:
            east = (lon - point.lon) * M_PER_DEG_LON
            near |= np.hypot(east, (lat - point.lat) * M_PER_DEG_LAT) <= REACH_M
        return near


def _all(world: World) -> NDArray[np.bool_]:
    return np.ones(len(world.barges), dtype=bool)


def _message(
    mmsi: int, t: int, place: tuple[float, float], sog_kn: float, cog_deg: float
) -> PositionMessage:
    at = datetime.fromtimestamp(t, UTC)
    lon, lat = (round(degrees, 6) for degrees in place)
    key = hash((mmsi, t, lon, lat)) % 2**62  # of numbers: the same in every run
    speed, course = round(sog_kn, 1), round(cog_deg, 1) % 360
    return PositionMessage(Sentence(FEED, at, b""), Fix(mmsi, at, key, lon, lat, 1, speed, course))
