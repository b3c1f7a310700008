"""Fusion: the right track or nobody, never a wrong one; gaps, clocks, directions, rivals, names."""

import bisect
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from gate_traffic import GATE, START_S, Barge, Day, Device, fixes, reading, traffic, watched
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checkpoints import Direction, Reading, System
from domain.device_clock import learned
from domain.matches import Match, MatchRule, Outcome, outcome_of
from layers.fusion import CERTAIN, CLOCK_S, Scene, Second, match
from layers.passings import Hull, TrackArrays, passings

ONE = Barge(413_000_001, "SHUN HANG 0412", 0.0, 2.5)
seconds_off = st.floats(-CLOCK_S, CLOCK_S)
speeds = st.floats(6 / 3.6, 12 / 3.6)
signs = st.sampled_from([1, -1])


def of(found: Match, rule: MatchRule) -> dict[str, object]:
    """The facts of one reason."""
    return dict(next(r.facts for r in found.reasons if r.rule is rule))


def judged(day: Day) -> list[tuple[Barge, Match]]:
    """Every reading of a day in turn, with its tracks, its neighbours and their matches."""
    assert day.tracks is not None
    tracks = day.tracks
    ordered = sorted(day.readings, key=lambda r: r.t)
    times = [r.t.timestamp() for r in ordered]
    found: list[tuple[Barge, Match]] = []
    held = {}
    for t, one in zip(times, ordered, strict=True):
        rows = slice(*np.searchsorted(tracks.t, [t - 240, t + 240]))
        columns = (tracks.mmsi, tracks.t, tracks.lon, tracks.lat, tracks.sog_kn, tracks.cog_deg)
        near = TrackArrays(*(column[rows] for column in columns), tracks.hulls)
        others = ordered[bisect.bisect_left(times, t - 60) : bisect.bisect_right(times, t + 60)]
        told = match(one, GATE, near, Scene([o for o in others if o is not one], held=held))
        found.append((day.truth[one.source_key], told))
        if told.outcome is not Outcome.UNCERTAIN:
            held[one.reading_id] = told.mmsi
    return found


def tally(found: list[tuple[Barge, Match]]) -> Counter[str]:
    """How many were decided right, wrong, accused though on the air, or left open."""
    counts: Counter[str] = Counter()
    for barge, one in found:
        if one.outcome is Outcome.MATCHED:
            right = one.mmsi == barge.mmsi and not barge.dark
            counts["right" if right else "wrong"] += 1
        elif one.outcome is Outcome.NOBODY:
            counts["right" if barge.dark else "accused"] += 1
        else:
            counts["open"] += 1
    return counts


@pytest.mark.parametrize(
    ("each_s", "named", "least"),
    [
        (90.0, 1.0, 0.98),
        (90.0, 0.7, 0.94),
        (300.0, 1.0, 0.98),
        (300.0, 0.7, 0.97),
        (300.0, 0.0, 0.9),
    ],
)
def test_some_five_hundred_passages_of_a_gate(each_s: float, named: float, least: float) -> None:
    """Every tenth barge dark, clocks off by up to 20 s for each reading anew, every 25th missed."""
    barges = traffic(480 * each_s, each_s, seed=7)
    found = judged(watched(barges, Device(named=named), seed=7))
    counts = tally(found)
    shares = {name: counts[name] / len(found) for name in ("right", "wrong", "accused", "open")}
    print(f"one in {each_s:g} s, {named:.0%} named, {len(found)} readings:", shares)
    assert shares["right"] >= least
    assert shares["wrong"] <= 0.005
    assert shares["accused"] <= 0.005


@given(
    off=seconds_off,
    speed=speeds,
    sign=signs,
    every=st.sampled_from([10.0, 30.0]),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=40)
def test_a_lone_barge_is_found_whatever_the_clock(
    off: float, speed: float, sign: int, every: float, seed: int
) -> None:
    barge = replace(ONE, speed_mps=sign * speed, every_s=every, sigma_m=5.0)
    found = match(reading(barge, t_s=off), GATE, fixes([barge], seed))
    assert (found.outcome, found.mmsi) == (Outcome.MATCHED, barge.mmsi)
    assert found.score >= CERTAIN
    late = of(found, MatchRule.TIME)["late_s"]
    assert isinstance(late, float)
    assert late == pytest.approx(off, abs=15)


@given(start=st.floats(-175, -5), speed=speeds, sign=signs)
@settings(deadline=None, max_examples=40)
def test_a_silence_of_three_minutes_at_the_gate_loses_nobody(
    start: float, speed: float, sign: int
) -> None:
    barge = replace(ONE, speed_mps=sign * speed)
    tracks = fixes([barge], gap=(start, start + 180))
    found = match(reading(barge), GATE, tracks)
    assert found.mmsi == barge.mmsi


@given(speed=speeds, off=seconds_off)
@settings(deadline=None, max_examples=40)
def test_a_class_b_barge_is_found_before_its_next_fix(speed: float, off: float) -> None:
    """Thirty seconds after its last fix, with nothing heard since."""
    barge = replace(ONE, speed_mps=speed, every_s=30.0)
    tracks = fixes([barge], gap=(-2.0, 1e6))
    assert match(reading(barge, t_s=off), GATE, tracks).mmsi == barge.mmsi


@given(speed=speeds, sign=signs, off=seconds_off)
@settings(deadline=None, max_examples=40)
def test_nobody_is_matched_against_the_direction_read(speed: float, sign: int, off: float) -> None:
    barge = replace(ONE, speed_mps=sign * speed)
    wrong = Direction.BACK if sign > 0 else Direction.FORTH
    found = match(reading(barge, t_s=off, direction=wrong), GATE, fixes([barge]))
    assert (found.outcome, found.mmsi) == (Outcome.NOBODY, None)
    named = match(reading(barge, t_s=off, direction=wrong, plate="顺航0412"), GATE, fixes([barge]))
    assert named.outcome is Outcome.UNCERTAIN
    assert of(named, MatchRule.WRONG_WAY)["mmsi"] == barge.mmsi


def test_an_empty_river_is_a_passage_without_ais_only_while_ais_is_heard() -> None:
    dark = replace(ONE, dark=True)
    nobody = match(reading(dark), GATE, fixes([dark]))
    assert nobody.without_ais
    assert nobody.score >= CERTAIN
    assert nobody.stored_score is not None
    deaf = match(reading(dark), GATE, fixes([dark]), Scene(heard=False))
    assert (deaf.outcome, deaf.stored_score) == (Outcome.UNCERTAIN, None)
    assert [r.rule for r in deaf.reasons] == [MatchRule.AIS_NOT_HEARD]


@given(apart=st.floats(-3, 3), off=seconds_off)
@settings(deadline=None, max_examples=40)
def test_twins_abreast_are_nobody_rather_than_a_wrong_one(apart: float, off: float) -> None:
    """Two hulls of one size at one time: with no name read, nothing tells them apart."""
    twin = replace(ONE, mmsi=413_000_002, name="SHUN HANG 7735", at_s=apart, right_m=30.0)
    tracks = fixes([ONE, twin])
    assert match(reading(ONE, t_s=off), GATE, tracks).outcome is Outcome.UNCERTAIN
    for barge in (ONE, twin):
        named = match(reading(barge, t_s=off, plate="顺航" + barge.name[-4:]), GATE, tracks)
        assert named.mmsi == barge.mmsi
        assert named.runner_up <= 1 - CERTAIN


def test_size_tells_two_apart_when_both_know_it() -> None:
    long = replace(ONE, mmsi=413_000_002, name="TAI HANG 1", at_s=5.0, length_m=55.0, beam_m=10.6)
    short = replace(ONE, length_m=42.0, beam_m=8.3)
    tracks = fixes([short, long])
    for barge in (short, long):
        assert match(reading(barge, t_s=2.0), GATE, tracks).mmsi == barge.mmsi
        bare = reading(barge, t_s=2.0, length_m=None, beam_m=None)
        assert match(bare, GATE, tracks).outcome is Outcome.UNCERTAIN


def test_a_track_has_one_passage_of_a_gate_within_a_minute() -> None:
    """The dark barge close behind does not take the track of the one before."""
    first = reading(ONE, plate="顺航0412")
    dark = replace(ONE, mmsi=413_000_009, at_s=14.0, dark=True, length_m=42.0, beam_m=8.3)
    second = reading(dark, plate="通达9953")
    tracks = fixes([ONE])
    for scene in (Scene(others=[first]), Scene([first], held={first.reading_id: ONE.mmsi})):
        assert match(second, GATE, tracks, scene).outcome is Outcome.NOBODY
    assert match(first, GATE, tracks, Scene(others=[second])).mmsi == ONE.mmsi
    held = Scene([second], held={second.reading_id: ONE.mmsi})
    assert match(first, GATE, tracks, held).mmsi is None
    later = reading(ONE, t_s=5.0, plate="顺航0412")
    again = match(later, GATE, tracks, Scene([first], held={first.reading_id: ONE.mmsi}))
    assert again.outcome is Outcome.UNCERTAIN
    assert MatchRule.SAME_PASSAGE in {r.rule for r in again.reasons}


@given(seed=st.integers(0, 500))
@settings(deadline=None, max_examples=10)
def test_no_track_serves_two_readings_and_order_counts_for_nothing(seed: int) -> None:
    day = watched(traffic(240, 15.0, seed), Device(named=0.5), seed)
    assert day.tracks is not None
    found = {
        r.source_key: m
        for r, (_, m) in zip(sorted(day.readings, key=lambda r: r.t), judged(day), strict=True)
    }
    times = {r.source_key: r.t for r in day.readings}
    used = [(m.mmsi, times[key]) for key, m in found.items() if m.mmsi is not None]
    for n, (mmsi, t) in enumerate(used):
        close = [u for u, s in used[n + 1 :] if u == mmsi and abs((s - t).total_seconds()) <= 60]
        assert close == []
    rows = np.random.default_rng(seed).permutation(len(day.tracks))
    mixed = TrackArrays(
        *(getattr(day.tracks, c)[rows] for c in ("mmsi", "t", "lon", "lat", "sog_kn", "cog_deg")),
        day.tracks.hulls,
    )
    random.Random(seed).shuffle(day.readings)
    again = judged(Day(day.readings, day.truth, mixed_in_time(mixed)))
    assert [m.mmsi for _, m in again] == [
        found[r.source_key].mmsi for r in sorted(day.readings, key=lambda r: r.t)
    ]


def mixed_in_time(tracks: TrackArrays) -> TrackArrays:
    """Sorted by time alone, so that vessels of one second stand in another order."""
    rows = np.argsort(tracks.t, kind="stable")
    return TrackArrays(
        *(getattr(tracks, c)[rows] for c in ("mmsi", "t", "lon", "lat", "sog_kn", "cog_deg")),
        tracks.hulls,
    )


def test_an_undone_match_is_not_made_again() -> None:
    found = match(reading(ONE), GATE, fixes([ONE]), Scene(undone=frozenset({ONE.mmsi})))
    assert found.mmsi is None


def test_a_second_sensor_raises_the_confidence() -> None:
    twin = replace(ONE, mmsi=413_000_002, name="TAI HANG 8", at_s=16.0)
    tracks = fixes([ONE, twin])
    bare: dict[str, object] = {"t_s": 3.0, "draught_m": 2.61}
    alone = match(reading(ONE, **bare), GATE, tracks)
    seen = reading(ONE, t_s=-900.0, draught_m=2.6, system=System.JIASHAN, checkpoint_id="point-7")
    both = match(reading(ONE, **bare), GATE, tracks, Scene(seconds=[Second(seen, ONE.mmsi, 0.99)]))
    assert alone.score + 0.1 < both.score
    seen, bare["plate"] = replace(seen, plate="白帆77"), "白帆77"
    both = match(reading(ONE, **bare), GATE, tracks, Scene(seconds=[Second(seen, ONE.mmsi, 0.99)]))
    assert both.mmsi == ONE.mmsi
    assert of(both, MatchRule.SECOND_SENSOR)["checkpoint_id"] == "point-7"
    other = reading(
        twin, t_s=-900.0, draught_m=0.8, length_m=42.0, beam_m=8.3, system=System.JIASHAN
    )
    differs = match(
        reading(ONE, **bare), GATE, tracks, Scene(seconds=[Second(other, ONE.mmsi, 0.99)])
    )
    assert of(differs, MatchRule.TIME)["mmsi"] == twin.mmsi


def test_a_clock_that_was_learned_tells_two_apart() -> None:
    twin = replace(ONE, mmsi=413_000_002, name="TAI HANG 8", at_s=20.0)
    tracks, one = fixes([ONE, twin]), reading(ONE, t_s=14.0)
    assert match(one, GATE, tracks).outcome is Outcome.UNCERTAIN
    clock = learned([14.0, 15.5, 13.0, 16.0, 14.5, 15.0, 12.5, 14.0, 90.0], CLOCK_S)
    assert clock is not None
    assert clock.late_s == pytest.approx(14.5)
    assert match(one, GATE, tracks, Scene(clock=clock)).mmsi == ONE.mmsi


@given(st.lists(st.floats(-200, 200), max_size=60))
def test_what_is_learned_of_a_clock_is_less_than_what_is_promised(late: list[float]) -> None:
    clock = learned(late, CLOCK_S)
    assert clock is None or (len(late) >= 8 and clock.half_s < CLOCK_S)
    assert learned([-18.0, 18.0] * 10, CLOCK_S) is None


def test_a_claimed_number_counts_and_a_false_one_does_not_hide_the_track() -> None:
    twin = replace(ONE, mmsi=413_555_002, name="TAI HANG 8", at_s=4.0)
    tracks = fixes([ONE, twin])
    claimed = match(reading(ONE, claimed_mmsi=twin.mmsi), GATE, tracks)
    assert claimed.mmsi == twin.mmsi
    elsewhere = match(reading(ONE, claimed_mmsi=412_999_999), GATE, fixes([ONE]))
    assert elsewhere.mmsi == ONE.mmsi
    reasons = {r.rule: r.weight for r in elsewhere.reasons}
    assert reasons[MatchRule.CLAIMED_MMSI] < 0


def test_who_lies_at_the_gate_or_sails_beside_it_does_not_pass_it() -> None:
    moored = replace(ONE, speed_mps=0.01, sigma_m=3.0)
    beside = replace(ONE, right_m=400.0)
    for barge in (moored, beside):
        assert match(reading(barge), GATE, fixes([barge])).mmsi is None


def test_one_fix_kilometres_off_does_not_bend_a_course() -> None:
    tracks = fixes([ONE])
    tracks.lat[np.searchsorted(tracks.t, START_S + 3)] += 0.008
    [passing] = passings(tracks, GATE, START_S)
    assert abs(passing.after_s) < 10
    assert match(reading(ONE), GATE, tracks).mmsi == ONE.mmsi


def test_a_vessel_heard_once_is_followed_by_its_own_word() -> None:
    all_fixes = fixes([ONE])
    row = slice(*np.searchsorted(all_fixes.t, [START_S - 31, START_S - 20]))
    columns = ("mmsi", "t", "lon", "lat", "sog_kn", "cog_deg")
    once = TrackArrays(*(getattr(all_fixes, c)[row][:1] for c in columns), {ONE.mmsi: Hull()})
    [passing] = passings(once, GATE, START_S)
    assert abs(passing.after_s) < 10
    silent = replace(once, sog_kn=np.full(1, np.nan))
    assert passings(silent, GATE, START_S) == []


def test_nothing_heard_and_nothing_said() -> None:
    empty = fixes([])
    assert len(empty) == 0
    bare = Reading("gate-1", System.WUJIANG, "k", reading(ONE).t)
    assert match(bare, GATE, empty).without_ais
    assert match(bare, GATE, fixes([ONE])).mmsi == ONE.mmsi


@pytest.mark.parametrize(
    ("mmsi", "score", "outcome"),
    [(1, 0.99, Outcome.MATCHED), (None, 0.97, Outcome.NOBODY), (None, None, Outcome.UNCERTAIN)],
)
def test_a_stored_row_says_its_outcome(
    mmsi: int | None, score: float | None, outcome: Outcome
) -> None:
    assert outcome_of(mmsi, score) is outcome
