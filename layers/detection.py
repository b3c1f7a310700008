"""Detection on arrays: where n fixes are, which are not to be trusted, and what crossed.

The boring majority (a fix in the confirmed district of a vessel with nothing pending) is settled by
numpy; only the rest goes through `domain.crossings`. Fixes of one vessel are taken in array order,
and the result does not depend on where a stream is cut into batches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from domain.crossings import Crossing, CrossingMachine, Passage, Rules, Seen, crossing_of
from domain.jurisdiction import OUTSIDE_ADCODE
from domain.positions import FixFlag
from domain.tracks import Spot, VesselState
from layers.datum import Floats
from layers.gates import GateIndex
from layers.geography import Geography
from layers.grid import metres_apart

UNTRUSTED = FixFlag.LATE | FixFlag.JUMP | FixFlag.CLONE
"""Flags of fixes that do not move the state; `FAST` alone is a remark."""

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
    vessel. `states`: the new state of every vessel in the batch.
    """

    flags: NDArray[np.uint16]
    adcode: NDArray[np.int16]
    border_water: NDArray[np.bool_]
    crossings: list[Crossing] = field(default_factory=list)
    states: dict[int, VesselState] = field(default_factory=dict)


class Detector:
    """Stateless over batches: states come in and go out. Safe to share between threads."""

    def __init__(self, geography: Geography, rules: Rules | None = None) -> None:
        self.geography = geography
        self.rules = rules or Rules()
        self._machine = CrossingMachine(self.rules)
        self._gates = GateIndex(geography.gates)

    def run(self, batch: FixArrays, states: Mapping[int, VesselState]) -> Detection:
        """Detect over one batch. `states` is only read; vessels missing in it are new."""
        n = len(batch)
        located = self.geography.locate(batch.lon, batch.lat)
        flags = np.zeros(n, dtype=np.uint16)
        with np.errstate(invalid="ignore"):
            flags[batch.sog > FAST_KN] = FixFlag.FAST
        detection = Detection(flags, located.district, located.border_water)
        if n == 0:
            return detection
        order = np.argsort(batch.mmsi, kind="stable")
        mmsi, t = batch.mmsi[order], batch.t[order]
        lon, lat = batch.lon[order], batch.lat[order]
        first = np.flatnonzero(np.diff(mmsi, prepend=mmsi[0] - 1))
        vessels = mmsi[first].tolist()
        known = [states.get(vessel) for vessel in vessels]

        # the fix before each one: within the batch its predecessor, at the start the stored one
        before_t, before_lon, before_lat = np.roll(t, 1), np.roll(lon, 1), np.roll(lat, 1)
        before_t[first] = [s.t if s else np.nan for s in known]
        before_lon[first] = [s.spot.lon if s else np.nan for s in known]
        before_lat[first] = [s.spot.lat if s else np.nan for s in known]
        codes = {label: i for i, label in enumerate(self.geography.labels)}
        codes[OUTSIDE_ADCODE] = -1
        home = np.repeat(
            np.array(
                [codes.get(s.district or "", -9) if s and s.quiet else -9 for s in known],
                dtype=np.int16,
            ),
            np.diff(first, append=n),
        )
        seconds = t - before_t
        possible = self.rules.allowance_m + seconds * self.rules.speed_kmh / 3.6
        away = metres_apart(before_lon, before_lat, lon, lat)
        cuts = self._gates.cuts(before_lon, before_lat, lon, lat)
        with np.errstate(invalid="ignore"):
            # a hair below the limit, so that numpy and math may differ in the last bit
            boring = (seconds > 0) & (away < 0.999 * possible)
        boring &= located.district[order] == home
        if cuts:
            boring[list(cuts)] = False
        ends = np.append(first[1:], n)
        all_boring = np.logical_and.reduceat(boring, first)
        depth = located.depth_m[order]
        district = located.district[order]
        last = ends - 1
        labels = self.geography.labels
        rows = zip(
            vessels,
            known,
            all_boring.tolist(),
            first.tolist(),
            ends.tolist(),
            t[last].tolist(),
            lon[last].tolist(),
            lat[last].tolist(),
            depth[last].tolist(),
            strict=True,
        )
        for vessel, state, easy, start, end, last_t, last_lon, last_lat, last_depth in rows:
            if easy and state is not None:
                detection.states[vessel] = VesselState(
                    last_t,
                    Spot(last_t, last_lon, last_lat),
                    state.district or OUTSIDE_ADCODE,
                    last_depth,
                    state.district,
                    gates=state.gates,
                )
                continue
            span = slice(start, end)
            spots = map(Spot, t[span].tolist(), lon[span].tolist(), lat[span].tolist())
            seen = [
                Seen(spot, labels[d], m)
                for spot, d, m in zip(
                    spots, district[span].tolist(), depth[span].tolist(), strict=True
                )
            ]
            gated = [row in cuts for row in range(start, end)]
            new, marks, crossings = self._follow(vessel, state, seen, gated)
            flags[order[span]] |= np.array(marks, dtype=np.uint16)
            detection.crossings.extend(crossings)
            detection.states[vessel] = new
        return detection

    def _follow(
        self, vessel: int, state: VesselState | None, track: list[Seen], gated: list[bool]
    ) -> tuple[VesselState, list[int], list[Crossing]]:
        """One vessel's fixes through the machine; the given state stays as it was."""
        marks: list[int] = []
        crossings: list[Crossing] = []
        now = state.copy() if state else None
        accepted = state is not None and state.rival is None
        for seen, may_cut in zip(track, gated, strict=True):
            if now is None:
                now = self._machine.start(seen)
                marks.append(0)
                accepted = True
                continue
            if may_cut or not accepted:
                seen.cuts = self._gates.between(now.spot, seen.spot)
            flag, passages = self._machine.feed(now, seen)
            marks.append(int(flag))
            accepted = not flag
            crossings += [self._crossing(vessel, passage) for passage in passages]
        assert now is not None  # noqa: S101 - a group has at least one fix
        return now, marks, crossings

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
