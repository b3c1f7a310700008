"""How the bench judges alerts against labels: right, wrong, missed, and how soon."""

import pytest

from bench.alert_score import VOYAGE_S, Deed, Told, deeds, score
from domain.alerts import Rule
from seed.suspicions import Suspicion

HOUR = 3600.0
WHOLE = 0.0, 100 * HOUR


def label(rule: Rule = Rule.NO_PAPER, start: float = HOUR, **said: object) -> Suspicion:
    known = {"mmsi": 1, "end": start, "lon": 120.9, "lat": 31.1, "measured_at": start - 60}
    return Suspicion(**({"rule": rule, "start": start} | known | said))


def told(at: float, rule: Rule = Rule.NO_PAPER, who: str = "mmsi:1", **said: object) -> Told:
    known = {"began": at - 30, "last": at - 30}
    return Told(**({"who": frozenset({who}), "grounds": {rule: at}} | known | said))


def test_an_alert_of_the_vessel_rule_and_time_is_right_and_its_delay_counts_from_the_fact():
    known = deeds([label(end=HOUR + 20)], 0)
    found = score([told(HOUR + 80)], known, WHOLE)
    assert (len(found.right), len(found.wrong), len(found.missed)) == (1, 0, 0)
    assert found.delays == (60.0,)
    assert (found.precision, found.recall) == (1.0, 1.0)


@pytest.mark.parametrize(
    "other",
    [
        told(HOUR, who="mmsi:2"),
        told(HOUR, Rule.LOITERING),
        told(5 * HOUR),
    ],
    ids=["another vessel", "another rule", "another time"],
)
def test_any_other_alert_is_wrong_and_the_deed_is_missed(other: Told):
    found = score([other], deeds([label()], 0), WHOLE)
    assert (len(found.right), len(found.wrong)) == (0, 1)
    assert (found.precision, found.recall) == (0.0, 0.0)


def test_one_voyage_over_several_borders_is_one_deed_known_from_the_first_of_them():
    labels = [label(start=HOUR), label(start=HOUR + VOYAGE_S), label(start=9 * HOUR)]
    known = deeds(labels, 0)
    assert [(one.start, one.known_at) for one in known] == [(HOUR, HOUR), (9 * HOUR, 9 * HOUR)]
    assert known[0].end == HOUR + VOYAGE_S


def test_who_was_measured_after_the_border_is_known_to_be_laden_only_then():
    assert deeds([label(measured_at=HOUR + 600)], 0)[0].known_at == HOUR + 600


@pytest.mark.parametrize("measured_at", [None, 10.0], ids=["never", "before the data"])
def test_who_was_not_measured_is_missed_by_nobody_and_an_alert_of_it_is_right(measured_at):
    known = deeds([label(measured_at=measured_at)], data_from=20.0)
    assert known[0].known_at is None
    assert score([], known, WHOLE).recall is None
    assert score([told(HOUR)], known, WHOLE).precision == 1.0


def test_grazing_is_no_deed_so_an_alert_of_it_is_wrong():
    assert deeds([label(grazing=True)], 0) == []
    assert len(score([told(HOUR)], [], WHOLE).wrong) == 1


def test_a_silence_is_a_fact_after_a_quarter_of_an_hour_and_a_stop_after_its_least_time():
    rules = Rule.SILENT_IN_BORDER_WATER, Rule.LOITERING, Rule.NIGHT_STOP
    minutes = [(deeds([label(rule)], 0)[0].known_at or 0.0) / 60 - 60 for rule in rules]
    assert minutes == [15, 40, 30]


def test_a_hull_without_number_is_known_by_any_reading_that_the_alert_cites():
    hidden = label(Rule.NO_AIS, mmsi=None, key="b")
    alert = Told(frozenset({"key:a", "key:b"}), {Rule.NO_AIS: HOUR + 50}, HOUR - 30, HOUR)
    found = score([alert], deeds([hidden], 0), WHOLE)
    assert (len(found.right), found.delays) == (1, (50.0,))


def test_the_gates_that_one_hidden_hull_passes_are_one_deed():
    labels = [
        label(Rule.NO_AIS, start=HOUR + n * 600, mmsi=None, key=key) for n, key in enumerate("abx")
    ]
    known = deeds(labels, 0, {"a": "hull 7", "b": "hull 7", "x": "hull 8"})
    assert [one.who for one in known] == [{"key:a", "key:b"}, {"key:x"}]
    alert = Told(frozenset({"key:b"}), {Rule.NO_AIS: HOUR + 650}, HOUR + 600, HOUR + 600)
    found = score([alert], known, WHOLE)
    assert (found.delays, len(found.missed)) == ((650.0,), 1)


def test_two_grounds_are_judged_apart_and_one_that_is_right_makes_the_alert_right():
    both = told(HOUR + 60, grounds={Rule.NO_PAPER: HOUR + 60, Rule.LOITERING: HOUR + 90})
    known = deeds([label()], 0)
    assert len(score([both], known, WHOLE).right) == 1
    assert len(score([both], known, WHOLE, Rule.NO_PAPER).right) == 1
    assert len(score([both], known, WHOLE, Rule.LOITERING).wrong) == 1


def test_what_was_told_before_it_was_certain_took_no_time():
    assert score([told(HOUR - 100)], deeds([label()], 0), WHOLE).delays == (0.0,)


def test_only_what_is_told_or_known_within_the_stretch_counts():
    known = [
        Deed(frozenset({"mmsi:1"}), Rule.NO_PAPER, 0, 0, 50.0),
        Deed(frozenset({"mmsi:2"}), Rule.NO_PAPER, 0, 0, 150.0),
    ]
    found = score([told(50.0), told(150.0, who="mmsi:2")], known, (100.0, 200.0))
    assert [one.who for one in found.found] == [{"mmsi:2"}]
    assert len(found.right) == 1
