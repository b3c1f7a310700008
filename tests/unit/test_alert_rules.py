import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.alert_rules import (
    AGGRAVATION_AT_MOST,
    GROUNDS,
    RULE_SET,
    RULES,
    WEIGHTS,
    Kind,
    Weight,
    assess,
    level_of,
)
from domain.alerts import (
    Act,
    AisGap,
    EarlierCase,
    Evidence,
    Facts,
    Leaving,
    Level,
    Paper,
    Rule,
    Stop,
    Subject,
    Unmatched,
    paper_of,
    reasons_from_json,
    reasons_to_json,
)
from domain.draught import Measured, hull_limits, judge
from domain.permits import Missing, Permit, PermitCheck, permit_id_of
from domain.silence import Cause

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # 23:30
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BARGE = Subject(mmsi=413000917, name="QINGHUO0917")


def load(draught_m: float, at: datetime = NOON) -> Measured:
    verdict = judge(draught_m, 0.1, hull_limits(49.0, 10.3))
    return Measured("reading-1", at, draught_m, 0.1, verdict)


LADEN, LIGHT, UNSURE = load(2.7), load(0.9), load(1.7)
NONE = Paper("none", missing=("approval", "filing"))


def leaving(start="310118", to="320509", stage="gate", at=NOON, grazing=False) -> Leaving:
    return Leaving(start, to, at, stage, (Evidence("crossing", "c1", at),), grazing)


def gap(minutes=20, adcodes=("310118", "320509"), under_way=True, cause=Cause.VESSEL) -> AisGap:
    return AisGap(NOON - minutes * MINUTE, NOON, adcodes, under_way, cause)


def stop(since=NOON - HOUR, until=NOON, at_wharf=False) -> Stop:
    return Stop(since, until, at_wharf, "320509")


def dark(heard=True, length_m=45.0) -> Unmatched:
    return Unmatched("wujiang-1", "reading-1", NOON, heard, length_m)


SPOIL = Facts(BARGE, NOON, spoil_carrier=True, load=LADEN)
SMUGGLE = replace(SPOIL, leaving=leaving(), paper=NONE)


def rules(facts: Facts) -> set[str]:
    found = assess(facts)
    return {str(reason.rule) for reason in found.reasons} if found else set()


CASES = {
    # over the border
    "lead case, at the gate": (SMUGGLE, 75, "no_paper laden spoil_carrier"),
    "only in border water so far": (
        replace(SMUGGLE, leaving=leaving(stage="border_water")),
        60,
        "no_paper laden spoil_carrier",
    ),
    "approved": (replace(SMUGGLE, paper=Paper("approved")), None, ""),
    "filed": (replace(SMUGGLE, paper=Paper("filed")), None, ""),
    "the register could not be asked": (replace(SMUGGLE, paper=None), None, ""),
    "quantity used up": (
        replace(SMUGGLE, paper=Paper("none", used_up=True)),
        65,
        "quantity_used laden spoil_carrier",
    ),
    "light": (replace(SMUGGLE, load=LIGHT), None, ""),
    "cannot tell": (replace(SMUGGLE, load=UNSURE), None, ""),
    "never measured": (replace(SMUGGLE, load=None), None, ""),
    "carries something else": (replace(SMUGGLE, spoil_carrier=False), None, ""),
    "unknown hull": (replace(SMUGGLE, spoil_carrier=None), None, ""),
    "within the province": (replace(SMUGGLE, leaving=leaving(to="310117")), None, ""),
    "beyond all districts": (replace(SMUGGLE, leaving=leaving(to="outside")), None, ""),
    "grazing": (replace(SMUGGLE, leaving=leaving(stage="crossing", grazing=True)), None, ""),
    # without AIS
    "dark": (Facts(Subject(reading_id="r1"), NOON, unmatched=dark()), 35, "no_ais"),
    "dark and laden": (
        Facts(Subject(reading_id="r1"), NOON, unmatched=dark(), load=LADEN),
        50,
        "no_ais laden",
    ),
    "dark, laden, its plate on the register": (
        replace(SPOIL, unmatched=dark()),
        60,
        "no_ais laden spoil_carrier",
    ),
    "the receiver is down": (replace(SPOIL, unmatched=dark(heard=False)), None, ""),
    "too small for AIS": (replace(SPOIL, unmatched=dark(length_m=12.0)), None, ""),
    "dark over the border without paper": (
        replace(SMUGGLE, unmatched=dark()),
        100,
        "no_paper no_ais laden spoil_carrier",
    ),
    # silent
    "silent by the border": (
        replace(SPOIL, gap=gap()),
        50,
        "silent_in_border_water laden spoil_carrier",
    ),
    "silent, never measured, no paper": (
        replace(SPOIL, load=None, paper=NONE, gap=gap()),
        35,
        "silent_in_border_water spoil_carrier",
    ),
    "silent, never measured, not asked": (replace(SPOIL, load=None, gap=gap()), None, ""),
    "silent and light": (replace(SPOIL, load=LIGHT, paper=NONE, gap=gap()), None, ""),
    "silent with papers": (replace(SPOIL, paper=Paper("approved"), gap=gap()), None, ""),
    "silent for a moment": (replace(SPOIL, gap=gap(minutes=14)), None, ""),
    "moored and silent": (replace(SPOIL, gap=gap(under_way=False)), None, ""),
    "its receiver died": (replace(SPOIL, gap=gap(cause=Cause.RECEIVER)), None, ""),
    "our own pipeline is down": (replace(SPOIL, gap=gap(cause=Cause.PIPELINE)), None, ""),
    "nobody can tell whose silence": (replace(SPOIL, gap=gap(cause=Cause.UNSURE)), None, ""),
    "silent by an inner border": (replace(SPOIL, gap=gap(adcodes=("310118", "310117"))), None, ""),
    "silent in mid-district": (replace(SPOIL, gap=gap(adcodes=("310118",))), None, ""),
    # stopped
    "loitering": (replace(SPOIL, stop=stop()), 45, "loitering laden spoil_carrier"),
    "at its wharf": (replace(SPOIL, stop=stop(at_wharf=True)), None, ""),
    "a short stop": (replace(SPOIL, stop=stop(since=NOON - 39 * MINUTE)), None, ""),
    "light, moored": (replace(SPOIL, load=LIGHT, stop=stop()), None, ""),
    "resting with papers": (replace(SPOIL, paper=Paper("filed"), stop=stop()), None, ""),
    "night stop": (
        replace(SPOIL, at=NIGHT, stop=stop(NIGHT - 52 * MINUTE, NIGHT)),
        35,
        "night_stop laden spoil_carrier",
    ),
    "from the afternoon into the night": (
        replace(SPOIL, at=NIGHT, stop=stop(NIGHT - 3 * HOUR, NIGHT)),
        55,
        "loitering night_stop laden spoil_carrier",
    ),
    # what makes it worse
    "by night into Zhejiang": (
        replace(SMUGGLE, at=NIGHT, leaving=leaving(to="330421", at=NIGHT)),
        83,
        "no_paper laden spoil_carrier night_entry_zhejiang",
    ),
    "by day into Zhejiang": (
        replace(SMUGGLE, leaving=leaving(to="330421")),
        75,
        "no_paper laden spoil_carrier",
    ),
    "dark, seen entering Zhejiang by night": (
        Facts(
            Subject(reading_id="r1"),
            NIGHT,
            load=LADEN,
            unmatched=dark(),
            entering_zhejiang=Evidence("reading", "r1", NIGHT),
        ),
        58,
        "no_ais laden night_entry_zhejiang",
    ),
    "upstream, near": (
        replace(SMUGGLE, source_minutes=40.0),
        87,
        "no_paper laden spoil_carrier upstream_of_water_source",
    ),
    "upstream, far": (
        replace(SMUGGLE, source_minutes=150.0),
        81,
        "no_paper laden spoil_carrier upstream_of_water_source",
    ),
    "upstream, very far": (
        replace(SMUGGLE, source_minutes=181.0),
        75,
        "no_paper laden spoil_carrier",
    ),
    "one earlier case": (
        replace(SMUGGLE, earlier=(EarlierCase("a1", NOON - 90 * 24 * HOUR),)),
        83,
        "no_paper laden spoil_carrier earlier_cases",
    ),
    "long ago": (
        replace(SMUGGLE, earlier=(EarlierCase("a1", NOON - 800 * 24 * HOUR),)),
        75,
        "no_paper laden spoil_carrier",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_cases(case: str):
    facts, score, fired = CASES[case]
    found = assess(facts)
    assert rules(facts) == set(fired.split())
    assert (found and found.score) == score


def test_circumstances_alone_are_no_alert():
    everything_odd = Facts(
        BARGE,
        NIGHT,
        spoil_carrier=True,
        load=LADEN,
        earlier=(EarlierCase("a1", NOON - HOUR), EarlierCase("a2", NOON - HOUR)),
        source_minutes=5.0,
        entering_zhejiang=Evidence("reading", "r1", NIGHT),
    )
    assert assess(everything_odd) is None


def test_circumstances_lift_by_one_level_at_most():
    worse = {
        "earlier": (EarlierCase("a1", NOON - HOUR), EarlierCase("a2", NOON - HOUR)),
        "source_minutes": 5.0,
        "entering_zhejiang": Evidence("reading", "r1", NIGHT),
    }
    order = [Level.LOW, Level.MEDIUM, Level.HIGH]
    for facts, score, _ in CASES.values():
        found = assess(replace(facts, **worse))
        if score is None:
            assert found is None
        else:
            assert score <= found.score <= score + AGGRAVATION_AT_MOST
            assert order.index(found.level) - order.index(level_of(score)) <= 1


@pytest.mark.parametrize(
    ("score", "level"), [(100, "high"), (70, "high"), (69, "medium"), (40, "medium"), (39, "low")]
)
def test_levels(score, level):
    assert level_of(score) == level


def test_the_table_of_weights():
    assert set(WEIGHTS) == set(RULES) == set(Rule)
    assert all(0 < weight.part <= weight.full for weight in WEIGHTS.values())
    kinds = {rule: kind for rule, (kind, _) in RULES.items()}
    assert {rule for rule, kind in kinds.items() if kind is Kind.GROUND} == GROUNDS
    assert {"laden", "spoil_carrier"} == {r for r, kind in kinds.items() if kind is Kind.SUPPORT}


def test_a_weight_of_nothing_switches_a_rule_off():
    own = {**WEIGHTS, Rule.NO_PAPER: Weight(0, 0)}
    assert assess(SMUGGLE, own, "own-1") is None
    found = assess(replace(SMUGGLE, unmatched=dark()), own, "own-1")
    assert found is not None
    assert (found.score, found.act, found.rule_set) == (60, Act.NO_AIS, "own-1")


@pytest.mark.parametrize(
    ("facts", "behaviour"),
    [
        (SMUGGLE, "mmsi:413000917/leave:310118/2026-11-23T04"),
        (replace(SPOIL, unmatched=dark()), "mmsi:413000917/no_ais:wujiang-1/2026-11-23T04"),
        (replace(SPOIL, gap=gap()), "mmsi:413000917/silent:310118/2026-11-23T03"),
        (replace(SPOIL, stop=stop()), "mmsi:413000917/stop:320509/2026-11-23T03"),
        (
            Facts(Subject(plate="嘉/货311"), NOON, unmatched=dark()),
            "plate:嘉-货311/no_ais:wujiang-1/2026-11-23T04",
        ),
        (
            Facts(Subject(reading_id="r1"), NOON, unmatched=dark()),
            "reading:r1/no_ais:wujiang-1/2026-11-23T04",
        ),
    ],
)
def test_the_behaviour_is_named(facts, behaviour):
    found = assess(facts)
    assert found is not None
    assert found.behaviour == behaviour
    assert found.rule_set == RULE_SET
    assert found.began_at <= found.last_at == facts.at


def test_reasons_carry_facts_and_evidence():
    found = assess(replace(SMUGGLE, source_minutes=40.4))
    assert found is not None
    stored = json.loads(json.dumps(reasons_to_json(found.reasons)))
    assert stored == [
        {
            "rule": "no_paper",
            "weight": 50,
            "facts": {
                "from": "310118",
                "to": "320509",
                "stage": "gate",
                "missing": ["approval", "filing"],
                "unfit": [],
            },
            "evidence": [{"kind": "crossing", "id": "c1", "at": "2026-11-23T04:00:00+00:00"}],
        },
        {
            "rule": "laden",
            "weight": 15,
            "facts": {"draught_m": 2.7, "error_m": 0.1, "laden_m": 1.97},
            "evidence": [{"kind": "reading", "id": "reading-1", "at": "2026-11-23T04:00:00+00:00"}],
        },
        {"rule": "spoil_carrier", "weight": 10, "facts": {}, "evidence": []},
        {
            "rule": "upstream_of_water_source",
            "weight": 12,
            "facts": {"minutes": 40},
            "evidence": [],
        },
    ]
    assert reasons_from_json(stored) == found.reasons


@pytest.fixture
def permits() -> tuple[Permit, ...]:
    """One that fits, one used up, one of another vessel."""
    return tuple(
        Permit(
            permit_id=permit_id_of("approval", number),
            number=number,
            kind="approval",
            purpose="disposal",
            holder="holder",
            carrier_id=None,
            mmsi=mmsi,
            waste="spoil",
            quantity_t=1000.0,
            used_t=used_t,
            from_adcode="31",
            to_adcode="3212",
            first_day=date(2026, 11, 1),
            last_day=date(2026, 11, 30),
        )
        for number, mmsi, used_t in [
            ("A-1", 413000917, 0.0),
            ("A-2", 413000917, 1000.0),
            ("A-3", 413000918, 0.0),
        ]
    )


def test_the_outcome_of_a_permit_check(permits):
    fits, spent, strange = permits
    check = PermitCheck(
        "none",
        found=(),
        missed=(
            Missing("approval", "used_up", spent.permit_id),
            Missing("approval", "other_vessel", strange.permit_id),
            Missing("filing", "missing"),
        ),
        used_up=True,
    )
    assert paper_of(check, NOON, permits) == Paper(
        "none",
        used_up=True,
        missing=("approval", "filing"),
        unfit=("approval:used_up",),
        quantity_t=1000.0,
        used_t=1000.0,
        evidence=(Evidence("permit", str(spent.permit_id), NOON),),
    )
    good = PermitCheck("approved", (fits,), (), used_up=False)
    assert paper_of(good, NOON, permits) == Paper(
        "approved", evidence=(Evidence("permit", str(fits.permit_id), NOON),)
    )
