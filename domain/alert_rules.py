"""The rules that make an alert of facts: which fire on what, what each weighs, and the score.

Three kinds, so that nothing merely odd becomes an alert. A **ground** is a breach or its direct
sign, and alone can raise one. A **support** says what the vessel is; an **aggravation** makes a
case worse or more pressing. Neither of these raises anything. docs/alerts.md has the reasons.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.alerts import Act, Assessment, Evidence, Fact, Facts, Level, Reason, Rule
from domain.behaviours import behaviour_key
from domain.clock import SHANGHAI
from domain.draught import Load
from domain.jurisdiction import OUTSIDE_ADCODE

RULE_SET: Final = "2026-1"
"""Version of everything in this module; a change of a rule or a weight is a new one."""

HIGH: Final = 70
MEDIUM: Final = 40
RAISE_AT: Final = 30
"""Below this nobody is told. With the packaged weights every ground reaches it."""

AGGRAVATION_AT_MOST: Final = 25
"""Circumstances lift a case by one level at most: they are no breach."""

NIGHT: Final = (22, 5)
"""Hours of Shanghai time, from the first up to the second."""

GAP_LEAST: Final = timedelta(minutes=15)
"""AIS gaps shorter than this are everyday radio."""
STOP_LEAST: Final = timedelta(minutes=40)
NIGHT_STOP_LEAST: Final = timedelta(minutes=30)
SMALL_M: Final = 20.0
"""Hulls shorter than this need not carry AIS."""
EARLIER_COUNTS: Final = timedelta(days=730)
SOURCE_NEAR_MIN: Final = 60.0
SOURCE_FAR_MIN: Final = 180.0
ZHEJIANG: Final = "33"


class Weight(NamedTuple):
    """Points of a rule: `full`, and `part` where it holds in its weaker form."""

    full: int
    part: int


WEIGHTS: Final[Mapping[Rule, Weight]] = {
    # grounds; part: seen in border water only
    Rule.NO_PAPER: Weight(50, 35),
    Rule.QUANTITY_USED: Weight(40, 25),
    Rule.NO_AIS: Weight(35, 35),
    Rule.SILENT_IN_BORDER_WATER: Weight(25, 25),
    Rule.LOITERING: Weight(20, 20),
    Rule.NIGHT_STOP: Weight(10, 10),
    # supports
    Rule.LADEN: Weight(15, 15),
    Rule.SPOIL_CARRIER: Weight(10, 10),
    # aggravations; part: one case only, between one and three hours away
    Rule.EARLIER_CASES: Weight(12, 8),
    Rule.UPSTREAM_OF_WATER_SOURCE: Weight(12, 6),
    Rule.NIGHT_ENTRY_ZHEJIANG: Weight(8, 8),
}
"""The one table of points. A weight of 0 switches its rule off."""


class Kind(StrEnum):
    """What a rule may do."""

    GROUND = "ground"
    SUPPORT = "support"
    AGGRAVATION = "aggravation"


class Finding(NamedTuple):
    """A rule that fired: in full or in part, with its facts and evidence."""

    full: bool
    facts: Mapping[str, Fact]
    evidence: tuple[Evidence, ...] = ()


def level_of(score: int) -> Level:
    """High from 70, medium from 40, else low."""
    if score >= HIGH:
        return Level.HIGH
    return Level.MEDIUM if score >= MEDIUM else Level.LOW


def is_night(at: datetime) -> bool:
    """Whether the moment lies in the night of Shanghai."""
    hour = at.astimezone(SHANGHAI).hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


def night_between(since: datetime, until: datetime) -> timedelta:
    """How much of the time from `since` to `until` is night."""
    total, day = timedelta(), since.astimezone(SHANGHAI).date() - timedelta(days=1)
    while day <= until.astimezone(SHANGHAI).date():
        dusk = datetime(day.year, day.month, day.day, NIGHT[0], tzinfo=SHANGHAI)
        day += timedelta(days=1)
        dawn = datetime(day.year, day.month, day.day, NIGHT[1], tzinfo=SHANGHAI)
        total += max(min(dawn, until) - max(dusk, since), timedelta())
    return total


# ---- what several rules ask


def _laden(facts: Facts) -> bool:
    return facts.load is not None and facts.load.verdict.load is Load.LADEN


def _laden_spoil(facts: Facts) -> bool:
    return facts.spoil_carrier is True and _laden(facts)


def _in_order(facts: Facts) -> bool:
    """The register covers this cargo here."""
    paper = facts.paper
    return paper is not None and paper.result in {"approved", "filed"} and not paper.used_up


def _leaves_province(facts: Facts) -> bool:
    """Between two known provinces; an excursion that never left border water is none."""
    leaving = facts.leaving
    if leaving is None or OUTSIDE_ADCODE in {leaving.from_adcode, leaving.to_adcode}:
        return False
    grazing = leaving.grazing and leaving.stage != "gate"
    return not grazing and leaving.from_adcode[:2] != leaving.to_adcode[:2]


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


# ---- grounds


def _no_paper(facts: Facts) -> Finding | None:
    leaving, paper = facts.leaving, facts.paper
    if leaving is None or paper is None or not (_leaves_province(facts) and _laden_spoil(facts)):
        return None
    if paper.result != "none" or paper.used_up:
        return None
    found: dict[str, Fact] = {
        "from": leaving.from_adcode,
        "to": leaving.to_adcode,
        "stage": leaving.stage,
        "missing": list(paper.missing),
    }
    return Finding(leaving.stage != "border_water", found, (*leaving.evidence, *paper.evidence))


def _quantity_used(facts: Facts) -> Finding | None:
    leaving, paper = facts.leaving, facts.paper
    if leaving is None or paper is None or not (_leaves_province(facts) and _laden_spoil(facts)):
        return None
    if not paper.used_up:
        return None
    found: dict[str, Fact] = {
        "from": leaving.from_adcode,
        "to": leaving.to_adcode,
        "stage": leaving.stage,
    }
    if paper.quantity_t is not None and paper.used_t is not None:
        found |= {"quantity_t": paper.quantity_t, "used_t": paper.used_t}
    return Finding(leaving.stage != "border_water", found, (*leaving.evidence, *paper.evidence))


def _no_ais(facts: Facts) -> Finding | None:
    passage = facts.unmatched
    if passage is None or not passage.heard:
        return None
    if passage.length_m is not None and passage.length_m < SMALL_M:
        return None
    found: dict[str, Fact] = {"checkpoint": passage.checkpoint_id}
    if passage.length_m is not None:
        found["length_m"] = passage.length_m
    return Finding(True, found, (Evidence("reading", passage.reading_id, passage.at),))


def _silent(facts: Facts) -> Finding | None:
    gap = facts.gap
    if gap is None or not (gap.heard and gap.under_way) or gap.until - gap.since < GAP_LEAST:
        return None
    if len({adcode[:2] for adcode in gap.adcodes if adcode != OUTSIDE_ADCODE}) < 2:
        return None
    # a carrier whose load nobody measured must at least be known to have no paper
    unpapered = facts.load is None and facts.paper is not None and facts.paper.result == "none"
    if facts.spoil_carrier is not True or _in_order(facts) or not (_laden(facts) or unpapered):
        return None
    found: dict[str, Fact] = {
        "minutes": _minutes(gap.until - gap.since),
        "adcodes": list(gap.adcodes),
    }
    return Finding(True, found, gap.evidence)


def _loitering(facts: Facts) -> Finding | None:
    stop = facts.stop
    if stop is None or stop.at_wharf or not _laden_spoil(facts) or _in_order(facts):
        return None
    by_day = stop.until - stop.since - night_between(stop.since, stop.until)
    if by_day < STOP_LEAST:
        return None
    return Finding(True, {"minutes": _minutes(by_day), "adcode": stop.adcode}, stop.evidence)


def _night_stop(facts: Facts) -> Finding | None:
    stop = facts.stop
    if stop is None or stop.at_wharf or not _laden_spoil(facts) or _in_order(facts):
        return None
    by_night = night_between(stop.since, stop.until)
    if by_night < NIGHT_STOP_LEAST:
        return None
    return Finding(True, {"minutes": _minutes(by_night), "adcode": stop.adcode}, stop.evidence)


# ---- supports


def _laden_by_draught(facts: Facts) -> Finding | None:
    load = facts.load
    if load is None or load.verdict.load is not Load.LADEN:
        return None
    found: dict[str, Fact] = {"draught_m": load.draught_m, "error_m": load.error_m}
    if load.verdict.limits is not None:
        found["laden_m"] = round(load.verdict.limits.laden_m, 2)
    return Finding(True, found, (Evidence("reading", load.reading_id, load.at),))


def _spoil_carrier(facts: Facts) -> Finding | None:
    return Finding(True, {}) if facts.spoil_carrier else None


# ---- aggravations


def _earlier_cases(facts: Facts) -> Finding | None:
    cases = [c for c in facts.earlier if timedelta() <= facts.at - c.at <= EARLIER_COUNTS]
    if not cases:
        return None
    evidence = tuple(Evidence("alert", c.alert_id, c.at) for c in cases)
    return Finding(len(cases) > 1, {"count": len(cases)}, evidence)


def _upstream(facts: Facts) -> Finding | None:
    minutes = facts.source_minutes
    if minutes is None or not 0.0 <= minutes <= SOURCE_FAR_MIN:
        return None
    return Finding(minutes <= SOURCE_NEAR_MIN, {"minutes": round(minutes)})


def _night_entry(facts: Facts) -> Finding | None:
    seen, leaving = facts.entering_zhejiang, facts.leaving
    if seen is not None and is_night(seen.at):
        return Finding(True, {"at": seen.at.isoformat()}, (seen,))
    if leaving is None or not (_leaves_province(facts) and leaving.to_adcode[:2] == ZHEJIANG):
        return None
    if leaving.stage == "border_water" or not is_night(leaving.at):
        return None
    return Finding(True, {"at": leaving.at.isoformat()}, leaving.evidence)


RULES: Final[Mapping[Rule, tuple[Kind, Callable[[Facts], Finding | None]]]] = {
    Rule.NO_PAPER: (Kind.GROUND, _no_paper),
    Rule.QUANTITY_USED: (Kind.GROUND, _quantity_used),
    Rule.NO_AIS: (Kind.GROUND, _no_ais),
    Rule.SILENT_IN_BORDER_WATER: (Kind.GROUND, _silent),
    Rule.LOITERING: (Kind.GROUND, _loitering),
    Rule.NIGHT_STOP: (Kind.GROUND, _night_stop),
    Rule.LADEN: (Kind.SUPPORT, _laden_by_draught),
    Rule.SPOIL_CARRIER: (Kind.SUPPORT, _spoil_carrier),
    Rule.EARLIER_CASES: (Kind.AGGRAVATION, _earlier_cases),
    Rule.UPSTREAM_OF_WATER_SOURCE: (Kind.AGGRAVATION, _upstream),
    Rule.NIGHT_ENTRY_ZHEJIANG: (Kind.AGGRAVATION, _night_entry),
}
"""Every rule, in the order in which reasons are told."""

GROUNDS: Final = frozenset(rule for rule, (kind, _) in RULES.items() if kind is Kind.GROUND)
"""Rules that alone can raise an alert, or bring a rejected one back."""


def assess(
    facts: Facts, weights: Mapping[Rule, Weight] = WEIGHTS, rule_set: str = RULE_SET
) -> Assessment | None:
    """What the rules make of the facts; `None` without a ground, or below `RAISE_AT`.

    Pure: the same facts give the same answer. Other weights take another `rule_set`, since it
    stands in the alert as the version by which it was judged.
    """
    reasons: list[Reason] = []
    spare = AGGRAVATION_AT_MOST
    for rule, (kind, fires) in RULES.items():
        finding = fires(facts) if weights[rule].full else None
        if finding is None:
            continue
        weight = weights[rule].full if finding.full else weights[rule].part
        if kind is Kind.AGGRAVATION:
            weight = min(weight, spare)
            spare -= weight
        reasons.append(Reason(rule, weight, finding.facts, finding.evidence))
    grounds = [reason.rule for reason in reasons if reason.rule in GROUNDS]
    score = min(sum(reason.weight for reason in reasons), 100)
    if not grounds or score < RAISE_AT:
        return None
    act, place, began_at = _act(facts, grounds[0])
    return Assessment(
        score=score,
        level=level_of(score),
        reasons=tuple(reasons),
        behaviour=behaviour_key(facts.subject.key, act, place, began_at),
        rule_set=rule_set,
        act=act,
        began_at=began_at,
        last_at=max(facts.at, began_at),
    )


def _act(facts: Facts, ground: Rule) -> tuple[Act, str, datetime]:
    """What the first ground says was done, where, and since when."""
    if ground in {Rule.NO_PAPER, Rule.QUANTITY_USED} and facts.leaving:
        return Act.LEAVE, facts.leaving.from_adcode, facts.leaving.at
    if ground is Rule.NO_AIS and facts.unmatched:
        return Act.NO_AIS, facts.unmatched.checkpoint_id, facts.unmatched.at
    if ground is Rule.SILENT_IN_BORDER_WATER and facts.gap:
        return Act.SILENT, facts.gap.adcodes[0], facts.gap.since
    if facts.stop is None:
        raise AssertionError(f"{ground} fired without its fact")
    return Act.STOP, facts.stop.adcode, facts.stop.since
