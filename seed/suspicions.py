"""What a perfect watch would find: every suspicious behaviour of the simulated world, by its hour.

Drawn rarely, so that 600 barges give a few an hour: of 90 spoil carriers twelve lack cover for
their ways (9 of them any valid paper, 3 have used it up), five strays do one deed a day each, two
barges in 600 have no AIS at all, and the lead case comes when it is called.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from shapely.geometry.base import BaseGeometry

from domain.alerts import Rule
from domain.draught import LOAD_HOLDS
from domain.jurisdiction import Whereabouts
from layers.geography import Geography
from seed.crossings import OUTSIDE
from seed.devices import Devices, Fleet, Sighted, Source
from seed.fleet import Barge, Trouble
from seed.lead_case import BEFORE_BORDER_M, SPEED_MPS, LeadCase
from seed.passages import Passages
from seed.reception import Reception
from seed.registers import Papers, trade
from seed.strays import Deed, Done, Strays
from seed.truth import Chronicle, Passage
from seed.unloading import Landing, unlicensed

GAP_LEAST = timedelta(minutes=15)
"""Shorter silences are everyday radio and no suspicion."""
_DEEDS = {
    Deed.LOITERING: Rule.LOITERING,
    Deed.NIGHT_STOP: Rule.NIGHT_STOP,
    Deed.SILENT: Rule.SILENT_IN_BORDER_WATER,
    Deed.DUMP: Rule.LOAD_LOST,
}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One behaviour that deserves an alert by `rule`. Times in epoch seconds, WGS-84 degrees.

    `mmsi` is `None` for a vessel without AIS. `measured_at`: when a gate of Wujiang first measured
    the draught of this voyage; without it nobody can know that the barge was laden. `grazing` as in
    `TrueCrossing`. `key`: the device's number of the reading, for a passage without AIS.
    """

    rule: Rule
    mmsi: int | None
    start: float
    end: float
    lon: float
    lat: float
    from_adcode: str | None = None
    to_adcode: str | None = None
    measured_at: float | None = None
    grazing: bool = False
    checkpoint_id: str | None = None
    key: str | None = None
    fleet: Fleet = Fleet.TRAFFIC


class Suspicions:
    """The suspicious behaviours of one world with all that sails beside it."""

    def __init__(
        self,
        reception: Reception,
        districts: Mapping[str, BaseGeometry],
        devices: Devices,
        sources: Sequence[Source],
        strays: Strays | None = None,
    ) -> None:
        self.world = reception.world
        self._reception = reception
        self._devices = devices
        self._sources = tuple(sources)
        self._strays = strays
        seed = self.world.seed
        lacking = {n for n in range(len(self.world.barges)) if trade(seed, n).lacks_cover}
        self._chronicle = Chronicle(reception, districts, lacking)
        silent = [n for n in lacking if self.world.barges[n].trouble is Trouble.SILENT]
        self._silent = np.array(sorted(silent), dtype=np.int64)
        self._landing = [
            n for n in sorted(lacking) if trade(seed, n).papers in (Papers.EXPIRED, Papers.NONE)
        ]  # a paper for another route, or one whose quantity is spent, leaves its disposal permit
        self._stray_chronicles = [
            Chronicle(Reception(world), districts) for world in (strays.worlds if strays else ())
        ]
        self._geography = Geography.builtin()

    def between(self, start: int, end: int, cases: Iterable[LeadCase] = ()) -> list[Suspicion]:
        """Behaviours that begin in [start, end), by time."""
        found = [
            one for passage in self._chronicle.between(start, end) for one in self._left(passage)
        ]
        found += self._without_ais(start, end)
        found += self._fell_silent(start, end)
        found += self._landed(start, end)
        found += self._strayed(start, end)
        for case in cases:
            found += self._case(case, start, end)
        return sorted(found, key=lambda one: (one.start, one.rule))

    def _left(self, passage: Passage) -> list[Suspicion]:
        """Laden out of its province, and no paper covers it."""
        if not _leaves_laden(passage):
            return []
        barge = passage.crossing.barge
        spent = trade(self.world.seed, barge).papers is Papers.USED_UP
        one = _out_of_province(passage, Rule.QUANTITY_USED if spent else Rule.NO_PAPER)
        return [replace(one, measured_at=self._measured(barge, passage.entered_at))]

    def _measured(self, barge: int, t: float) -> float | None:
        """When a gate first measured barge `barge` on the voyage it is on at `t`."""
        round_ = self.world.rounds[barge]
        since = (t + int(self.world.phase_s[barge])) % round_.period_s
        leg = int(np.searchsorted(round_.depart_s, since, side="right")) - 1
        begun, ends = t - since + round_.depart_s[leg], t - since + round_.arrive_s[leg]
        own = [source for source in self._sources if source.fleet is Fleet.TRAFFIC]
        times = [
            one.passage.t
            for source in own
            for one in self._devices.sighted([_only(source, barge)], begun, ends)
            if one.sent_at is not None and one.draught_m is not None
        ]
        return min(times, default=None)

    def _without_ais(self, start: int, end: int) -> list[Suspicion]:
        dark = [source for source in self._sources if source.fleet is Fleet.DARK]
        return [
            Suspicion(
                rule=Rule.NO_AIS,
                mmsi=None,
                start=one.passage.t,
                end=one.passage.t,
                lon=one.checkpoint.lon,
                lat=one.checkpoint.lat,
                checkpoint_id=one.checkpoint.checkpoint_id,
                key=one.key,
                measured_at=one.passage.t if one.draught_m is not None else None,
                fleet=Fleet.DARK,
            )
            for one in self._devices.sighted(dark, start, end)
            if one.sent_at is not None
        ]

    def _fell_silent(self, start: int, end: int) -> list[Suspicion]:
        """A laden carrier without cover goes off the air by a provincial border."""
        found = []
        for spell in self._reception.silences.between(self._silent, start, end):
            long = spell.end - spell.start >= GAP_LEAST.total_seconds()
            if not long or not start <= spell.start < end:
                continue
            state = self.world.at(np.array([spell.barge]), np.array([spell.start]))
            laden = self.world.rounds[spell.barge].laden[int(state.leg[0])]
            here = self._geography.where(float(state.lon[0]), float(state.lat[0]))
            if laden and not state.moored[0] and _between_provinces(here):
                mmsi = self.world.barges[spell.barge].mmsi
                found.append(
                    Suspicion(
                        rule=Rule.SILENT_IN_BORDER_WATER,
                        mmsi=mmsi,
                        start=spell.start,
                        end=spell.end,
                        lon=here.lon,
                        lat=here.lat,
                        measured_at=self._measured(spell.barge, spell.start),
                    )
                )
        return found

    def _landed(self, start: int, end: int) -> list[Suspicion]:
        """A load without paper, landed at a wharf without a licence for spoil."""
        return [
            Suspicion(
                rule=Rule.LOAD_LOST,
                mmsi=self.world.barges[one.barge].mmsi,
                start=one.arrived,
                end=one.left,
                lon=one.lon,
                lat=one.lat,
                measured_at=self._measured_twice(one),
            )
            for n in self._landing
            for one in unlicensed(self.world, n, start, end)
        ]

    def _measured_twice(self, one: Landing) -> float | None:
        """When it was first measured light, if it had been measured laden before; within 12 h."""
        own = [_only(s, one.barge) for s in self._sources if s.fleet is Fleet.TRAFFIC]
        times = [
            (seen.passage.t, seen.passage.laden)
            for seen in self._devices.sighted(own, one.laden_since, one.light_until)
            if seen.sent_at is not None and seen.draught_m is not None
        ]
        laden = [t for t, full in times if full and t < one.arrived]
        light = [t for t, full in times if not full and t > one.left]
        both = laden and light and light[0] - laden[-1] <= LOAD_HOLDS.total_seconds()
        return light[0] if both else None

    def _strayed(self, start: int, end: int) -> list[Suspicion]:
        if self._strays is None:
            return []
        left = [
            replace(
                _out_of_province(passage, Rule.NO_PAPER),
                measured_at=self._stray_measured(chronicle.world.barges[0], passage.left_at),
                fleet=Fleet.STRAY,
            )
            for chronicle in self._stray_chronicles
            for passage in chronicle.between(start, end)
            if _leaves_laden(passage)
        ]
        return left + [
            Suspicion(
                rule=_DEEDS[done.deed],
                mmsi=done.barge.mmsi,
                start=done.start,
                end=done.end,
                lon=done.lon,
                lat=done.lat,
                measured_at=self._deed_measured(done),
                fleet=Fleet.STRAY,
            )
            for done in self._strays.between(start, end)
        ]

    def _stray_measured(self, barge: Barge, t: float) -> float | None:
        """Its gate lies less than three hours behind it, laden all the way."""
        own = [source for source in self._sources if source.fleet is Fleet.STRAY]
        times = [
            one.passage.t
            for one in self._devices.sighted(own, t - 3 * 3600, t)
            if one.passage.barge == barge and one.sent_at is not None and one.draught_m is not None
        ]
        return min(times, default=None)

    def _deed_measured(self, done: Done) -> float | None:
        """By when its draught tells: laden before the deed; if the load is gone, light after."""
        before = self._stray_measured(done.barge, done.start)
        if done.deed is not Deed.DUMP or before is None:
            return before
        return self._measured_light(Fleet.STRAY, done.barge, done.end)

    def _measured_light(self, fleet: Fleet, barge: Barge, t: float) -> float | None:
        """When a gate first measured it after `t`, within three hours, light as it then is."""
        own = [source for source in self._sources if source.fleet is fleet]
        times = [
            one.passage.t
            for one in self._devices.sighted(own, t, t + 3 * 3600)
            if one.passage.barge == barge
            and not one.passage.laden
            and one.sent_at is not None
            and one.draught_m is not None
        ]
        return min(times, default=None)

    def _case(self, case: LeadCase, start: int, end: int) -> list[Suspicion]:
        found = []
        for barge, before_m in zip(case.barges, BEFORE_BORDER_M, strict=True):
            left = case.started_at + before_m / SPEED_MPS
            if not start <= left < end:
                continue
            state = case.world.at(np.array([case.barges.index(barge)]), np.array([int(left)]))
            found.append(
                Suspicion(
                    rule=Rule.NO_PAPER,
                    mmsi=barge.mmsi,
                    start=left,
                    end=left,
                    lon=float(state.lon[0]),
                    lat=float(state.lat[0]),
                    from_adcode="310118",
                    to_adcode="320583",
                    measured_at=_case_measured(self._devices, case, barge),
                    fleet=Fleet.CASE,
                )
            )
        return found


def _case_measured(devices: Devices, case: LeadCase, barge: Barge) -> float | None:
    source = Source(Fleet.CASE, Passages(case.world, devices.points), 2 * case.number)
    seen: list[Sighted] = devices.sighted([source], case.started_at, case.started_at + 3600)
    return min((one.passage.t for one in seen if one.passage.barge == barge), default=None)


def _leaves_laden(passage: Passage) -> bool:
    crossing = passage.crossing
    ends = crossing.from_adcode, crossing.to_adcode
    return crossing.laden and OUTSIDE not in ends and ends[0][:2] != ends[1][:2]


def _out_of_province(passage: Passage, rule: Rule) -> Suspicion:
    crossing = passage.crossing
    return Suspicion(
        rule=rule,
        mmsi=passage.mmsi,
        start=passage.left_at,
        end=passage.entered_at,
        lon=crossing.lon,
        lat=crossing.lat,
        from_adcode=crossing.from_adcode,
        to_adcode=crossing.to_adcode,
        grazing=crossing.grazing,
    )


def _only(source: Source, barge: int) -> Source:
    return Source(source.fleet, source.passages.of(barge), source.offset)


def _between_provinces(here: Whereabouts) -> bool:
    codes = {code[:2] for code in (here.adcode, *here.neighbours) if code != OUTSIDE}
    return here.border_water and len(codes) > 1
