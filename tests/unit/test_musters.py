"""The muster: what each answer does to a call, and where an authority stands by its own calls."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.musters import (
    Answer,
    AnswerRefused,
    Call,
    CallRole,
    CallState,
    Said,
    answered,
)
from domain.turnout import Standing, turnout

CALLED = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
INCIDENT = UUID(int=1)
CALL = Call(UUID(int=2), INCIDENT, "ks-env", "ks-01", "Gu Wen", CallRole.DUTY, 0, CALLED)


def at(minutes: float) -> datetime:
    return CALLED + timedelta(minutes=minutes)


def say(call: Call, answer: Answer, minutes: float, **rest: object) -> Call:
    said = replace(Said(answer, at(minutes)), **rest)
    return answered(call, said, at(minutes)) or call


def test_the_way_to_the_scene() -> None:
    states = [CALL.state]
    call = replace(CALL, accepted_at=at(0.1))
    states.append(call.state)
    for minutes, answer in enumerate(
        [Answer.SEEN, Answer.ACKNOWLEDGED, Answer.ON_THE_WAY, Answer.ON_SCENE], start=1
    ):
        call = say(call, answer, minutes)
        states.append(call.state)
    assert states == ["queued", "accepted", "seen", "acknowledged", "on_the_way", "on_scene"]
    assert call.delay(CallState.ACKNOWLEDGED) == timedelta(minutes=2)
    assert call.delay(CallState.ON_SCENE) == timedelta(minutes=4)
    assert call.revision == 4


@pytest.mark.parametrize("answer", [Answer.ON_THE_WAY, Answer.ON_SCENE])
def test_who_comes_has_acknowledged(answer: Answer) -> None:
    call = say(CALL, answer, 3)
    assert (call.seen_at, call.acknowledged_at) == (at(3), at(3))
    assert not call.open


def test_the_first_time_of_a_state_stands() -> None:
    call = say(say(CALL, Answer.ON_THE_WAY, 3, eta=at(20)), Answer.ON_THE_WAY, 5, eta=at(30))
    assert (call.on_the_way_at, call.eta) == (at(3), at(30))
    assert answered(call, Said(Answer.ACKNOWLEDGED, at(6)), at(6)) is None


def test_who_declined_may_come_after_all_and_the_other_way_round() -> None:
    declined = say(CALL, Answer.DECLINED, 1, reason="on another case")
    assert (declined.state, declined.reason, declined.open) == (
        CallState.DECLINED,
        "on another case",
        False,
    )
    comes = say(declined, Answer.ACKNOWLEDGED, 4)
    assert (comes.state, comes.reason) == (CallState.ACKNOWLEDGED, None)
    stays = say(say(comes, Answer.ON_THE_WAY, 5), Answer.DECLINED, 6, reason="engine failed")
    assert (stays.state, stays.on_the_way_at, stays.eta) == (CallState.DECLINED, None, None)


def test_an_acknowledgement_taken_back_opens_the_call_again() -> None:
    back = say(say(CALL, Answer.ACKNOWLEDGED, 1), Answer.WITHDRAWN, 2, reason="pressed by mistake")
    assert back.open
    assert back.state is CallState.SEEN
    with pytest.raises(AnswerRefused):
        say(CALL, Answer.WITHDRAWN, 2, reason="nothing to take back")


def test_a_late_answer_counts_and_one_seen_as_it_was_not_does_not() -> None:
    escalated = replace(CALL, revision=3)
    assert say(escalated, Answer.ACKNOWLEDGED, 600).acknowledged_at == at(600)
    with pytest.raises(AnswerRefused):
        say(escalated, Answer.ACKNOWLEDGED, 5, expected=2, by="Li")
    assert say(escalated, Answer.ACKNOWLEDGED, 5, expected=3, by="Li").on_behalf_by == "Li"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said(Answer.DECLINED, at(1)), "reason"),
        (Said(Answer.DECLINED, at(1), reason="  "), "reason"),
        (Said(Answer.DECLINED, at(1), reason="x" * 301), "reason"),
        (Said(Answer.ON_THE_WAY, at(1), eta=at(0)), "eta"),
        (Said(Answer.ON_THE_WAY, at(1), eta=at(60 * 24 + 2)), "eta"),
        (Said(Answer.ACKNOWLEDGED, at(2)), "at"),
        (Said(Answer.ACKNOWLEDGED, at(-1)), "at"),
    ],
)
def test_what_cannot_be_said(said: Said, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        answered(CALL, said, at(1))
    assert refused.value.field == field


def test_what_failed_is_not_silent_for_ever() -> None:
    failed = replace(CALL, failure="no such group")
    assert failed.state is CallState.FAILED
    assert say(failed, Answer.ACKNOWLEDGED, 1).state is CallState.ACKNOWLEDGED


OTHER = replace(CALL, call_id=UUID(int=3), officer_id="ks-02", called_at=at(5), step=1)
FOREIGN = replace(CALL, call_id=UUID(int=4), authority_id="wj-env")


@pytest.mark.parametrize(
    ("calls", "standing"),
    [
        ([], Standing.NOT_TOLD),
        ([FOREIGN], Standing.NOT_TOLD),
        ([CALL], Standing.TOLD),
        ([replace(CALL, failure="refused")], Standing.UNREACHED),
        ([replace(CALL, failure="refused"), OTHER], Standing.TOLD),
        ([say(CALL, Answer.DECLINED, 1, reason="ill")], Standing.DECLINED),
        ([say(CALL, Answer.DECLINED, 1, reason="ill"), OTHER], Standing.TOLD),
        (
            [say(CALL, Answer.DECLINED, 1, reason="ill"), replace(OTHER, failure="refused")],
            Standing.DECLINED,
        ),
        ([say(CALL, Answer.SEEN, 1)], Standing.SEEN),
        ([CALL, say(OTHER, Answer.ACKNOWLEDGED, 7)], Standing.ACKNOWLEDGED),
        ([say(CALL, Answer.ON_SCENE, 6), OTHER], Standing.ON_SCENE),
        ([CALL, say(FOREIGN, Answer.ON_SCENE, 6)], Standing.TOLD),
    ],
)
def test_where_an_authority_stands(calls: list[Call], standing: Standing) -> None:
    assert turnout("ks-env", calls).standing is standing


def test_an_authority_is_told_once_and_answers_with_its_first() -> None:
    row = turnout("ks-env", [say(OTHER, Answer.ON_THE_WAY, 8, eta=at(30)), CALL])
    assert (row.told_at, row.acknowledged_at, row.eta) == (CALLED, at(8), at(30))
    assert not row.silent
    assert turnout("ks-env", [CALL]).silent


answers = st.lists(
    st.tuples(st.sampled_from(Answer), st.integers(0, 30), st.booleans()), max_size=12
)


@given(answers)
def test_no_order_of_answers_breaks_a_call(told: list[tuple[Answer, int, bool]]) -> None:
    call, minute = CALL, 0
    for answer, wait, with_eta in told:
        minute += wait
        said = Said(answer, at(minute), eta=at(minute + 5) if with_eta else None, reason="why")
        try:
            after = answered(call, said, at(minute))
        except AnswerRefused:
            assert answer is Answer.WITHDRAWN
            assert call.acknowledged_at is None
            continue
        if after is None:
            continue
        assert after.revision == call.revision + 1
        call = after
        if call.on_scene_at or call.on_the_way_at:
            assert call.acknowledged_at
        assert not (call.acknowledged_at and call.declined_at)
        assert call.open == (call.acknowledged_at is None and call.declined_at is None)
        assert (call.state is CallState.DECLINED) == (call.declined_at is not None)
