"""The life of an alert by property: whatever comes in whatever order, its promises hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert_life import (
    Alert,
    AlertAction,
    AlertState,
    StaleAlert,
    Step,
    Suspicion,
    handle,
    meet,
    retract,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GROUNDS = ("no_paper", "no_ais")
SUPPORTS = ("laden", "spoil_carrier", "earlier_cases")


@st.composite
def suspicions(draw: st.DrawFn) -> Suspicion:
    rules = [draw(st.sampled_from(GROUNDS)), *draw(st.sets(st.sampled_from(SUPPORTS)))]
    score = 30 + 15 * len(rules)
    began = NOON + draw(st.integers(0, 30)) * MINUTE
    return Suspicion(
        behaviour="mmsi:413000001/leave:310118/2026-11-20T12",
        rule_set="2026-1",
        source_kind="reading",
        source_id="x",
        mmsi=413_000_001,
        subject=None,
        score=score,
        level="high" if score >= 70 else "medium" if score >= 40 else "low",
        reasons=tuple({"rule": r, "weight": 15, "facts": {}, "evidence": []} for r in rules),
        lon=120.85,
        lat=31.1,
        adcode="310118",
        border_adcodes=(),
        began_at=began,
        last_at=began + draw(st.integers(0, 30)) * MINUTE,
    )


deeds = st.one_of(suspicions(), st.sampled_from(AlertAction), st.just("retract"))


def done(alert: Alert | None, deed: Suspicion | AlertAction | str, now: datetime) -> Step | None:
    """What becomes of the alert, if the deed is possible at all."""
    if isinstance(deed, Suspicion):
        return meet(alert, deed, now)
    if alert is None:
        return None
    if not isinstance(deed, AlertAction):
        return retract(alert, "paper_found", now)
    try:
        until = alert.last_at + 20 * MINUTE
        return handle(alert, alert.state, deed, "Zhou", now, note="why", silence_until=until)
    except StaleAlert:
        return None


@given(st.lists(deeds, max_size=12))
def test_whatever_happens_the_promises_hold(happened: list[Suspicion | AlertAction | str]) -> None:
    alert: Alert | None = None
    for minute, deed in enumerate(happened):
        now = NOON + minute * MINUTE
        step = done(alert, deed, now)
        if step is None:
            continue
        before, alert = alert, step.alert
        assert alert.changed_at == now
        assert (alert.state is AlertState.RETRACTED) == (alert.retracted_at is not None)
        assert (alert.retracted_at is None) == (alert.retraction is None)
        said = alert.silence_owner, alert.silence_reason, alert.silence_until
        assert len({one is None for one in said}) == 1
        assert alert.began_at <= alert.last_at
        if before is None:
            continue
        assert (alert.alert_id, alert.raised_at) == (before.alert_id, before.raised_at)
        again = step.kind == "alert.reopened"
        assert again or alert.score >= before.score, "a score never falls by itself"
        assert alert.reopened == before.reopened + again
        if isinstance(deed, Suspicion):
            assert alert.state is not AlertState.SEEN or before.state is AlertState.SEEN
            assert alert.state is AlertState.VALIDATED or before.state is not AlertState.VALIDATED


@given(suspicions(), suspicions())
def test_found_twice_it_says_nothing_new(first: Suspicion, second: Suspicion) -> None:
    raised = meet(None, first, NOON)
    assert raised is not None
    step = meet(raised.alert, second, NOON) or raised
    assert meet(step.alert, second, NOON) is None or step.alert.score < second.score


@given(suspicions())
def test_what_a_person_rejected_stays_so_without_anything_new(found: Suspicion) -> None:
    raised = meet(None, found, NOON)
    assert raised is not None
    rejected = handle(
        raised.alert, AlertState.NEW, AlertAction.REJECT, "Zhou", NOON, note="seen by eye"
    ).alert
    later = replace(found, last_at=found.last_at + 300 * MINUTE)
    assert meet(rejected, later, NOON) is None
    with pytest.raises(StaleAlert):
        handle(rejected, AlertState.NEW, AlertAction.VALIDATE, "Li", NOON)
