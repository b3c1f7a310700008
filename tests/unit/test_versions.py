"""Versions on two axes: whatever is edited, the past of both axes answers as it did."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.versions import Amendment, Version, amended, edited

START = datetime(2026, 1, 1, tzinfo=UTC)
Pair = tuple[int, int]
"""Two fields, so that one can be edited without the other."""


def day(n: float) -> datetime:
    return START + timedelta(days=n)


class Register:
    """One entry of a register, as the store would keep it."""

    def __init__(self) -> None:
        self.versions: list[Version[Pair]] = []

    def known(self) -> list[Version[Pair]]:
        held = [one for one in self.versions if one.recorded_to is None]
        return sorted(held, key=lambda one: one.valid_from)

    def apply(self, change: Amendment[Pair]) -> None:
        assert all(one in self.known() for one in change.closed)
        assert all(one.recorded_from == change.at for one in change.added)
        assert all(one.recorded_from < change.at for one in change.closed)
        assert all(one.valid_to is None or one.valid_from < one.valid_to for one in change.added)
        self.versions = [
            replace(one, recorded_to=change.at) if one in change.closed else one
            for one in self.versions
        ] + list(change.added)

    def at(self, valid: datetime, known: datetime) -> Pair | None:
        found = [
            one.content
            for one in self.versions
            if one.holds(valid)
            and one.recorded_from <= known
            and (one.recorded_to is None or known < one.recorded_to)
        ]
        assert len(found) <= 1, "two versions speak of one moment"
        return found[0] if found else None


steps = st.lists(
    st.tuples(st.sampled_from(["put", "end", "edit"]), st.integers(0, 9), st.integers(0, 3)),
    max_size=8,
)


@settings(deadline=None)
@given(steps)
def test_the_past_of_both_axes_stands(edits: list[tuple[str, int, int]]) -> None:
    register = Register()
    days = [day(n / 2) for n in range(-1, 21)]
    for number, (what, since, value) in enumerate(edits):
        now, valid_from = day(number), day(since)
        before = [[register.at(v, k) for k in days if k < now] for v in days]
        said = {v: register.at(v, now) for v in days}
        if what == "edit":
            change = edited(register.known(), lambda pair, to=value: (to, pair[1]), valid_from, now)
        else:
            content = None if what == "end" else (value, number)
            change = amended(register.known(), content, valid_from, now)
        register.apply(change)
        assert [[register.at(v, k) for k in days if k < now] for v in days] == before
        for valid in days:
            is_now = register.at(valid, change.at)
            if valid < valid_from:
                assert is_now == said[valid]
            elif what == "edit":
                assert is_now == (None if (was := said[valid]) is None else (value, was[1]))
            else:
                assert is_now == (None if what == "end" else (value, number))
        if change.nothing:
            assert all(register.at(v, now) == said[v] for v in days)


@settings(deadline=None)
@given(steps, st.integers(0, 9))
def test_the_same_again_changes_nothing(edits: list[tuple[str, int, int]], since: int) -> None:
    register = Register()
    for number, (_, start, value) in enumerate(edits):
        register.apply(amended(register.known(), (value, 0), day(start), day(number)))
    register.apply(amended(register.known(), (9, 9), day(since), day(20)))
    assert amended(register.known(), (9, 9), day(since), day(21)).nothing
    assert amended(register.known(), (9, 9), day(since + 1), day(21)).nothing
    assert edited(register.known(), lambda pair: (9, pair[1]), day(since), day(21)).nothing
    register.apply(amended(register.known(), None, day(since), day(22)))
    assert amended(register.known(), None, day(since), day(23)).nothing


def test_a_clock_that_stands_still_makes_no_version_without_time() -> None:
    register = Register()
    for value in range(3):
        register.apply(amended(register.known(), (value, 0), day(0), day(1)))
    assert [one.recorded_from for one in register.versions] == [
        day(1) + timedelta(microseconds=n) for n in range(3)
    ]
