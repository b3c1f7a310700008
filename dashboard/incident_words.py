"""Incidents in words: states, matters, where an authority stands, and what each event says."""

from collections.abc import Mapping
from typing import Any

from dashboard.i18n import Language, words
from domain.incidents import IncidentState
from domain.matters import Matter
from domain.musters import CallState
from domain.turnout import Standing


def state_word(state: IncidentState, lang: Language) -> str:
    """Where an incident stands."""
    _ = words(lang).gettext
    return {
        IncidentState.NEW: _("new, nobody told"),
        IncidentState.MUSTERING: _("mustering"),
        IncidentState.ON_SCENE: _("on the scene"),
        IncidentState.ACTED: _("acted upon"),
        IncidentState.HANDED_OVER: _("handed over"),
        IncidentState.CLOSED: _("closed"),
        IncidentState.RETRACTED: _("retracted"),
        IncidentState.MERGED: _("merged"),
    }[state]


def matter_word(matter: str, lang: Language) -> str:
    """What it is about; a matter that is no more has its own name."""
    _ = words(lang).gettext
    return {
        Matter.SPOIL_DUMPING.value: _("spoil dumping"),
        Matter.SOLID_WASTE_TRANSFER.value: _("solid waste over a province's border"),
        Matter.HAZARDOUS_WASTE.value: _("hazardous waste"),
        Matter.WATER_POLLUTION.value: _("water pollution"),
        Matter.VESSEL_VIOLATION.value: _("vessel violation"),
        Matter.OTHER.value: _("other matter"),
    }.get(matter, matter)


def standing_word(standing: Standing, lang: Language) -> str:
    """Where an authority stands in the muster."""
    _ = words(lang).gettext
    return {
        Standing.NOT_TOLD: _("not told"),
        Standing.UNREACHED: _("not reached"),
        Standing.DECLINED: _("cannot come"),
        Standing.TOLD: _("told"),
        Standing.SEEN: _("seen"),
        Standing.ACKNOWLEDGED: _("acknowledged"),
        Standing.ON_THE_WAY: _("on the way"),
        Standing.ON_SCENE: _("there"),
    }[standing]


def reason_word(reason: str, lang: Language) -> str:
    """Why an authority is concerned: its district, then its department."""
    _ = words(lang).gettext
    return {
        "place": _("place"),
        "border": _("border zone"),
        "origin": _("origin"),
        "route": _("next on the way"),
        "added": _("named by the controller"),
        "environment": _("environment"),
        "urban_management": _("urban management"),
        "maritime": _("maritime"),
        "police": _("police"),
        "coordination": _("coordination group"),
    }.get(reason, reason)


def role_word(role: str, lang: Language) -> str:
    """As what somebody was called."""
    _ = words(lang).gettext
    return {
        "duty": _("duty officer"),
        "deputy": _("deputy"),
        "head": _("head of the group"),
        "added": _("named by the controller"),
        "opener": _("opened it, and knows thereby"),
    }.get(role, role)


def call_word(state: CallState, lang: Language) -> str:
    """How far a call has come."""
    _ = words(lang).gettext
    return {
        CallState.QUEUED: _("the message waits"),
        CallState.ACCEPTED: _("message taken"),
        CallState.RECEIPT: _("receipt"),
        CallState.SEEN: _("seen"),
        CallState.ACKNOWLEDGED: _("acknowledged"),
        CallState.ON_THE_WAY: _("on the way"),
        CallState.ON_SCENE: _("there"),
        CallState.DECLINED: _("cannot come"),
        CallState.FAILED: _("not reached"),
    }[state]


def actor_word(actor: str, lang: Language) -> str:
    """Who did it; a part of the product is called what it is to people."""
    _ = words(lang).gettext
    return _("by itself") if actor == "watch" else actor


def whom_word(whom: str, lang: Language) -> str:
    """Whom a rung of the ladder calls."""
    _ = words(lang).gettext
    return {
        "second_channel": _("second channel"),
        "deputy": _("deputy"),
        "substitute": _("substitute authority"),
        "head": _("head of the group"),
    }.get(whom, whom)


def event_word(kind: str, lang: Language) -> str:
    """What happened, as the timeline begins its line."""
    _ = words(lang).gettext
    return {
        "incident.opened": _("opened"),
        "incident.told": _("the whistle: called"),
        "incident.edited": _("corrected"),
        "incident.part_added": _("another authority is concerned"),
        "incident.part_removed": _("an authority is not concerned"),
        "incident.acted": _("acted upon"),
        "incident.handed_over": _("handed over"),
        "incident.part_closed": _("an authority closed its part"),
        "incident.closed": _("closed by all"),
        "incident.reopened": _("opened again"),
        "incident.retracted": _("retracted"),
        "incident.merged": _("merged into another incident"),
        "incident.joined": _("another incident was merged into this one"),
        "incident.linked": _("linked to another incident"),
        "muster.accepted": _("the platform took the message"),
        "muster.failed": _("the message was given up"),
        "muster.seen": _("seen"),
        "muster.acknowledged": _("acknowledged"),
        "muster.on_the_way": _("on the way"),
        "muster.on_scene": _("there"),
        "muster.declined": _("cannot come"),
        "muster.withdrawn": _("acknowledgement taken back"),
        "escalation.called": _("silence: the next was called"),
        "escalation.not_needed": _("no further call was needed"),
        "escalation.nobody": _("silence, and nobody left to call"),
    }.get(kind, kind)


def about_word(
    payload: Mapping[str, Any], names: Mapping[str, str], people: Mapping[str, str], lang: Language
) -> str:
    """Whom an event is about, and its words. `names`: authorities; `people`: calls, by id."""
    said: list[str] = []
    authority = payload.get("authority_id")
    if isinstance(authority, str):
        said.append(names.get(authority, authority))
    call = payload.get("call_id")
    if isinstance(call, str) and call in people:
        said.append(people[call])
    whom = payload.get("whom")
    if isinstance(whom, str):
        said.append(whom_word(whom, lang))
    calls = payload.get("calls")
    if isinstance(calls, list):
        said += [str(one.get("name")) for one in calls if isinstance(one, dict)]
    said += [str(payload[name]) for name in ("note", "reason", "why") if _is_words(payload, name)]
    return " · ".join(dict.fromkeys(said))


def _is_words(payload: Mapping[str, Any], name: str) -> bool:
    """`why` of an escalation is a code, of a message a sentence: only sentences are told."""
    value = payload.get(name)
    return isinstance(value, str) and not (name == "why" and "whom" in payload)
