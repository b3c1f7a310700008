"""What each rule asks of the facts, and what it tells when it fires.

One function a rule. What is unknown fires nothing; every threshold keeps out something that is
everyday on these waterways, as docs/alerts.md says.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from domain.alerts import Evidence, Fact, Facts
from domain.clock import SHANGHAI
from domain.draught import Load
from domain.jurisdiction import OUTSIDE_ADCODE
from domain.silence import GAP_LEAST, Cause

NIGHT: Final = (22, 5)
"""Hours of Shanghai time, from the first up to the second."""

STOP_LEAST: Final = timedelta(minutes=40)
NIGHT_STOP_LEAST: Final = timedelta(minutes=30)
SMALL_M: Final = 20.0
"""Hulls shorter than this need not carry AIS."""
EARLIER_COUNTS: Final = timedelta(days=730)
SOURCE_NEAR_MIN: Final = 60.0
SOURCE_FAR_MIN: Final = 180.0
ZHEJIANG: Final = "33"


class Finding(NamedTuple):
    """A rule that fired: in full or in part, with its facts and evidence."""

    full: bool
    facts: Mapping[str, Fact]
    evidence: tuple[Evidence, ...] = ()


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


def _point(place: tuple[float, float]) -> str:
    return f"{place[0]:.5f},{place[1]:.5f}"


# ---- grounds


def no_paper(facts: Facts) -> Finding | None:
    """Laden, a spoil carrier, over a provincial border, and the register has no paper for it."""
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
        "unfit": list(paper.unfit),
    }
    return Finding(leaving.stage != "border_water", found, (*leaving.evidence, *paper.evidence))


def quantity_used(facts: Facts) -> Finding | None:
    """The same, and the paper it would sail under has no quantity left."""
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


def load_lost(facts: Facts) -> Finding | None:
    """A spoil carrier was laden at one checkpoint and light at the next, without a lawful wharf.

    In part: it lay at a wharf, but at one that may not take the load.
    """
    lost = facts.lost
    if lost is None or facts.spoil_carrier is not True:
        return None
    before, after = lost.laden, lost.light
    found: dict[str, Fact] = {
        "laden_by": before.checkpoint_id,
        "light_by": after.checkpoint_id,
        "laden_place": _point(before.place),
        "light_place": _point(after.place),
        "draught_before_m": before.measured.draught_m,
        "error_before_m": before.measured.error_m,
        "draught_after_m": after.measured.draught_m,
        "error_after_m": after.measured.error_m,
        "since": before.measured.at.isoformat(),
        "until": after.measured.at.isoformat(),
        "dwells": [f"{_point(one.place)},{one.minutes}" for one in lost.dwells],
        "unheard_minutes": _minutes(lost.unheard),
    }
    if lost.wharf_id is not None:
        found["wharf"] = lost.wharf_id
    readings = tuple(
        Evidence("reading", one.measured.reading_id, one.measured.at) for one in (before, after)
    )
    fixes = tuple(
        Evidence("fix", f"{facts.subject.mmsi}@{one.since.isoformat()}", one.since)
        for one in lost.dwells
        if one.since > before.measured.at and facts.subject.mmsi is not None
    )
    return Finding(lost.wharf_id is None, found, (*readings, *fixes))


def no_ais(facts: Facts) -> Finding | None:
    """A checkpoint saw a hull that no AIS track explains, while others around it were heard."""
    passage = facts.unmatched
    if passage is None or not passage.heard or passage.spoke:
        return None
    if passage.length_m is not None and passage.length_m < SMALL_M:
        return None
    if passage.radio_lost and facts.spoil_carrier is not True:
        return None
    found: dict[str, Fact] = {"checkpoint": passage.checkpoint_id}
    if passage.length_m is not None:
        found["length_m"] = passage.length_m
    return Finding(True, found, (Evidence("reading", passage.reading_id, passage.at),))


def silent(facts: Facts) -> Finding | None:
    """A spoil carrier under way stopped sending by a provincial border."""
    gap = facts.gap
    if gap is None or not gap.under_way or gap.until - gap.since < GAP_LEAST:
        return None
    if gap.cause is not Cause.VESSEL:  # a dead receiver or pipeline darkens nobody
        return None
    if len({adcode[:2] for adcode in gap.adcodes if adcode != OUTSIDE_ADCODE}) < 2:
        return None
    # a carrier whose load nobody could tell must at least be known to have no paper
    untold = facts.load is None or facts.load.verdict.load is Load.UNSURE
    unpapered = untold and facts.paper is not None and facts.paper.result == "none"
    if facts.spoil_carrier is not True or _in_order(facts) or not (_laden(facts) or unpapered):
        return None
    found: dict[str, Fact] = {
        "minutes": _minutes(gap.until - gap.since),
        "adcodes": list(gap.adcodes),
    }
    if gap.receiver is not None:
        found["receiver"] = gap.receiver
    return Finding(True, found, gap.evidence)


def loitering(facts: Facts) -> Finding | None:
    """A laden spoil carrier lies away from every wharf by day."""
    stop = facts.stop
    if stop is None or stop.at_wharf or not _laden_spoil(facts) or _in_order(facts):
        return None
    by_day = stop.until - stop.since - night_between(stop.since, stop.until)
    if by_day < STOP_LEAST:
        return None
    return Finding(True, {"minutes": _minutes(by_day), "adcode": stop.adcode}, stop.evidence)


def night_stop(facts: Facts) -> Finding | None:
    """A laden spoil carrier lies away from every wharf by night."""
    stop = facts.stop
    if stop is None or stop.at_wharf or not _laden_spoil(facts) or _in_order(facts):
        return None
    by_night = night_between(stop.since, stop.until)
    if by_night < NIGHT_STOP_LEAST:
        return None
    return Finding(True, {"minutes": _minutes(by_night), "adcode": stop.adcode}, stop.evidence)


# ---- supports


def laden_by_draught(facts: Facts) -> Finding | None:
    """Laden by measured draught, never by what is declared."""
    load = facts.load
    if load is None or load.verdict.load is not Load.LADEN:
        return None
    found: dict[str, Fact] = {"draught_m": load.draught_m, "error_m": load.error_m}
    if load.verdict.limits is not None:
        found["laden_m"] = round(load.verdict.limits.laden_m, 2)
    return Finding(True, found, (Evidence("reading", load.reading_id, load.at),))


def spoil_carrier(facts: Facts) -> Finding | None:
    """Carries spoil, by the register of hulls."""
    return Finding(True, {}) if facts.spoil_carrier else None


# ---- aggravations


def earlier_cases(facts: Facts) -> Finding | None:
    """Validated alerts of the last two years; more than one counts in full."""
    cases = [c for c in facts.earlier if timedelta() <= facts.at - c.at <= EARLIER_COUNTS]
    if not cases:
        return None
    evidence = tuple(Evidence("alert", c.alert_id, c.at) for c in cases)
    return Finding(len(cases) > 1, {"count": len(cases)}, evidence)


def upstream(facts: Facts) -> Finding | None:
    """On the river above the water source; within an hour of it counts in full."""
    minutes = facts.source_minutes
    if minutes is None or not 0.0 <= minutes <= SOURCE_FAR_MIN:
        return None
    return Finding(minutes <= SOURCE_NEAR_MIN, {"minutes": round(minutes)})


def night_entry(facts: Facts) -> Finding | None:
    """Into Zhejiang (入浙) by night: seen by a Jiashan point, or over the border."""
    seen, leaving = facts.entering_zhejiang, facts.leaving
    if seen is not None and is_night(seen.at):
        return Finding(True, {"at": seen.at.isoformat()}, (seen,))
    if leaving is None or not (_leaves_province(facts) and leaving.to_adcode[:2] == ZHEJIANG):
        return None
    if leaving.stage == "border_water" or not is_night(leaving.at):
        return None
    return Finding(True, {"at": leaving.at.isoformat()}, leaving.evidence)
