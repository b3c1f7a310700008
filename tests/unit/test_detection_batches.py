"""However a stream is cut into batches, stored and taken up again, detection says the same."""

import json
from collections.abc import Mapping
from functools import cache

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sailing import CANAL, HONGQI, JISHUI, TAIPU, WUSONG, YUHUI, Voyage, sail

from domain.crossings import Crossing
from domain.tracks import VesselState
from layers.detection import Detector, FixArrays
from layers.fleet import Fleet
from layers.geography import Geography

Outcome = tuple[list[int], list[int], list[Crossing], dict[int, object]]


@cache
def detector() -> Detector:
    return Detector(Geography.builtin())


def stream(seed: int) -> FixArrays:
    """A few vessels over each other, with noise, clones, repeats, late fixes and wild ones."""
    random = np.random.default_rng(seed)
    parts = []
    for vessel, name in enumerate((TAIPU, HONGQI, JISHUI, CANAL, WUSONG, YUHUI)):
        voyage = Voyage(
            step_s=float(random.choice([10, 30, 60])),
            back=bool(random.integers(2)),
            noise_m=float(random.choice([0, 10, 50])),
        )
        track = sail(name, voyage, seed, mmsi=412_000_000 + vessel)
        start = int(random.integers(0, max(1, len(track) - 400)))
        parts.append(track.take(slice(start, start + 400)))
    parts.append(sail(YUHUI, Voyage(step_s=30), seed, mmsi=412_000_000).take(slice(0, 60)))
    all_fixes = FixArrays.joined(parts)
    ranks = all_fixes.t + random.normal(0, 12, len(all_fixes))  # arrival, a little out of order
    merged = all_fixes.take(np.argsort(ranks, kind="stable"))
    wild = random.random(len(merged)) < 0.01
    repeated = np.sort(np.concatenate([np.arange(len(merged)), np.flatnonzero(wild)]))
    lat = np.where(wild, merged.lat + random.normal(0, 0.05, len(merged)), merged.lat)
    moved = FixArrays(merged.mmsi, merged.t, merged.lon, lat, merged.sog)
    return moved.take(repeated)


def stored(state: VesselState) -> VesselState:
    """A state as it comes back from JSON."""
    return VesselState.from_json(json.loads(json.dumps(state.to_json())))


def by_vessel(crossings: list[Crossing]) -> list[Crossing]:
    return sorted(crossings, key=lambda c: c.mmsi)


def outcome(
    flags: list[int],
    adcode: list[int],
    crossings: list[Crossing],
    states: Mapping[int, VesselState],
) -> Outcome:
    final = {mmsi: state.to_json() for mmsi, state in states.items()}
    return flags, adcode, by_vessel(crossings), dict(sorted(final.items()))


def in_batches(fixes: FixArrays, cuts: list[int]) -> Outcome:
    """Every state through JSON between any two batches."""
    states: dict[int, VesselState] = {}
    flags: list[int] = []
    adcode: list[int] = []
    crossings: list[Crossing] = []
    for start, end in zip([0, *cuts], [*cuts, len(fixes)], strict=True):
        found = detector().run(fixes.take(slice(start, end)), states)
        states.update({mmsi: stored(state) for mmsi, state in found.states.items()})
        flags += found.flags.tolist()
        adcode += found.adcode.tolist()
        crossings += found.crossings
    return outcome(flags, adcode, crossings, states)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), data=st.data())
def test_any_split_gives_the_identical_result(seed: int, data: st.DataObject) -> None:
    fixes = stream(seed)
    cuts = data.draw(st.lists(st.integers(0, len(fixes)), max_size=12).map(sorted))
    assert in_batches(fixes, cuts) == in_batches(fixes, [])


def test_one_fix_at_a_time_gives_the_identical_result() -> None:
    fixes = stream(7)
    assert in_batches(fixes, list(range(1, len(fixes)))) == in_batches(fixes, [])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 900))
def test_states_in_columns_give_the_identical_result(seed: int, size: int) -> None:
    fixes = stream(seed)
    fleet = Fleet(Geography.builtin().labels)
    flags: list[int] = []
    adcode: list[int] = []
    crossings: list[Crossing] = []
    for start in range(0, len(fixes), size):
        found = detector().run(fixes.take(slice(start, start + size)), fleet)
        fleet.absorb(found.states)
        flags += found.flags.tolist()
        adcode += found.adcode.tolist()
        crossings += found.crossings
    assert outcome(flags, adcode, crossings, fleet) == in_batches(fixes, [])


def test_the_streams_hold_something_to_disagree_about() -> None:
    flags, _, crossings, _ = in_batches(stream(7), [])
    assert {flag for flag in flags if flag} >= {1, 2}
    assert len(crossings) > 3
