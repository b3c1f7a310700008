"""Did it cross? The rules by which one vessel's fixes become confirmed changes of district.

A small filter, not a point-in-polygon test: a border is crossed when the evidence for another
district outweighs both the noise of a fix and the error of the geometry. docs/detection.md gives
the reasons and the table of parameters.
"""

import math
from dataclasses import dataclass, field
from typing import Final

from domain.continuity import placed
from domain.crossings import By, Passage
from domain.positions import FixFlag
from domain.rules import Rules
from domain.sightings import Cut, Seen, metres_between
from domain.tracks import Spot, Stay, VesselState

_KEPT_STAYS: Final = 12


@dataclass(slots=True)
class CrossingMachine:
    """Feeds fixes of one vessel, in order of arrival, into its state."""

    rules: Rules = field(default_factory=Rules)

    def start(self, seen: Seen) -> VesselState:
        """The state after the first fix ever."""
        state = VesselState(seen.spot.t, seen.spot, seen.district, seen.depth_m)
        self._begin(state, seen)
        return state

    def feed(self, state: VesselState, seen: Seen) -> tuple[FixFlag, list[Passage]]:
        """Move `state` on by one fix (in place): why the fix is not trusted, and what it proves."""
        if seen.spot.t <= state.t:
            same_time = seen.spot.t == state.spot.t
            clone = same_time and metres_between(state.spot, seen.spot) > self.rules.allowance_m
            return (FixFlag.LATE | FixFlag.CLONE if clone else FixFlag.LATE), []
        state.t = seen.spot.t
        flag = placed(state, seen, self.rules)
        if flag:
            return flag, []
        if state.district is not None or state.stays:
            passages = self._advance(state, seen)
        else:
            self._begin(state, seen)
            passages = []
        state.spot, state.here, state.depth_m = seen.spot, seen.district, seen.depth_m
        return FixFlag.NONE, passages

    def _begin(self, state: VesselState, seen: Seen) -> None:
        """First sight, or first after a jump: it is where it is, nothing was crossed."""
        if seen.depth_m >= self.rules.first_depth_m:
            state.district = seen.district
        else:
            stay = Stay(seen.district, seen.spot, seen.spot, seen.spot, deepest_m=seen.depth_m)
            state.stays = [stay]

    def _advance(self, state: VesselState, seen: Seen) -> list[Passage]:
        here = self._weigh(state, seen)
        passages = self._cut_gates(state, seen)
        if passages or (here is None and not state.stays):
            return passages
        if seen.district == state.district:
            return self._settle_at_home(state, seen)
        return self._settle_elsewhere(state, seen, here) if here else []

    def _weigh(self, state: VesselState, seen: Seen) -> Stay | None:
        """Add the segment to every stay; the stay in the district of this fix, if it counts."""
        last, now = state.spot, seen.spot
        seconds = now.t - last.t
        here: Stay | None = None
        for stay in state.stays:
            if not stay.alive:
                continue
            was = state.depth_m if state.here == stay.district else -state.depth_m
            inside = seen.district == stay.district
            stay.weight_ms += (was + (seen.depth_m if inside else -seen.depth_m)) / 2 * seconds
            if inside:
                stay.weight_ms = max(stay.weight_ms, 0.0)
                self._measure(stay, seen)
                here = stay
            else:
                stay.alive = stay.weight_ms > 0.0
                stay.depths_m = []
        if here is None and (seen.district != state.district or state.stays):
            here = self._enter(state, seen)
        return here

    def _enter(self, state: VesselState, seen: Seen) -> Stay:
        """Begin a stay where the segment from the last fix meets the boundary, by the depths."""
        last, now = state.spot, seen.spot
        total = state.depth_m + seen.depth_m
        share = state.depth_m / total if total > 0 else 0.5
        start = Spot(
            last.t + share * (now.t - last.t),
            last.lon + share * (now.lon - last.lon),
            last.lat + share * (now.lat - last.lat),
        )
        stay = Stay(seen.district, last, now, start)
        stay.weight_ms = seen.depth_m / 2 * (now.t - start.t)
        self._measure(stay, seen)
        weak = [s for s in state.stays if not s.alive and s.area_ha < self.rules.stay_area_ha]
        for old in weak[: max(0, len(state.stays) + 1 - _KEPT_STAYS)]:
            state.stays.remove(old)
        state.stays.append(stay)
        return stay

    def _measure(self, stay: Stay, seen: Seen) -> None:
        stay.depths_m = [*stay.depths_m, seen.depth_m][-self.rules.depth_fixes :]
        stay.deepest_m = max(stay.deepest_m, seen.depth_m)
        stay.extent_m = max(stay.extent_m, metres_between(stay.start, seen.spot))
        area_ha = stay.mean_depth_m(seen.spot.t) * stay.extent_m / 1e4
        stay.area_ha = max(stay.area_ha, area_ha)

    def _settle_at_home(self, state: VesselState, seen: Seen) -> list[Passage]:
        """Back in the confirmed district: forget brief visits, report long ones as grazing."""
        home = next((s for s in state.stays if s.alive and s.district == state.district), None)
        deep = self.rules.deep(home.depths_m if home else [seen.depth_m])
        if deep:
            state.shallow = False
        if not deep and any(s.alive and s.district != state.district for s in state.stays):
            return []
        stood = [s for s in self._stood(state) if s.district != state.district]
        passages: list[Passage] = []
        if stood and home:
            passages = self._chain(state, [*stood, home], "depth" if deep else "dwell", seen, True)
        state.stays = []
        return passages

    def _settle_elsewhere(self, state: VesselState, seen: Seen, here: Stay) -> list[Passage]:
        by = self._proof(state, seen, here)
        if by is None:
            return []
        grazing = by == "dwell" and here.mean_depth_m(seen.spot.t) < self.rules.border_water_m
        stood = [s for s in self._stood(state) if s is not here and s.start.t < here.start.t]
        passages = self._chain(state, [*stood, here], by, seen, False)
        if passages and (grazing or state.shallow):
            passages[-1].grazing = True
        state.district, state.stays, state.shallow = seen.district, [], grazing
        return passages

    def _proof(self, state: VesselState, seen: Seen, here: Stay) -> By | None:
        """Which evidence, if any, confirms the district of this fix."""
        rules, first_in = self.rules, here.after == seen.spot
        if state.district is None and not self._stood(state):
            return "depth" if seen.depth_m >= rules.first_depth_m else None
        if first_in:
            seconds = seen.spot.t - here.before.t
            reachable = seconds * rules.speed_ms
            sparse = seconds >= rules.sparse_s and seen.depth_m >= rules.border_water_m
            proven = sparse or rules.deep(here.depths_m)
            plain = metres_between(here.before, seen.spot) <= reachable
            return "segment" if proven and plain else None
        if rules.deep(here.depths_m):
            return "depth"
        long_enough = seen.spot.t - here.start.t >= rules.dwell_s
        if long_enough and here.mean_depth_m(seen.spot.t) >= rules.dwell_depth_m:
            return "dwell"
        return None

    def _cut_gates(self, state: VesselState, seen: Seen) -> list[Passage]:
        passages: list[Passage] = []
        for cut in seen.cuts:
            before = state.gates.get(cut.gate_id)
            state.gates[cut.gate_id] = cut.line
            if before is not None and before != cut.line and state.district != cut.adcode:
                passages += self._through_gate(state, cut, seen)
        return passages

    def _through_gate(self, state: VesselState, cut: Cut, seen: Seen) -> list[Passage]:
        """Both lines cut in order: from the other side's district to this one's, for certain."""
        entered = next((s for s in state.stays if s.alive and s.district == cut.adcode), None)
        if entered is None:
            entered = Stay(cut.adcode, state.spot, seen.spot, state.spot)
        if state.district is None:
            state.district = cut.other_adcode
        chain: list[Stay] = []
        if state.district != cut.other_adcode:
            # it was there on the way here, though nothing had settled it yet
            left = [s for s in state.stays if s.district == cut.other_adcode]
            earlier = [s for s in self._stood(state) if s.district != cut.adcode]
            chain = [s for s in earlier if s not in left[-1:]] + left[-1:]
            chain = [s for s in chain if s.start.t < entered.start.t]
        passages = self._chain(state, [*chain, entered], "gate", seen, False)
        state.district, state.stays, state.shallow = cut.adcode, [], False
        return passages

    def _stood(self, state: VesselState) -> list[Stay]:
        """Stays too long to be a mere passing, in order of entry."""
        long = [s for s in state.stays if s.area_ha >= self.rules.stay_area_ha]
        return sorted(long, key=lambda s: s.start.t)

    def _chain(
        self, state: VesselState, stays: list[Stay], by: By, seen: Seen, grazing: bool
    ) -> list[Passage]:
        """One passage per change of district along the stays, the last one by `by`."""
        passages: list[Passage] = []
        origin, since = state.district, -math.inf
        for stay in stays:
            if origin is not None and stay.district != origin:
                last = stay is stays[-1]
                via = self._passed(state, origin, stay, since)
                passages.append(
                    Passage(
                        from_adcode=origin,
                        to_adcode=stay.district,
                        via=via,
                        before=stay.before,
                        after=stay.after,
                        confirmed_t=seen.spot.t,
                        by=by if last else "dwell",
                        grazing=grazing,
                    )
                )
            if stay.district != origin:
                since = stay.start.t
            origin = stay.district
        return passages

    def _passed(self, state: VesselState, origin: str, target: Stay, since: float) -> list[str]:
        """Districts visited between two stays and left again, in order, each once."""
        via: list[str] = []
        for stay in sorted(state.stays, key=lambda s: s.start.t):
            between = since < stay.start.t < target.start.t
            new = stay.district not in {origin, target.district, *via}
            if between and new and stay.deepest_m >= self.rules.passed_depth_m:
                via.append(stay.district)
        return via
