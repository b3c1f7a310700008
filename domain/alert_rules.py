"""The rules that make an alert of facts: which fire on what, what each weighs, and the score.

Three kinds, so that nothing merely odd becomes an alert. A **ground** is a breach or its direct
sign, and alone can raise one. A **support** says what the vessel is; an **aggravation** makes a
case worse or more pressing. Neither of these raises anything. docs/alerts.md has the reasons.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from domain import alert_findings
from domain.alert_findings import Finding
from domain.alerts import Act, Assessment, Facts, Level, Reason, Rule
from domain.behaviours import behaviour_key

RULE_SET: Final = "2026-3"
"""Version of the rules and weights; a change of any is a new one."""

HIGH: Final = 70
MEDIUM: Final = 40
RAISE_AT: Final = 30
"""Below this nobody is told. With the packaged weights every ground reaches it."""

AGGRAVATION_AT_MOST: Final = 25
"""Circumstances lift a case by one level at most: they are no breach."""


class Weight(NamedTuple):
    """Points of a rule: `full`, and `part` where it holds in its weaker form."""

    full: int
    part: int


WEIGHTS: Final[Mapping[Rule, Weight]] = {
    # grounds; part: seen in border water only, or lain at a wharf without a licence
    Rule.NO_PAPER: Weight(50, 35),
    Rule.QUANTITY_USED: Weight(40, 25),
    Rule.NO_AIS: Weight(35, 35),
    Rule.SILENT_IN_BORDER_WATER: Weight(25, 25),
    Rule.LOITERING: Weight(20, 20),
    Rule.NIGHT_STOP: Weight(10, 10),
    Rule.LOAD_LOST: Weight(45, 30),
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


def level_of(score: int) -> Level:
    """High from 70, medium from 40, else low."""
    if score >= HIGH:
        return Level.HIGH
    return Level.MEDIUM if score >= MEDIUM else Level.LOW


RULES: Final[Mapping[Rule, tuple[Kind, Callable[[Facts], Finding | None]]]] = {
    Rule.NO_PAPER: (Kind.GROUND, alert_findings.no_paper),
    Rule.QUANTITY_USED: (Kind.GROUND, alert_findings.quantity_used),
    Rule.LOAD_LOST: (Kind.GROUND, alert_findings.load_lost),
    Rule.NO_AIS: (Kind.GROUND, alert_findings.no_ais),
    Rule.SILENT_IN_BORDER_WATER: (Kind.GROUND, alert_findings.silent),
    Rule.LOITERING: (Kind.GROUND, alert_findings.loitering),
    Rule.NIGHT_STOP: (Kind.GROUND, alert_findings.night_stop),
    Rule.LADEN: (Kind.SUPPORT, alert_findings.laden_by_draught),
    Rule.SPOIL_CARRIER: (Kind.SUPPORT, alert_findings.spoil_carrier),
    Rule.EARLIER_CASES: (Kind.AGGRAVATION, alert_findings.earlier_cases),
    Rule.UPSTREAM_OF_WATER_SOURCE: (Kind.AGGRAVATION, alert_findings.upstream),
    Rule.NIGHT_ENTRY_ZHEJIANG: (Kind.AGGRAVATION, alert_findings.night_entry),
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
    if ground is Rule.LOAD_LOST and facts.lost:
        laden = facts.lost.laden
        return Act.LOSE, laden.checkpoint_id, laden.measured.at
    if facts.stop is None:
        raise AssertionError(f"{ground} fired without its fact")
    return Act.STOP, facts.stop.adcode, facts.stop.since
