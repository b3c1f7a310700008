"""Whose silence: a vessel's, a receiver's, or our own pipeline's; and never the wrong one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.silence import (
    COMPANY,
    GAP_LEAST,
    QUIET,
    Cause,
    Pipeline,
    Receiver,
    dead_since,
    proven,
    tell,
)

T0 = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
A, B = "ais/JINZE", "ais/ZHOUZHUANG"


def minute(n: float) -> datetime:
    return T0 + timedelta(minutes=n)


def heard(name: str, *spans: tuple[int, int], company: int = 9, every: int = 1) -> Receiver:
    """A receiver that heard others from minute to minute, both included."""
    minutes = {minute(n) for begin, end in spans for n in range(begin, end + 1, every)}
    return Receiver(name, frozenset(minutes), company)


WORKS = Pipeline(minute(29.9))
CASES = {
    "others are heard all the while": ([heard(A, (-9, 29))], WORKS, Cause.VESSEL, 0),
    "only those moored, every three minutes": (
        [heard(A, (-9, 29), every=3)], WORKS, Cause.VESSEL, 0,
    ),
    "the receiver died with it": ([heard(A, (-9, 0))], WORKS, Cause.RECEIVER, 1),
    "it died before a quarter of an hour": ([heard(A, (-9, 13))], WORKS, Cause.RECEIVER, 14),
    "it died after: so long it is proven": ([heard(A, (-9, 16))], WORKS, Cause.VESSEL, 0),
    "it was out for a while": ([heard(A, (-9, 5), (14, 29))], WORKS, Cause.VESSEL, 0),
    "it was out, and is back too short": ([heard(A, (-9, 5), (17, 29))], WORKS, Cause.UNSURE, 0),
    "the next receiver about is dead": (
        [heard(A, (-9, 29)), heard(B, (-9, 7))], WORKS, Cause.RECEIVER, 8,
    ),
    "both died at once": ([heard(A, (-9, 3)), heard(B, (-9, 3))], WORKS, Cause.PIPELINE, 4),
    "one after the other": ([heard(A, (-9, 3)), heard(B, (-9, 9))], WORKS, Cause.RECEIVER, 4),
    "nobody else about": ([heard(A, company=0)], WORKS, Cause.UNSURE, 0),
    "one other alone fell silent": ([heard(A, (-9, 2), company=1)], WORKS, Cause.UNSURE, 0),
    "no receiver is known": ([], WORKS, Cause.UNSURE, 0),
    "no sign of life of the ingest": (
        [heard(A, (-9, 3))], Pipeline(minute(4)), Cause.PIPELINE, 4,
    ),
    "cut off from its source": (
        [heard(A, (-9, 3))], Pipeline(minute(30), connected=False, last_at=minute(3)),
        Cause.PIPELINE, 3,
    ),
    "the ingest is behind": (
        [heard(A, (-9, 3))], Pipeline(minute(30), lag=timedelta(minutes=26)), Cause.PIPELINE, 4,
    ),
    "it was proven before the ingest died": (
        [heard(A, (-9, 20))], Pipeline(minute(21)), Cause.VESSEL, 0,
    ),
    "a feed that never was": ([heard(A, (-9, 3))], Pipeline(None), Cause.RECEIVER, 4),
}  # fmt: skip


@pytest.mark.parametrize("case", list(CASES))
def test_half_an_hour_of_silence(case: str) -> None:
    receivers, pipeline, cause, since = CASES[case]
    found = tell(T0, minute(30), A, receivers, pipeline)
    assert (found.cause, found.since) == (cause, minute(since))


def test_the_dead_receiver_is_named_its_own_before_a_neighbour() -> None:
    both = [heard(B, (-9, 2)), heard(A, (-9, 6))]
    assert tell(T0, minute(30), A, both, WORKS).receiver == A
    assert tell(T0, minute(30), A, [heard(A, (-9, 29)), both[0]], WORKS).receiver == B


receivers = st.builds(
    lambda name, minutes, company: Receiver(name, frozenset(map(minute, minutes)), company),
    st.sampled_from([A, B, "ais/PINGWANG"]),
    st.lists(st.integers(-60, 90)),
    st.integers(0, 40),
)
pipelines = st.none() | st.builds(
    Pipeline,
    st.none() | st.integers(-60, 90).map(minute),
    st.booleans(),
    st.none() | st.integers(-60, 90).map(minute),
    st.integers(0, 30).map(lambda n: timedelta(minutes=n)),
)
ages = st.integers(0, 90)


@given(st.lists(receivers, max_size=4), receivers, st.integers(-60, 14), ages, pipelines)
def test_no_vessel_is_called_dark_because_a_receiver_about_it_died(
    others: list[Receiver], one: Receiver, died: int, age: int, pipeline: Pipeline | None
) -> None:
    """Dead within a quarter of an hour of the last fix: whatever else is heard, wherever."""
    dead = Receiver(one.name, frozenset(m for m in one.minutes if m <= minute(died)), one.company)
    found = tell(T0, minute(age), A, [*others, dead], pipeline)
    assert found.cause is not Cause.VESSEL


@given(st.lists(receivers, max_size=4), ages, pipelines)
def test_a_silence_is_proved_only_by_those_who_were_heard(
    about: list[Receiver], age: int, pipeline: Pipeline | None
) -> None:
    found = tell(T0, minute(age), A, about, pipeline)
    if found.cause is Cause.VESSEL:
        assert about
        assert found.since == T0
        for one in about:
            heard_after = [m for m in one.minutes if T0 < m <= minute(age)]
            assert max(heard_after) - T0 >= GAP_LEAST
            assert len(heard_after) >= GAP_LEAST / QUIET - 1


@given(st.permutations([heard(A, (-9, 29)), heard(B, (-9, 7)), heard("c", (0, 9))]), ages)
def test_the_order_in_which_it_came_in_does_not_matter(about: list[Receiver], age: int) -> None:
    first = [heard(A, (-9, 29)), heard(B, (-9, 7)), heard("c", (0, 9))]
    assert tell(T0, minute(age), A, about, WORKS) == tell(T0, minute(age), A, first, WORKS)


@given(receivers, st.lists(st.integers(-60, 90)), ages)
def test_what_is_heard_later_of_others_never_shortens_a_proof(
    one: Receiver, late: list[int], age: int
) -> None:
    more = Receiver(one.name, one.minutes | set(map(minute, late)), one.company)
    assert proven(T0, minute(age), more) >= proven(T0, minute(age), one)


@given(receivers, ages)
def test_who_was_heard_in_the_last_minutes_is_not_dead(one: Receiver, age: int) -> None:
    died = dead_since(one, minute(age))
    if died is not None:
        assert one.company >= COMPANY
        assert not [m for m in one.minutes if minute(age) - QUIET <= m <= minute(age)]
