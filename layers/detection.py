"""Detection on arrays: where n fixes are, which are not to be trusted, and what crossed.

The boring majority (a fix in the confirmed district of a vessel with nothing pending) is settled by
numpy; only the rest goes through `domain.crossings`. Fixes of one vessel are taken in array order,
and the result does not depend on where a stream is cut into batches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from domain.crossing_machine import CrossingMachine
from domain.crossings import Crossing, Passage, crossing_of
from domain.jurisdiction import OUTSIDE_ADCODE
from domain.positions import FixFlag
from domain.rules import Rules
from domain.sightings import Seen
from domain.tracks import Spot, VesselState
from layers.datum import Floats
from layers.fleet import Changes, Columns, Fleet, columns_of, quiet_home
from layers.gates import GateIndex
from layers.geography import Geography
from layers.grid import OUTSIDE, metres_apart

FAST_KN = 20.0 / 1.852
_CHORD_M = 100.0


@dataclass(frozen=True, slots=True)
class FixArrays:
    """n fixes in order of arrival: MMSI, epoch seconds UTC, WGS-84 degrees, knots (nan unknown)."""

    mmsi: NDArray[np.int64]
    t: Floats
    lon: Floats
    lat: Floats
    sog: NDArray[np.float32]

    def __len__(self) -> int:
        return int(self.mmsi.size)

    def take(self, rows: NDArray[np.int64] | slice) -> "FixArrays":
        """Some of the fixes, in the order of `rows`."""
        return FixArrays(
            self.mmsi[rows], self.t[rows], self.lon[rows], self.lat[rows], self.sog[rows]
        )

    @classmethod
    def joined(cls, parts: Sequence["FixArrays"]) -> "FixArrays":
        """All fixes of the parts, one after the other."""
        return cls(
            np.concatenate([np.empty(0, np.int64), *(p.mmsi for p in parts)]),
            np.concatenate([np.empty(0), *(p.t for p in parts)]),
            np.concatenate([np.empty(0), *(p.lon for p in parts)]),
            np.concatenate([np.empty(0), *(p.lat for p in parts)]),
            np.concatenate([np.empty(0, np.float32), *(p.sog for p in parts)]),
        )


@dataclass(frozen=True, slots=True)
class Detection:
    """What a batch yields; arrays of n in the order of the batch.

    `adcode` indexes `Geography.labels` (-1: outside). `crossings` in order of confirmation within a
    vessel. `states`: the new state of every vessel in the batch, a mapping by MMSI.
    """

    flags: NDArray[np.uint16]
    adcode: NDArray[np.int16]
    border_water: NDArray[np.bool_]
    crossings: list[Crossing]
    states: Changes


@dataclass(frozen=True, slots=True)
class _Rows:
    """Fixes that need a closer look, as Python numbers: vessel after vessel, each in order.

    `plain`: the step to it is forward, within reach and cuts no gate line. `gated`: it may cut one.
    """

    t: list[float]
    lon: list[float]
    lat: list[float]
    district: list[int]
    depth_m: list[float]
    plain: list[bool]
    gated: list[bool]


class Detector:
    """Stateless over batches: states come in and go out. Safe to share between threads."""

    def __init__(self, geography: Geography, rules: Rules | None = None) -> None:
        self.geography = geography
        self.rules = rules or Rules()
        self._machine = CrossingMachine(self.rules)
        self._gates = GateIndex(geography.gates)
        self._codes = {label: code for code, label in enumerate(geography.adcodes)}
        self._codes[OUTSIDE_ADCODE] = OUTSIDE

    def run(self, batch: FixArrays, states: Mapping[int, VesselState]) -> Detection:
        """Detect over one batch. `states` is only read; vessels missing in it are new."""
        located = self.geography.locate(batch.lon, batch.lat)
        flags = np.zeros(len(batch), dtype=np.uint16)
        with np.errstate(invalid="ignore"):
            flags[batch.sog > FAST_KN] = FixFlag.FAST
        if not len(batch):
            none = Changes(batch.mmsi, Columns.empty(0), self.geography.labels, {})
            return Detection(flags, located.district, located.border_water, [], none)
        order = np.argsort(batch.mmsi, kind="stable")
        fixes = batch.take(order)
        district, depth = located.district[order], located.depth_m[order]
        first = np.flatnonzero(np.diff(fixes.mmsi, prepend=fixes.mmsi[0] - 1))
        ends = np.append(first[1:], len(fixes))
        vessels = fixes.mmsi[first]
        known = self._known(vessels, states)
        plain, gated = self._steps(fixes, first, known)
        counts = ends - first
        easy = np.logical_and.reduceat(plain & (district == np.repeat(known.home, counts)), first)
        last, quiet = ends[easy] - 1, vessels[easy]
        moved = Columns(
            fixes.t[last], fixes.lon[last], fixes.lat[last], depth[last], known.home[easy]
        )
        changes = Changes(quiet, moved, self.geography.labels, self._gates_of(quiet, states))
        detection = Detection(flags, located.district, located.border_water, [], changes)
        chosen = np.flatnonzero(np.repeat(~easy, counts))
        columns = (fixes.t, fixes.lon, fixes.lat, district, depth, plain, gated)
        rows = _Rows(*(column[chosen].tolist() for column in columns))
        marks = [0] * len(chosen)
        start = 0
        for vessel, count in zip(vessels[~easy].tolist(), counts[~easy].tolist(), strict=True):
            span = range(start, start + count)
            state, crossings = self._follow(vessel, states.get(vessel), rows, span, marks)
            detection.crossings.extend(crossings)
            detection.states.others[vessel] = state
            start += count
        flags[order[chosen]] |= np.array(marks, dtype=np.uint16)
        return detection

    def _known(self, vessels: NDArray[np.int64], states: Mapping[int, VesselState]) -> Columns:
        if isinstance(states, Fleet):
            return states.columns(vessels)
        return columns_of([states.get(vessel) for vessel in vessels.tolist()], self._codes)

    @staticmethod
    def _gates_of(
        vessels: NDArray[np.int64], states: Mapping[int, VesselState]
    ) -> Mapping[int, dict[str, int]]:
        """Gate lines last cut, of vessels that cut any: they go over unchanged."""
        if isinstance(states, Fleet):
            return states.gates
        return {vessel: states[vessel].gates for vessel in vessels.tolist()}

    def _steps(
        self, fixes: FixArrays, first: NDArray[np.int64], known: Columns
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which steps are plain, and which may cut a gate line (see `_Rows`).

        A step leads from the fix before: within the batch its predecessor, at first the stored.
        """
        t, lon, lat = np.roll(fixes.t, 1), np.roll(fixes.lon, 1), np.roll(fixes.lat, 1)
        t[first], lon[first], lat[first] = known.t, known.lon, known.lat
        seconds = fixes.t - t
        possible = self.rules.allowance_m + seconds * self.rules.speed_ms
        gated = self._gates.near(lon, lat, fixes.lon, fixes.lat)
        with np.errstate(invalid="ignore"):
            # a hair below the limit, so that numpy and math may differ in the last bit
            reached = metres_apart(lon, lat, fixes.lon, fixes.lat) < 0.999 * possible
            plain = (seconds > 0) & reached & ~gated
        return plain, gated

    def _follow(
        self,
        vessel: int,
        state: VesselState | None,
        rows: _Rows,
        span: range,
        marks: list[int],
    ) -> tuple[VesselState, list[Crossing]]:
        """One vessel's fixes through the machine; the given state stays as it was.

        Flags go to `marks`. Boring fixes are passed over, only the last of a run is kept.
        """
        crossings: list[Crossing] = []
        index, end = span.start, span.stop
        if state is None:
            now, accepted = self._machine.start(self._seen(rows, index)), True
            index += 1
        else:
            now, accepted = state.copy(), state.rival is None
        plain, district = rows.plain, rows.district
        while index < end:
            if plain[index] and accepted:
                home, begin = quiet_home(now, self._codes), index
                while index < end and plain[index] and district[index] == home:
                    index += 1
                if index > begin:
                    last = self._seen(rows, index - 1)
                    now.t, now.spot = last.spot.t, last.spot
                    now.here, now.depth_m = last.district, last.depth_m
                    continue
            seen = self._seen(rows, index)
            if rows.gated[index] or not accepted:
                seen.cuts = self._gates.between(now.spot, seen.spot)
            flag, passages = self._machine.feed(now, seen)
            marks[index] = int(flag)
            accepted = not flag
            crossings += [self._crossing(vessel, passage) for passage in passages]
            index += 1
        return now, crossings

    def _seen(self, rows: _Rows, index: int) -> Seen:
        spot = Spot(rows.t[index], rows.lon[index], rows.lat[index])
        return Seen(spot, self.geography.labels[rows.district[index]], rows.depth_m[index])

    def _crossing(self, vessel: int, passage: Passage) -> Crossing:
        """Where and when the segment met the border of the district entered."""
        share, via = 0.5, list(passage.via)
        a, b = passage.before, passage.after
        line = shapely.LineString([(a.lon, a.lat), (b.lon, b.lat)])
        if line.length > 0:
            share = self._entry(line, passage.to_adcode)
            if not via:
                via = self._chords(line, passage)
        lon, lat = a.lon + share * (b.lon - a.lon), a.lat + share * (b.lat - a.lat)
        return crossing_of(vessel, passage, share, (lon, lat), via)

    def _entry(self, line: shapely.LineString, adcode: str) -> float:
        """Share of the segment at which it last enters the district; 0.5 where it never does."""
        target = self.geography.district(adcode)
        if target:
            inside = shapely.intersection(line, target.geometry)
        else:
            others = [d.geometry for d in self.geography.districts if d.geometry.intersects(line)]
            inside = shapely.difference(line, shapely.union_all(others)) if others else line
        parts = [p for p in shapely.get_parts(inside) if p.length > 0]
        if not parts:
            return 0.5
        ends = [min(line.project(shapely.Point(p.coords[k])) for k in (0, -1)) for p in parts]
        return float(max(ends) / line.length)

    def _chords(self, line: shapely.LineString, passage: Passage) -> list[str]:
        """Districts that the bare segment runs through for more than 100 m, in order."""
        metres = 1e5  # of one degree, roughly: the threshold is no finer
        found: list[tuple[float, str]] = []
        for district in self.geography.districts:
            if district.adcode in {passage.from_adcode, passage.to_adcode}:
                continue
            if not district.geometry.intersects(line):
                continue
            inside = shapely.intersection(line, district.geometry)
            if inside.length * metres >= _CHORD_M:
                found.append((line.project(shapely.get_point(_first(inside), 0)), district.adcode))
        return [adcode for _, adcode in sorted(found)]


def _first(shape: shapely.Geometry) -> shapely.LineString:
    return next(p for p in shapely.get_parts(shape) if isinstance(p, shapely.LineString))
