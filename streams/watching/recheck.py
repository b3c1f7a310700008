"""Alerts asked again by all that is known now: what later data disproves is retracted."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from commands.retract_alert import RetractAlert, retract_alert
from db.alert import open_alerts
from db.pool import Connection
from db.reading import reading
from db.receiver import named
from db.watch import (
    CarrierState,
    crossing,
    crossings_of,
    fix_at,
    latest_state,
    match_of,
    next_fix,
)
from domain.alert_life import Alert
from domain.alert_rules import assess
from domain.alerts import Act, AisGap, Facts, Unmatched
from domain.behaviours import stem
from domain.silence import GAP_LEAST, Cause
from domain.water_source import WaterSource
from layers.geography import Geography
from streams.watching.carriers import BACK, silence_case, stop_case
from streams.watching.case import ACTOR, Case
from streams.watching.guard import Guard
from streams.watching.leaving import border_case, crossing_case, parse_fix_id
from streams.watching.passage import passage_case
from streams.watching.ways import by_any_way

ASKED: Final = timedelta(hours=24)
"""Alerts raised before are left to people: tracks and readings of a day ago do not change."""
MOST: Final = 500


async def recheck(
    connection: Connection,
    geography: Geography,
    source: WaterSource | None,
    now: datetime,
    guard: Guard,
) -> list[Alert]:
    """Retract every alert of the last day that its own facts do not support any more."""
    gone: list[Alert] = []
    for alert in await open_alerts(connection, now - ASKED, MOST):
        if guard.leaves("alert", str(alert.alert_id)):
            continue
        async with guard.about(connection, "alert", str(alert.alert_id)):
            why = await disproof(connection, geography, source, alert)
            if why is not None:
                done = await retract_alert(connection, ACTOR, RetractAlert(alert.alert_id, why))
                gone += [] if done is None else [done]
    return gone


async def disproof(
    connection: Connection, geography: Geography, source: WaterSource | None, alert: Alert
) -> str | None:
    """What disproves the alert, as a word for the screen; `None` when it holds, or who can tell.

    `paper_found`, `match_changed`, `turned_back`, `grazing`, `heard_meanwhile`, `radio_lost`,
    `receiver_dead`, `pipeline_down`, `unloaded`, or `not_supported` for what else has changed, a
    register or a draught.
    """
    if alert.source_kind == "border" and (why := await _only_border(connection, alert)):
        return why
    case, gone = await _case(connection, geography, source, alert)
    if case is None:
        return gone
    facts = await by_any_way(connection, geography, case.facts, (case.lon, case.lat))
    found = assess(facts)
    if found is not None and stem(found.behaviour) == stem(alert.behaviour):
        return None
    return _why(alert, facts)


def _why(alert: Alert, facts: Facts) -> str:
    """What the facts of an alert say against it."""
    if stem(alert.behaviour)[1] == Act.LOSE:
        return "unloaded" if facts.subject.mmsi == alert.mmsi else "match_changed"
    if facts.paper is not None and facts.paper.result != "none":
        return "paper_found"
    if alert.source_kind == "silence":
        return _not_silent(facts.gap)
    return _not_dark(facts.unmatched) if alert.source_kind == "reading" else "not_supported"


def _not_dark(passage: Unmatched | None) -> str:
    """Why the hull at the checkpoint is not one without AIS."""
    if passage is not None and passage.spoke:
        return "heard_meanwhile"
    return "radio_lost" if passage is not None and passage.radio_lost else "match_changed"


def _not_silent(gap: AisGap | None) -> str:
    """Why it is not the vessel that is silent: it was heard, or nobody could have heard it."""
    if gap is None or gap.until - gap.since < GAP_LEAST:
        return "heard_meanwhile"
    return {Cause.RECEIVER: "receiver_dead", Cause.PIPELINE: "pipeline_down"}.get(
        gap.cause, "not_supported"
    )


async def _case(
    connection: Connection, geography: Geography, source: WaterSource | None, alert: Alert
) -> tuple[Case | None, str | None]:
    """The alert's case by what is known now; or the word for why there is none any more."""
    if alert.source_kind == "crossing":
        crossed = await crossing(connection, UUID(alert.source_id))
        if crossed is None:
            return None, None
        case = await crossing_case(connection, source, crossed, alert.last_at)
        return case, None if case else "not_supported"
    if alert.source_kind == "reading":
        taken = await reading(connection, UUID(alert.source_id))
        if taken is None:
            return None, None
        match = await match_of(connection, taken.reading_id)
        case = await passage_case(connection, source, taken.reading, match)
        return case, None if case else "match_changed"
    return await _by_fix(connection, geography, source, alert), None


async def _by_fix(
    connection: Connection, geography: Geography, source: WaterSource | None, alert: Alert
) -> Case | None:
    mmsi, at = parse_fix_id(alert.source_id)
    fix = await fix_at(connection, mmsi, at)
    if fix is None:
        return None  # beyond retention, or a stop whose first fix was another's
    state = CarrierState(
        mmsi=mmsi,
        t=at,
        lon=alert.lon,
        lat=alert.lat,
        sog_kn=fix.sog_kn,
        adcode=alert.adcode,
        border_water=bool(alert.border_adcodes),
        district=_said(alert, "from"),
    )
    if alert.source_kind == "border":
        return await border_case(connection, source, state, _said(alert, "to") or alert.adcode)
    if alert.source_kind == "silence":
        until = await next_fix(connection, mmsi, at, at + BACK)
        state = _heard_by(state, _said(alert, "receiver"))
        return await silence_case(connection, geography, source, state, until or alert.last_at)
    ended = CarrierState(
        mmsi, alert.last_at, alert.lon, alert.lat, 0.0, alert.adcode, state.border_water, None
    )
    return await stop_case(connection, source, ended, at)


def _heard_by(state: CarrierState, receiver: str | None) -> CarrierState:
    """With the receiver of that fix; alerts of older rules do not tell it."""
    if receiver is None:
        return state
    feed_id, station = named(receiver)
    return replace(state, feed_id=feed_id, station=station)


async def _only_border(connection: Connection, alert: Alert) -> str | None:
    """Whether a polygon left in border water has turned out to be nothing."""
    mmsi, at = parse_fix_id(alert.source_id)
    since = alert.began_at - timedelta(minutes=30)
    for crossed in await crossings_of(connection, mmsi, since, at + BACK):
        if crossed.grazing:
            return "grazing"
    state = await latest_state(connection, mmsi)
    if state is None or state.t <= at:
        return None
    home = state.adcode == state.district == _said(alert, "from")
    return "turned_back" if home and not state.border_water else None


def _said(alert: Alert, name: str) -> str | None:
    """A fact that one of the alert's reasons carries."""
    for reason in alert.reasons:
        if name in reason["facts"]:
            return str(reason["facts"][name])
    return None
