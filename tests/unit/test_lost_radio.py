"""A hull that no track explains, and the vessels whose radio had failed just then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lost_radio import (
    FAILS_FOR,
    FASTEST_MPS,
    STRAY_M,
    LastHeard,
    Taken,
    explaining,
    explains,
    passed_by,
)

T = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
NOW = T + timedelta(minutes=3)
MINUTE = timedelta(minutes=1)
# 20 minutes ago, 3 km away, at 5 kn: it would be there by now
NEAR = LastHeard(413_000_001, T - 20 * MINUTE, 3000.0, 5.0, 42.0, ("青货1204", "QING HUO 1204"))


def back(minutes: float, away_m: float) -> LastHeard:
    return replace(NEAR, next_at=T + minutes * MINUTE, next_away_m=away_m)


CASES = {
    "silent, on its way, of the size": (NEAR, 42.6, None, True),
    "the name misread in a digit": (NEAR, 42.6, "青货1264", True),
    "another name": (NEAR, 42.6, "浙运7731", False),
    "another size": (NEAR, 48.0, None, False),
    "its size is not known": (replace(NEAR, length_m=None), 42.6, None, False),
    "the hull's size is not known": (NEAR, None, None, False),
    "too far away to be there": (replace(NEAR, away_m=6000.0), 42.6, None, False),
    "it would still be on its way": (replace(NEAR, away_m=100.0), 42.6, None, False),
    "it lay still close by": (replace(NEAR, away_m=100.0, sog_kn=0.1), 42.6, None, True),
    "heard a minute before": (replace(NEAR, at=T - MINUTE, away_m=200.0), 42.6, None, False),
    "silent for hours": (replace(NEAR, at=T - 2 * FAILS_FOR), 42.6, None, False),
    "heard again beyond": (back(10, 2000.0), 42.6, None, True),
    "heard again at the gate just after": (back(1, 100.0), 42.6, None, False),
    "heard again where it cannot have come to": (back(10, 9000.0), 42.6, None, False),
}


@pytest.mark.parametrize("case", list(CASES))
def test_who_may_have_been_the_hull(case: str) -> None:
    heard, length_m, plate, expected = CASES[case]
    now = max(NOW, heard.next_at or NOW)
    assert explains(heard, T, length_m, plate, now) is expected


def test_one_that_is_not_heard_again_within_the_hour_explains_nothing_any_more() -> None:
    assert explains(NEAR, T, 42.0, None, T + 40 * MINUTE)
    assert not explains(NEAR, T, 42.0, None, T + 50 * MINUTE)


heard = st.builds(
    LastHeard,
    st.integers(1, 9),
    st.integers(0, 5000).map(lambda s: T - timedelta(seconds=s)),
    st.floats(0, 20_000),
    st.none() | st.floats(0, 12),
    st.none() | st.floats(20, 70),
)


@given(st.lists(heard, max_size=6), st.floats(20, 70), st.randoms())
def test_the_order_in_which_vessels_come_does_not_matter(
    vessels: list[LastHeard], length_m: float, random: object
) -> None:
    mixed = list(vessels)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert set(explaining(mixed, T, length_m, None, NOW)) == set(
        explaining(vessels, T, length_m, None, NOW)
    )


@given(heard, st.floats(20, 70), st.floats(1, 3600))
def test_nobody_explains_who_would_have_had_to_sail_faster_than_barges_do(
    vessel: LastHeard, length_m: float, sooner_s: float
) -> None:
    """Moved away by more than it could make up, no vessel is an excuse."""
    far_m = STRAY_M + FASTEST_MPS * (T - vessel.at).total_seconds() + sooner_s
    assert not explains(replace(vessel, away_m=far_m), T, length_m, None, NOW)


def test_fixes_taken_there_and_then_are_of_the_hull() -> None:
    at_gate = Taken(1, 300.0, 20.0)
    assert passed_by([at_gate, Taken(2, 2000.0, 60.0), at_gate]) == [1]
    assert passed_by([Taken(2, 800.0, -100.0)]) == [2]
    assert passed_by([]) == []
