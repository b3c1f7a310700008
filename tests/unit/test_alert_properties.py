"""What holds of an assessment whatever the facts are."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert_findings import is_night, night_between
from domain.alert_rules import GROUNDS, RAISE_AT, assess, level_of
from domain.alerts import (
    AisGap,
    EarlierCase,
    Evidence,
    Facts,
    Leaving,
    Paper,
    Rule,
    Stop,
    Subject,
    Unmatched,
    reasons_from_json,
    reasons_to_json,
)
from domain.draught import Measured, hull_limits, judge
from domain.silence import Cause

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BARGE = Subject(mmsi=413000917)
LADEN, LIGHT, UNSURE = (
    Measured("r1", NOON, draught_m, 0.1, judge(draught_m, 0.1, hull_limits(49.0, 10.3)))
    for draught_m in (2.7, 0.9, 1.7)
)


@pytest.mark.parametrize(
    ("hour", "minute", "night"),
    [(13, 59, False), (14, 0, True), (20, 59, True), (21, 0, False), (4, 0, False)],
)
def test_night_is_22_to_5_in_shanghai(hour, minute, night):
    assert is_night(datetime(2026, 11, 23, hour, minute, tzinfo=UTC)) is night


minutes_of_a_year = st.integers(0, 365 * 1440)
moments = minutes_of_a_year.map(lambda n: NOON + n * MINUTE)


@given(moments, st.integers(0, 60 * 60))
def test_night_between(since, minutes):
    until = since + minutes * MINUTE
    counted = sum(is_night(since + n * MINUTE) for n in range(minutes))
    assert night_between(since, until) == counted * MINUTE


# ---- whatever the facts

adcodes = st.sampled_from(["310118", "320509", "330421", "310117", "outside"])
spans = st.tuples(moments, st.integers(0, 600))
evidence = st.builds(Evidence, st.just("fix"), st.just("413000917@t"), moments)
facts_of_all_kinds = st.builds(
    Facts,
    st.just(BARGE),
    moments,
    spoil_carrier=st.sampled_from([True, False, None]),
    load=st.sampled_from([LADEN, LIGHT, UNSURE, None]),
    leaving=st.none()
    | st.builds(
        Leaving,
        adcodes,
        adcodes,
        moments,
        st.sampled_from(["crossing", "gate", "border_water"]),
        grazing=st.booleans(),
    ),
    paper=st.none()
    | st.builds(Paper, st.sampled_from(["approved", "filed", "none"]), used_up=st.booleans()),
    unmatched=st.none()
    | st.builds(
        Unmatched,
        st.just("gate-1"),
        st.just("r1"),
        moments,
        st.booleans(),
        st.none() | st.floats(5, 90),
    ),
    gap=st.none()
    | st.builds(
        lambda span, where, under_way, cause: AisGap(
            span[0], span[0] + span[1] * MINUTE, tuple(where), under_way, cause
        ),
        spans,
        st.lists(adcodes, max_size=3, unique=True),
        st.booleans(),
        st.sampled_from(list(Cause)),
    ),
    stop=st.none()
    | st.builds(
        lambda span, at_wharf: Stop(span[0], span[0] + span[1] * MINUTE, at_wharf, "320509"),
        spans,
        st.booleans(),
    ),
    earlier=st.lists(st.builds(EarlierCase, st.just("a1"), moments), max_size=3).map(tuple),
    source_minutes=st.none() | st.floats(0, 400),
    entering_zhejiang=st.none() | evidence,
)


@given(facts_of_all_kinds)
def test_a_score_is_the_sum_of_its_reasons(facts):
    found = assess(facts)
    if found is None:
        return
    assert found.score == min(sum(reason.weight for reason in found.reasons), 100)
    assert RAISE_AT <= found.score <= 100
    assert found.level == level_of(found.score)
    assert GROUNDS & {reason.rule for reason in found.reasons}
    assert len({reason.rule for reason in found.reasons}) == len(found.reasons)
    assert found.began_at <= found.last_at
    assert assess(facts) == found
    stored = json.loads(json.dumps(reasons_to_json(found.reasons)))
    assert reasons_from_json(stored) == found.reasons


@given(facts_of_all_kinds)
def test_what_is_unknown_never_counts_against_a_vessel(facts):
    known = assess(facts)
    for name in ("spoil_carrier", "leaving", "unmatched", "gap", "stop", "source_minutes"):
        less = assess(replace(facts, **{name: None}))
        if less is not None:
            assert known is not None
            assert less.score <= known.score


@given(facts_of_all_kinds)
def test_unsure_is_never_laden(facts):
    for load, grounds in {
        UNSURE: {Rule.NO_AIS, Rule.SILENT_IN_BORDER_WATER},
        LIGHT: {Rule.NO_AIS},
    }.items():
        found = assess(replace(facts, load=load))
        fired = {reason.rule for reason in found.reasons} if found else set()
        assert Rule.LADEN not in fired
        assert fired & GROUNDS <= grounds


@given(facts_of_all_kinds)
def test_papers_in_order_excuse_all_but_darkness(facts):
    found = assess(replace(facts, paper=Paper("approved")))
    fired = {reason.rule for reason in found.reasons} if found else set()
    assert fired & GROUNDS <= {Rule.NO_AIS}
