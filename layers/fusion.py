"""Fusion: which AIS track a checkpoint's reading belongs to, or that it belongs to none.

Each track that passes the gate line is weighed against *nobody* by what the reading says: time,
place across the channel, size, name, claimed number. The other readings of the gate compete for the
same tracks. What results are probabilities; below `CERTAIN` nothing is claimed. docs/fusion.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from uuid import UUID

from domain.assignment import shares
from domain.checkpoints import Checkpoint, Reading, course_deg
from domain.device_clock import DeviceClock
from domain.matches import Match, MatchReason, MatchRule, Outcome
from domain.plates import distance, likelihood_ratio
from layers.passings import Hull, Passing, TrackArrays, passings

CLOCK_S: Final = 20.0
"""How far a device's clock may be off."""
SETTLE_S: Final = 45.0
"""After a reading: until then fixes and other readings that decide it may still come."""
EXCLUSIVE_S: Final = 60.0
"""Within it a track has one passage of a gate only."""
CERTAIN: Final = 0.8
"""Probability from which a match, or that it was nobody, is claimed; measured, docs/fusion.md."""

_CLOCK_WRONG: Final = 0.002  # share of readings whose clock is worse than promised
_CLOCK_WRONG_S: Final = 120.0
_CLOCK_KEPT: Final = 0.9  # share of readings by a clock that runs as it was learned
_DARK: Final = 0.1  # share of vessels without AIS (domain, estimate)
_READ: Final = 0.95  # share of passages that a device reads
_TWICE: Final = 0.001  # share of passages that it reads twice
_TWICE_S: Final = 15.0  # the second time within so many seconds
_PRIOR_S: Final = 300.0  # one passage in so many seconds, before the gate has shown its traffic
_RATE_S: Final = 300.0
_EDGE_M: Final = 25.0  # the gate's width and place are good to so much
_SHARE_OF_UNFIT: Final = 1e-4
_CLUSTER: Final = 8
_TRACKS: Final = 10
_HELD: Final = 1e30  # a match that stands is not shared


@dataclass(frozen=True, slots=True)
class Second:
    """Another sensor's reading of a vessel that is matched already."""

    reading: Reading
    mmsi: int
    score: float


@dataclass(frozen=True, slots=True)
class Scene:
    """What else is known about a reading.

    `others`: readings of the same gate within `EXCLUSIVE_S`; `held`: the tracks that some of them
    are matched to already (`None`: to nobody). `undone`: tracks a person took away from this one.
    `seconds`: matched readings of other sensors. `clock`: the device's, once it
    was learned. `heard`: the AIS feed lived at the time.
    `settled`: nothing that bears on it is on its way any more.
    """

    others: Sequence[Reading] = ()
    held: Mapping[UUID, int | None] = field(default_factory=dict)
    undone: frozenset[int] = frozenset()
    seconds: Sequence[Second] = ()
    clock: DeviceClock | None = None
    heard: bool = True
    settled: bool = True


def match(
    reading: Reading, checkpoint: Checkpoint, tracks: TrackArrays, scene: Scene | None = None
) -> Match:
    """The track that fits, nobody, or uncertain, with the probability and its reasons."""
    scene = scene or Scene()
    t = reading.t.timestamp()
    found = passings(tracks, checkpoint, t)
    weigher = _Weigher(checkpoint, tracks.hulls, t, _rate(found), scene)
    mine = weigher.weigh(reading, found)
    mine = {mmsi: w for mmsi, w in mine.items() if mmsi not in scene.undone}
    for second in scene.seconds:
        if second.mmsi in mine:
            mine[second.mmsi] *= weigher.agreement(reading, second)
    mine = _heaviest(mine)
    others = list(islice(_nearest(reading, scene.others), _CLUSTER))
    rivals = []
    for other in others:
        if other.reading_id in scene.held:
            held = scene.held[other.reading_id]
            rivals.append({} if held is None else {held: _HELD})
        else:
            theirs = weigher.weigh(other, found)
            own = 1.0 + weigher.repeats(other, [reading, *others])
            rivals.append({m: w / own for m, w in theirs.items() if m in mine})
    counted = shares(mine, rivals)
    twice = weigher.repeats(reading, others)
    total = 1.0 + twice + sum(counted.values())
    chances = {m: w / total for m, w in counted.items()}
    return _Verdict(reading, weigher, found, scene, chances, 1.0 / total, twice / total).match()


class _Weigher:
    """How much likelier a reading is of a track than of nobody."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        hulls: Mapping[int, Hull],
        t: float,
        rate: float,
        scene: Scene,
    ) -> None:
        self.checkpoint, self.hulls, self._t = checkpoint, hulls, t
        self._dark_rate = rate * _DARK / (1.0 - _DARK)
        # a track that passed and that nothing else read wants a reading; not so while one may come
        self._read = _READ / (1.0 - _READ) if scene.settled else _READ
        self._clock = scene.clock

    def weigh(self, reading: Reading, found: Sequence[Passing]) -> dict[int, float]:
        """Track → weight against nobody; tracks that cannot be are left out."""
        sign = way(self.checkpoint, reading)
        weights = {}
        for passing in found:
            if sign and passing.along_mps * sign < 0:
                continue
            parts = self.parts(reading, passing)
            weight = math.prod(parts.values())
            if parts[MatchRule.TIME] and weight > _SHARE_OF_UNFIT:
                weights[passing.mmsi] = weight
        return weights

    def parts(self, reading: Reading, passing: Passing) -> dict[MatchRule, float]:
        """The likelihood ratio of each piece of evidence that the reading offers."""
        hull = self.hulls.get(passing.mmsi, Hull())
        late = reading.t.timestamp() - self._t - passing.after_s
        parts = {
            MatchRule.TIME: _in_time(late, passing.error_s, self._clock)
            * self._read
            / self._dark_rate,
            MatchRule.GATE_LINE: self._on_line(passing),
        }
        sizes = [
            _size(reading.length_m, hull.length_m, 0.04, 1.0, 8.0),
            _size(reading.beam_m, hull.beam_m, 0.05, 0.3, 1.5),
        ]
        if any(size is not None for size in sizes):
            # length and beam grow together: as one measurement they say less than as two
            parts[MatchRule.SIZE] = max(math.prod(s for s in sizes if s is not None), 0.01)
        if reading.plate and hull.names:
            parts[MatchRule.PLATE] = likelihood_ratio(reading.plate, hull.names)
        if reading.claimed_mmsi is not None:
            parts[MatchRule.CLAIMED_MMSI] = _claim(reading.claimed_mmsi, passing.mmsi)
        return parts

    def repeats(self, reading: Reading, others: Sequence[Reading]) -> float:
        """Weight, against nobody, of its being a passage read twice: `others` that came before."""
        weight = 0.0
        for other in others:
            since = (reading.t - other.t).total_seconds()
            order = (reading.t, reading.source_key) > (other.t, other.source_key)
            if order and since <= _TWICE_S and other.direction == reading.direction:
                weight += _TWICE / _TWICE_S / self._dark_rate * _likeness(reading, other)
        return weight

    def agreement(self, reading: Reading, second: Second) -> float:
        """How much likelier both sensors saw one vessel than two, from 0.05 to 50 by its match.

        What agrees with the vessel's own word of name and size counted already and is left out.
        """
        hull, other = self.hulls.get(second.mmsi, Hull()), second.reading
        ratio = _draughts(reading, other)
        if hull.length_m is None:
            ratio *= _sizes(reading, other)
        if not hull.names or likelihood_ratio(reading.plate or "", hull.names) < 1.0:
            ratio *= _plates(reading, other)
        return math.pow(min(max(ratio, 0.05), 50.0), second.score)

    def _on_line(self, passing: Passing) -> float:
        beyond = max(0.0, abs(passing.across_m) - self.checkpoint.width_m / 2)
        sigma = math.hypot(passing.across_error_m, _EDGE_M)
        return math.exp(-0.5 * (beyond / sigma) ** 2)


@dataclass(frozen=True, slots=True)
class _Verdict:
    reading: Reading
    weigher: _Weigher
    found: Sequence[Passing]
    scene: Scene
    chances: Mapping[int, float]
    nobody: float
    twice: float

    def match(self) -> Match:
        ranked = sorted(self.chances.items(), key=lambda item: (-item[1], item[0]))
        best, score = ranked[0] if ranked else (None, 0.0)
        runner_up, close = ranked[1] if len(ranked) > 1 else (None, 0.0)
        if best is not None and score >= CERTAIN:
            return Match(Outcome.MATCHED, best, score, close, self._for(best, runner_up, close))
        stray = self._wrong_way()
        if self.nobody >= CERTAIN and self.scene.heard and not stray:
            return Match(Outcome.NOBODY, None, self.nobody, score, (self._nearest_track(),))
        reasons = [*stray]
        if not self.scene.heard:
            reasons.append(MatchReason(MatchRule.AIS_NOT_HEARD, 0, {}))
        if self.twice > score and self.twice > self.nobody:
            reasons.append(MatchReason(MatchRule.SAME_PASSAGE, 0, {"share": round(self.twice, 3)}))
        if best is not None:
            reasons += self._for(best, runner_up, close)
        return Match(
            Outcome.UNCERTAIN, None, score, close, tuple(reasons) or (self._nearest_track(),)
        )

    def _for(self, mmsi: int, runner_up: int | None, close: float) -> tuple[MatchReason, ...]:
        passing = next(p for p in self.found if p.mmsi == mmsi)
        hull = self.weigher.hulls.get(mmsi, Hull())
        facts = self._facts(passing, hull)
        parts = self.weigher.parts(self.reading, passing)
        reasons = [MatchReason(rule, _decibans(parts[rule]), facts[rule]) for rule in parts]
        if way(self.weigher.checkpoint, self.reading):
            heading = {"off_deg": round(passing.off_deg), "speed_mps": round(passing.along_mps, 1)}
            reasons.insert(2, MatchReason(MatchRule.DIRECTION, 3, heading))
        for second in self.scene.seconds:
            if second.mmsi == mmsi:
                weight = _decibans(self.weigher.agreement(self.reading, second))
                said: dict[str, str | int | float] = {
                    "checkpoint_id": second.reading.checkpoint_id,
                    "reading_id": str(second.reading.reading_id),
                    "score": round(second.score, 3),
                }
                reasons.append(MatchReason(MatchRule.SECOND_SENSOR, weight, said))
        if runner_up is not None:
            rival = {"mmsi": runner_up, "share": round(close, 4)}
            reasons.append(MatchReason(MatchRule.RUNNER_UP, 0, rival))
        return tuple(reasons)

    def _facts(self, passing: Passing, hull: Hull) -> dict[MatchRule, dict[str, str | int | float]]:
        reading = self.reading
        sizes = {
            "length_m": reading.length_m,
            "beam_m": reading.beam_m,
            "ais_length_m": hull.length_m,
            "ais_beam_m": hull.beam_m,
        }
        return {
            MatchRule.TIME: {
                "mmsi": passing.mmsi,
                "late_s": round(-passing.after_s, 1),
                "error_s": round(passing.error_s, 1),
                "fix_s": round(passing.fix_s),
            },
            MatchRule.GATE_LINE: {"across_m": round(passing.across_m)},
            MatchRule.SIZE: {k: round(v, 1) for k, v in sizes.items() if v is not None},
            MatchRule.PLATE: {"plate": reading.plate or "", "names": " / ".join(hull.names)},
            MatchRule.CLAIMED_MMSI: {"claimed_mmsi": reading.claimed_mmsi or 0},
        }

    def _nearest_track(self) -> MatchReason:
        facts: dict[str, str | int | float] = {"tracks": len(self.found)}
        if self.found:
            near = min(self.found, key=lambda p: abs(p.after_s))
            facts |= {"nearest_mmsi": near.mmsi, "nearest_s": round(near.after_s)}
        return MatchReason(
            MatchRule.NO_TRACK, _decibans(self.nobody / max(1e-4, 1 - self.nobody)), facts
        )

    def _wrong_way(self) -> list[MatchReason]:
        """A track that is the one by name or number, but went the other way: a device's error."""
        sign = way(self.weigher.checkpoint, self.reading)
        reasons = []
        for passing in self.found:
            if not sign or passing.along_mps * sign > 0 or passing.mmsi in self.scene.undone:
                continue
            parts = self.weigher.parts(self.reading, passing)
            named = parts.get(MatchRule.PLATE, 1.0) * parts.get(MatchRule.CLAIMED_MMSI, 1.0)
            if named > 200.0 and math.prod(parts.values()) > 1.0:
                facts = {"mmsi": passing.mmsi, "speed_mps": round(passing.along_mps, 1)}
                reasons.append(MatchReason(MatchRule.WRONG_WAY, _decibans(named), facts))
        return reasons


def late_s(found: Match) -> float:
    """Seconds by which a matched reading came after the passage: what `learned` learns from."""
    facts = next(r.facts for r in found.reasons if r.rule is MatchRule.TIME)
    return float(facts["late_s"])


def way(checkpoint: Checkpoint, reading: Reading) -> int:
    """1 along the checkpoint's bearing, -1 against it, 0 when the reading does not say."""
    course = course_deg(checkpoint, reading)
    if course is None:
        return 0
    return 1 if course == checkpoint.bearing_deg else -1


def _rate(found: Sequence[Passing]) -> float:
    """Passages a second one way at this gate, by its tracks of the last minutes."""
    near = sum(1 for p in found if abs(p.after_s) <= _RATE_S / 2)
    return (near / 2 + 1.0) / (_RATE_S + _PRIOR_S)


def _in_time(late_s: float, error_s: float, clock: DeviceClock | None) -> float:
    """Density of a clock off by up to `CLOCK_S`, seldom more, and of the track's own error.

    A clock that was learned is mostly where it was.
    """

    def spread(half_s: float, middle_s: float = 0.0) -> float:
        scale, off = error_s * math.sqrt(2.0), late_s - middle_s
        high, low = math.erf((off + half_s) / scale), math.erf((off - half_s) / scale)
        return (high - low) / (4.0 * half_s)

    usual = spread(CLOCK_S)
    if clock is not None:
        usual = _CLOCK_KEPT * spread(clock.half_s, clock.late_s) + (1.0 - _CLOCK_KEPT) * usual
    return (1.0 - _CLOCK_WRONG) * usual + _CLOCK_WRONG * spread(_CLOCK_WRONG_S)


def _size(
    read_m: float | None, known_m: float | None, share: float, least_m: float, fleet_m: float
) -> float | None:
    """Ratio for a measured size: the error of sensor and static data against the fleet's spread."""
    if read_m is None or known_m is None or known_m <= 0:
        return None
    sigma = least_m + share * known_m
    likeness = math.exp(-0.5 * ((read_m - known_m) / sigma) ** 2)
    # what vessels say of their size is wrong often enough for a floor
    return max(likeness * max(fleet_m / sigma, 1.0), 0.03)


def _claim(claimed: int, mmsi: int) -> float:
    errors = distance(str(claimed), str(mmsi))
    return (500.0, 20.0, 0.5)[errors] if errors < 3 else 0.05


def _likeness(reading: Reading, other: Reading) -> float:
    """How much likelier two readings are of one vessel than of two, by what was measured."""
    return _draughts(reading, other) * _sizes(reading, other) * _plates(reading, other)


def _draughts(reading: Reading, other: Reading) -> float:
    return _size(reading.draught_m, other.draught_m, 0.05, 0.1, 0.8) or 1.0


def _sizes(reading: Reading, other: Reading) -> float:
    lengths = _size(reading.length_m, other.length_m, 0.06, 1.4, 8.0)
    beams = _size(reading.beam_m, other.beam_m, 0.07, 0.4, 1.5)
    return (lengths or 1.0) * (beams or 1.0)


def _plates(reading: Reading, other: Reading) -> float:
    if not (reading.plate and other.plate):
        return 1.0
    return likelihood_ratio(reading.plate, [other.plate])


def _heaviest(weights: Mapping[int, float]) -> dict[int, float]:
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:_TRACKS])


def _nearest(reading: Reading, others: Sequence[Reading]) -> list[Reading]:
    def apart(other: Reading) -> float:
        return abs((other.t - reading.t).total_seconds())

    near = [o for o in others if o != reading and apart(o) <= EXCLUSIVE_S]
    return sorted(near, key=lambda o: (apart(o), o.source_key))


def _decibans(ratio: float) -> int:
    return round(10.0 * math.log10(max(ratio, 1e-6)))
