"""Incidents: from the whistle to the last close, each authority its own part, nothing by chance."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import incident_life as life
from domain.errors import InvalidInput
from domain.events import canonical
from domain.incidents import Edit, Incident, IncidentState, Origin, Part, Spot, StaleIncident, Step

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
SPOT = Spot(120.85, 31.11, "310118", ("320583",), "gcj02", "120.8545,31.1078")


def put(**fields: object) -> Incident:
    made = Incident(
        incident_id=UUID(int=1),
        number="2026-0305-01",
        state=IncidentState.NEW,
        matter="spoil_dumping",
        title="淀西2161 出沪",
        summary="",
        origin=Origin.ALERT,
        reporter=None,
        mmsi=412942785,
        subject="淀西2161",
        spot=SPOT,
        began_at=NOW - timedelta(minutes=5),
        opened_at=NOW,
        opened_by="王一",
        opened_for="qp-env",
        changed_at=NOW,
        parts=(Part("qp-env", ("origin",)), Part("ks-env", ("place",)), Part("wj-env", ("route",))),
        revision=1,
    )
    return replace(made, **fields)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


ALL = frozenset({"qp-env", "ks-env", "wj-env"})


def test_each_authority_closes_its_own_part_and_the_last_one_the_incident() -> None:
    incident = life.told(put(), ALL, at(1)).incident
    assert incident.state is IncidentState.MUSTERING
    incident = life.arrived(incident, at(20))
    acted = life.advance(incident, 2, IncidentState.ACTED, "barge held", at(40))
    assert acted is not None
    states = [incident.state, acted.incident.state]
    incident = acted.incident
    for minute, authority in enumerate(("ks-env", "qp-env"), start=50):
        [step] = life.close_part(incident, authority, "done", "Li", at(minute))
        incident = step.incident
        states.append(incident.state)
    last, closed = life.close_part(incident, "wj-env", "", "Zhao", at(60))
    assert [last.kind, closed.kind] == ["incident.part_closed", "incident.closed"]
    assert closed.incident.closed_at == at(60)
    assert states == ["on_scene", "acted", "acted", "acted"]
    assert not closed.incident.open


def test_a_part_closed_twice_is_closed_once() -> None:
    [step] = life.close_part(put(), "ks-env", "done", "Li", at(1))
    assert life.close_part(step.incident, "ks-env", "again", "Wu", at(2)) == ()
    assert step.incident.part("ks-env") == Part("ks-env", ("place",), None, at(1), "Li", "done")


def test_who_was_told_stays_on_the_list() -> None:
    assert life.remove_part(put(), "wj-env", at(1)).incident.part("wj-env") is None
    told = life.told(put(), frozenset({"wj-env"}), at(1)).incident
    with pytest.raises(StaleIncident, match="was told already"):
        life.remove_part(told, "wj-env", at(2))
    again = life.told(told, ALL, at(3)).incident
    assert [again.parts[n].told_at for n in range(3)] == [at(3), at(3), at(1)]


def test_nobody_is_told_who_has_no_part() -> None:
    with pytest.raises(InvalidInput, match="js-env"):
        life.told(put(), ALL | {"js-env"}, at(1))
    added = life.add_part(put(), "js-env", ("next",), at(1)).incident
    assert life.told(added, frozenset({"js-env"}), at(2)).incident.parts[-1].told_at == at(2)
    with pytest.raises(StaleIncident):
        life.add_part(added, "js-env", ("next",), at(3))


def test_two_controllers_lose_nothing() -> None:
    seen = put()
    first = life.edit(seen, 1, Edit(title="two barges"), at(1))
    assert first is not None
    with pytest.raises(StaleIncident, match="changed meanwhile"):
        life.edit(first.incident, seen.revision, Edit(title="one barge"), at(2))
    assert life.edit(first.incident, 2, Edit(title="two barges"), at(2)) is None
    assert first.payload == {"changes": {"title": ["淀西2161 出沪", "two barges"]}}


def test_what_is_over_opens_again_for_a_reason_and_for_everybody() -> None:
    incident = life.told(put(), ALL, at(1)).incident
    for authority in sorted(ALL):
        *_, last = life.close_part(incident, authority, "", "Li", at(2))
        incident = last.incident
    with pytest.raises(InvalidInput):
        life.reopen(incident, incident.revision, " ", at(3))
    again = life.reopen(incident, incident.revision, "second load found", at(3)).incident
    assert (again.state, again.reopened, again.closed_at) == (IncidentState.MUSTERING, 1, None)
    assert not any(part.closed for part in again.parts)
    with pytest.raises(StaleIncident, match="nothing to open"):
        life.reopen(again, again.revision, "twice", at(4))


def test_a_retracted_incident_answers_to_nothing_but_opening_again() -> None:
    gone = life.retract(put(), 1, "wrong vessel", at(1)).incident
    assert (gone.state, gone.retraction) == (IncidentState.RETRACTED, "wrong vessel")
    for attempt in (
        lambda: life.told(gone, ALL, at(2)),
        lambda: life.close_part(gone, "ks-env", "", "Li", at(2)),
        lambda: life.add_part(gone, "js-env", (), at(2)),
        lambda: life.edit(gone, gone.revision, Edit(title="x"), at(2)),
        lambda: life.merge(gone, put(incident_id=UUID(int=2)), at(2)),
    ):
        with pytest.raises(StaleIncident, match="retracted"):
            attempt()
    assert life.reopen(gone, gone.revision, "it was", at(3)).incident.state is IncidentState.NEW


def test_of_two_that_are_one_nothing_is_lost() -> None:
    mine = life.told(put(alerts=(UUID(int=11),)), frozenset({"wj-env"}), at(1)).incident
    other = put(
        incident_id=UUID(int=2),
        alerts=(UUID(int=12),),
        parts=(Part("wj-env", ("place",)), Part("js-env", ("next",))),
    )
    gone, joined = life.merge(mine, other, at(2))
    assert (gone.incident.state, gone.incident.merged_into) == (IncidentState.MERGED, UUID(int=2))
    kept = joined.incident
    assert {part.authority_id for part in kept.parts} == {*ALL, "js-env"}
    told = kept.part("wj-env")
    assert told is not None
    assert told.told_at == at(1)
    assert kept.alerts == (UUID(int=12), UUID(int=11))
    assert kept.state is IncidentState.MUSTERING
    with pytest.raises(InvalidInput):
        life.merge(put(), put(), at(3))


def test_a_link_is_told_once() -> None:
    linked = life.link(put(), UUID(int=2), at(1))
    assert linked is not None
    assert life.link(linked.incident, UUID(int=2), at(2)) is None
    with pytest.raises(InvalidInput):
        life.link(put(), UUID(int=1), at(1))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"summary": "x" * 2001}, "summary"),
        ({"summary": "a\x1b[2J"}, "summary"),
        ({"began_at": at(1)}, "began_at"),
    ],
)
def test_what_cannot_be_opened(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        life.opened(put(**fields))
    assert refused.value.field == field


def test_the_first_event_says_what_was_known() -> None:
    step = life.opened(put(alerts=(UUID(int=11),)))
    said = canonical(step.payload).decode()
    assert '"said":"120.8545,31.1078"' in said
    assert '"parts":{"ks-env":["place"]' in said
    assert step.incident.revision == 1


MOVES = ("told", "arrived", "acted", "handed_over", "close", "retract", "reopen", "add")


@given(st.lists(st.tuples(st.sampled_from(MOVES), st.sampled_from(sorted(ALL))), max_size=20))
def test_whatever_is_done_the_rules_hold(moves: list[tuple[str, str]]) -> None:
    incident = put()
    for minute, (move, who) in enumerate(moves):
        try:
            steps = _moved(incident, move, who, at(minute))
        except (StaleIncident, InvalidInput):
            continue
        for step in steps:
            assert step.incident.revision >= incident.revision
            canonical(step.payload)
            incident = step.incident
        closed = all(part.closed for part in incident.parts)
        assert (incident.state is IncidentState.CLOSED) <= closed
        assert (incident.closed_at is not None) == (incident.state is IncidentState.CLOSED)
        assert (incident.retraction is not None) == (incident.state is IncidentState.RETRACTED)
        assert {part.authority_id for part in incident.parts} >= ALL


def _moved(incident: Incident, move: str, who: str, now: datetime) -> list[Step]:
    seen = incident.revision
    to = IncidentState(move) if move in {"acted", "handed_over"} else IncidentState.ACTED
    moves: dict[str, Callable[[], Iterable[Step | None]]] = {
        "told": lambda: [life.told(incident, frozenset({who}), now)],
        "arrived": lambda: [Step(life.arrived(incident, now), "", {})] if incident.open else [],
        "acted": lambda: [life.advance(incident, seen, to, "done", now)],
        "handed_over": lambda: [life.advance(incident, seen, to, "done", now)],
        "close": lambda: life.close_part(incident, who, "done", "Li", now),
        "retract": lambda: [life.retract(incident, seen, "none", now)],
        "reopen": lambda: [life.reopen(incident, seen, "again", now)],
        "add": lambda: [life.add_part(incident, f"x-{now:%M}", (), now)],
    }
    return [step for step in moves[move]() if step is not None]
