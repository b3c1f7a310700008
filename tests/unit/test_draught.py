from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.draught import (
    DEEPEST_M,
    LEAST_ERROR_M,
    Limits,
    Load,
    Measured,
    hull_limits,
    judge,
    load_at,
)

T = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

draughts = st.floats(0.01, DEEPEST_M)
errors = st.floats(0.0, 2.0)
lengths = st.floats(30.0, 68.0)


@pytest.mark.parametrize(
    ("length_m", "beam_m", "draught_m", "error_m", "load"),
    [
        # 500 t: light 0.6-0.9 m, laden 2.0-2.3 m
        (42.0, 8.3, 2.3, 0.1, "laden"),
        (42.0, 8.3, 2.0, 0.1, "laden"),
        (42.0, 8.3, 0.6, 0.1, "light"),
        (42.0, 8.3, 0.9, 0.1, "light"),
        (42.0, 8.3, 1.45, 0.05, "unsure"),  # half laden
        (42.0, 8.3, 2.0, 0.3, "unsure"),  # the sonar is too poor
        # 1000 t: light 0.7-1.1 m, laden 2.4-2.9 m
        (49.0, 10.3, 2.7, 0.1, "laden"),
        (49.0, 10.3, 2.4, 0.1, "laden"),
        (49.0, 10.3, 1.1, 0.1, "light"),
        (49.0, 10.3, 1.7, 0.1, "unsure"),
        # deep for 500 t, doubtful for 1000 t
        (42.0, 8.3, 1.9, 0.1, "laden"),
        (49.0, 10.3, 2.1, 0.1, "unsure"),
        # 1500 t
        (55.0, 10.6, 2.9, 0.1, "laden"),
        (55.0, 10.6, 1.0, 0.1, "light"),
        # between two classes it is unsure what either leaves unsure
        (45.5, 9.0, 1.9, 0.05, "unsure"),
        (45.5, 9.0, 2.4, 0.1, "laden"),
        # the beam decides when nobody measured the length
        (None, 8.3, 2.3, 0.1, "laden"),
        (None, 10.6, 2.3, 0.1, "unsure"),
        # no class, no answer
        (None, None, 2.7, 0.1, "unsure"),
        (12.0, 3.0, 2.7, 0.1, "unsure"),
        (819.0, 10.0, 2.7, 0.1, "unsure"),
    ],
)
def test_by_size_class(length_m, beam_m, draught_m, error_m, load):
    assert judge(draught_m, error_m, hull_limits(length_m, beam_m)).load == load


@pytest.mark.parametrize(
    ("draught_m", "error_m"),
    [
        (None, 0.1),
        (2.7, None),
        (-3.0, 0.1),
        (0.0, 0.0),
        (12.0, 0.1),
        (2.7, -0.1),
        (float("nan"), 0.1),
        (2.7, float("nan")),
        (2.7, float("inf")),
    ],
)
def test_what_was_not_measured_is_unsure(draught_m, error_m):
    assert judge(draught_m, error_m, hull_limits(49.0, 10.3)).load is Load.UNSURE


def test_the_hulls_own_draughts_go_before_its_class():
    assert hull_limits(49.0, 10.3, 1.0, 4.0) == Limits(2.0, 3.0)
    for light_m, laden_m in [(None, 2.6), (0.8, None), (2.6, 0.8), (0.8, 0.9), (-1.0, 2.6)]:
        assert hull_limits(49.0, 10.3, light_m, laden_m) == hull_limits(49.0, 10.3)


@given(draughts, errors, lengths)
def test_never_a_guess_near_the_threshold(draught_m, error_m, length_m):
    """Whatever true draught lies within two errors, the answer holds for it too."""
    limits = hull_limits(length_m, None)
    verdict = judge(draught_m, error_m, limits)
    assert limits is not None
    low, high = draught_m - 2 * error_m, draught_m + 2 * error_m
    if verdict.load is Load.LADEN:
        assert low > limits.laden_m
    elif verdict.load is Load.LIGHT:
        assert high < limits.light_m
    if limits.light_m <= draught_m <= limits.laden_m:
        assert verdict.load is Load.UNSURE
    assert (verdict.margin_m > 0) == (verdict.load is not Load.UNSURE)


@given(lengths, st.floats(0.0, 1.0), st.floats(-1.0, 1.0))
def test_at_the_edge_of_the_band_it_cannot_tell(length_m, error_m, share):
    limits = hull_limits(length_m, None)
    assert limits is not None
    doubt_m = 2 * max(error_m, LEAST_ERROR_M)
    for edge_m in (limits.light_m, limits.laden_m):
        near_m = edge_m + share * doubt_m * 0.999
        assert judge(near_m, error_m, limits).load is Load.UNSURE


@given(draughts, errors, errors, lengths)
def test_a_poorer_sensor_never_makes_certain(draught_m, error_m, more_m, length_m):
    limits = hull_limits(length_m, None)
    poorer = judge(draught_m, error_m + more_m, limits).load
    assert poorer in {judge(draught_m, error_m, limits).load, Load.UNSURE}


@given(draughts, st.floats(0.0, 4.0), errors, lengths)
def test_deeper_is_never_lighter(draught_m, more_m, error_m, length_m):
    order = [Load.LIGHT, Load.UNSURE, Load.LADEN]
    limits = hull_limits(length_m, None)
    deeper_m = min(draught_m + more_m, DEEPEST_M)
    first, second = (judge(d, error_m, limits).load for d in (draught_m, deeper_m))
    assert order.index(first) <= order.index(second)


@given(st.floats(20.0, 80.0), st.floats(20.0, 80.0))
def test_a_longer_hull_draws_no_less(a, b):
    small, large = (hull_limits(length_m, None) for length_m in sorted((a, b)))
    if small and large:
        assert small.light_m < small.laden_m
        assert small.light_m <= large.light_m
        assert small.laden_m <= large.laden_m


def measured(minutes: float, draught_m: float, error_m: float = 0.1) -> Measured:
    verdict = judge(draught_m, error_m, hull_limits(49.0, 10.3))
    at = T + timedelta(minutes=minutes)
    return Measured(f"r{minutes}", at, draught_m, error_m, verdict)


@pytest.mark.parametrize(
    ("history", "found"),
    [
        ([], None),
        ([(-30, 2.7)], "laden"),
        ([(-30, 1.7)], None),
        ([(-30, 2.7), (-20, 1.7)], "laden"),  # a doubtful one changes nothing
        ([(-60, 2.7), (-20, 0.9)], "light"),  # unloaded meanwhile
        ([(-20, 0.9), (-60, 2.7)], "light"),  # in whatever order they came
        ([(-25, 2.7), (-20, 0.9)], None),  # nobody unloads in five minutes
        ([(-13 * 60, 2.7)], None),  # too long ago
        ([(-30, 2.7), (10, 0.9)], "laden"),  # what comes later is not known yet
    ],
)
def test_what_a_history_says(history, found):
    load = load_at([measured(*row) for row in history], T)
    assert (load and load.verdict.load) == found
