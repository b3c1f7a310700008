"""The life of an incident: what may be done with it, and what that makes of it.

Everything is pure: the incident as it stands, what is asked, by whom and when. Raises
`StaleIncident` for an incident that moved on, `InvalidInput` for missing or unfit words.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.errors import InvalidInput
from domain.incidents import (
    TITLE_MOST,
    WHY_MOST,
    WORDS_MOST,
    Edit,
    Incident,
    IncidentState,
    Part,
    Spot,
    StaleIncident,
    Step,
)

_ORDER: Final = tuple(IncidentState)[:6]


def opened(incident: Incident) -> Step:
    """The first step of an incident that was just put together. Raises `InvalidInput`."""
    _title(incident.title)
    _words("summary", incident.summary)
    if len(incident.why) > WHY_MOST:
        raise InvalidInput("why", f"at most {WHY_MOST} reasons")
    for reason in incident.why:
        _needed("why", reason)
    if incident.began_at > incident.opened_at:
        raise InvalidInput("began_at", "a time that has come")
    spot = incident.spot
    payload = {
        "number": incident.number,
        "matter": incident.matter,
        "title": incident.title,
        "summary": incident.summary,
        "origin": incident.origin,
        "reporter": incident.reporter,
        "mmsi": incident.mmsi,
        "subject": incident.subject,
        "spot": _spot(spot),
        "began_at": incident.began_at,
        "why": list(incident.why),
        "for": incident.opened_for,
        "parts": {part.authority_id: list(part.reasons) for part in incident.parts},
        "alerts": [str(one) for one in incident.alerts],
    }
    return Step(replace(incident, revision=1), "incident.opened", payload)


def edit(known: Incident, expected: int, change: Edit, now: datetime) -> Step | None:
    """Correct what the incident says of itself; `None`: it says so already."""
    _as_seen(known, expected)
    _open(known)
    if change.title is not None:
        _title(change.title)
    if change.summary is not None:
        _words("summary", change.summary)
    new = {name: value for name in Edit.__slots__ if (value := getattr(change, name)) is not None}
    new = {name: value for name, value in new.items() if getattr(known, name) != value}
    if not new:
        return None
    said = {
        name: [_said(getattr(known, name)), _said(value)] for name, value in sorted(new.items())
    }
    return _step(replace(known, **new), "incident.edited", {"changes": said}, now)


def add_part(known: Incident, authority_id: str, reasons: tuple[str, ...], now: datetime) -> Step:
    """Another authority is concerned, also in an incident that goes on without it."""
    _open(known)
    if known.part(authority_id) is not None:
        raise StaleIncident(f"{authority_id} has a part already")
    added = replace(known, parts=(*known.parts, Part(authority_id, reasons)))
    payload = {"authority_id": authority_id, "reasons": list(reasons)}
    return _step(added, "incident.part_added", payload, now)


def remove_part(known: Incident, authority_id: str, now: datetime) -> Step:
    """An authority is not concerned after all. Raises `StaleIncident` once it was told."""
    _open(known)
    part = _part(known, authority_id)
    if part.told_at is not None:
        raise StaleIncident(f"{authority_id} was told already: it closes its part itself")
    rest = tuple(one for one in known.parts if one is not part)
    payload = {"authority_id": authority_id}
    return _step(replace(known, parts=rest), "incident.part_removed", payload, now)


def told(known: Incident, authority_ids: frozenset[str], now: datetime) -> Step:
    """The whistle 吹哨: these authorities are called now, whoever had no part gets one."""
    _open(known)
    parts = tuple(
        replace(part, told_at=now)
        if part.authority_id in authority_ids and part.told_at is None
        else part
        for part in known.parts
    )
    missing = authority_ids - {part.authority_id for part in parts}
    if missing:
        raise InvalidInput("authority_id", f"{', '.join(sorted(missing))} has no part in it")
    after = _forward(replace(known, parts=parts), IncidentState.MUSTERING)
    return _step(after, "incident.told", {"authorities": sorted(authority_ids)}, now)


def arrived(known: Incident, now: datetime) -> Incident:
    """The incident when the first authority is on the scene; its answer is the event of that."""
    after = _forward(known, IncidentState.ON_SCENE)
    return after if after == known else replace(after, changed_at=now)


def advance(
    known: Incident, expected: int, to: IncidentState, words: str, now: datetime
) -> Step | None:
    """It was acted upon 处置, or handed over 移交; `None`: it is there or further already."""
    if to not in {IncidentState.ACTED, IncidentState.HANDED_OVER}:
        raise InvalidInput("to", "acted or handed_over")
    _as_seen(known, expected)
    _open(known)
    _needed("note", words)
    after = _forward(known, to)
    return None if after == known else _step(after, f"incident.{to}", {"note": words}, now)


def close_part(
    known: Incident, authority_id: str, words: str, actor: str, now: datetime
) -> tuple[Step, ...]:
    """One authority is done; with the last one the incident closes. `()`: it was done already."""
    _open(known)
    _words("note", words)
    part = _part(known, authority_id)
    if part.closed:
        return ()
    done = replace(part, closed_at=now, closed_by=actor, closing_note=words or None)
    parts = tuple(done if one is part else one for one in known.parts)
    payload = {"authority_id": authority_id, "note": words or None}
    first = _step(replace(known, parts=parts), "incident.part_closed", payload, now)
    if not all(one.closed for one in parts):
        return (first,)
    closed = replace(first.incident, state=IncidentState.CLOSED, closed_at=now)
    return first, _step(closed, "incident.closed", {}, now)


def reopen(known: Incident, expected: int, why: str, now: datetime) -> Step:
    """It goes on, for all its authorities. Raises `StaleIncident` where it has not ended."""
    _as_seen(known, expected)
    _needed("reason", why)
    if known.state not in {IncidentState.CLOSED, IncidentState.RETRACTED}:
        raise StaleIncident(f"{known.number} is {known.state}: there is nothing to open again")
    parts = tuple(
        replace(one, closed_at=None, closed_by=None, closing_note=None) for one in known.parts
    )
    some_told = any(one.told_at for one in parts)
    again = replace(
        known,
        state=IncidentState.MUSTERING if some_told else IncidentState.NEW,
        parts=parts,
        closed_at=None,
        retraction=None,
        reopened=known.reopened + 1,
    )
    return _step(again, "incident.reopened", {"from": known.state, "reason": why}, now)


def retract(known: Incident, expected: int, why: str, now: datetime) -> Step:
    """It was none: kept, with the reason."""
    _as_seen(known, expected)
    _open(known)
    _needed("reason", why)
    gone = replace(known, state=IncidentState.RETRACTED, retraction=why)
    return _step(gone, "incident.retracted", {"from": known.state, "reason": why}, now)


def merge(known: Incident, into: Incident, now: datetime) -> tuple[Step, Step]:
    """`known` is the same as `into`: its alerts and authorities go over; who was told stays so."""
    _open(known)
    _open(into)
    if known.incident_id == into.incident_id:
        raise InvalidInput("into", "another incident")
    parts = {part.authority_id: part for part in into.parts}
    for part in known.parts:
        here = parts.get(part.authority_id)
        if here is None:
            parts[part.authority_id] = replace(part, closed_at=None, closed_by=None)
        elif here.told_at is None:
            parts[part.authority_id] = replace(here, told_at=part.told_at)
    alerts = (*into.alerts, *(one for one in known.alerts if one not in into.alerts))
    joined = replace(into, parts=tuple(parts.values()), alerts=alerts)
    if any(part.told_at for part in joined.parts):
        joined = _forward(joined, IncidentState.MUSTERING)
    gone = replace(known, state=IncidentState.MERGED, merged_into=into.incident_id)
    other = {"incident_id": str(known.incident_id), "number": known.number}
    taken = {"alerts": [str(one) for one in known.alerts], "authorities": sorted(parts)}
    return (
        _step(gone, "incident.merged", {"into": str(into.incident_id)}, now),
        _step(joined, "incident.joined", other | taken, now),
    )


def link(known: Incident, other: UUID, now: datetime) -> Step | None:
    """It has to do with another one; `None`: that is known."""
    if other == known.incident_id:
        raise InvalidInput("other", "another incident")
    if other in known.links:
        return None
    linked = replace(known, links=(*known.links, other))
    return _step(linked, "incident.linked", {"other": str(other)}, now)


def _step(after: Incident, kind: str, payload: Mapping[str, Any], now: datetime) -> Step:
    return Step(replace(after, changed_at=now, revision=after.revision + 1), kind, payload)


def _forward(known: Incident, to: IncidentState) -> Incident:
    """An incident never falls back by what happens in it."""
    return replace(known, state=max(known.state, to, key=_ORDER.index))


def _as_seen(known: Incident, expected: int) -> None:
    if known.revision != expected:
        raise StaleIncident(f"{known.number} was changed meanwhile: look again")


def _open(known: Incident) -> None:
    if not known.open:
        raise StaleIncident(f"{known.number} is {known.state}")


def _part(known: Incident, authority_id: str) -> Part:
    part = known.part(authority_id)
    if part is None:
        raise InvalidInput("authority_id", f"{authority_id} has no part in {known.number}")
    return part


def _title(title: str) -> None:
    if not 0 < len(title.strip()) <= TITLE_MOST or not title.isprintable():
        raise InvalidInput("title", f"1 to {TITLE_MOST} characters on one line")


def _needed(field: str, words: str) -> None:
    if not words.strip():
        raise InvalidInput(field, "some words")
    _words(field, words)


def _words(field: str, words: str) -> None:
    if len(words) > WORDS_MOST or any(not c.isprintable() and c != "\n" for c in words):
        raise InvalidInput(field, f"at most {WORDS_MOST} characters, without control characters")


def _spot(spot: Spot) -> dict[str, Any]:
    return {
        "lon": round(spot.lon, 7),
        "lat": round(spot.lat, 7),
        "adcode": spot.adcode,
        "border_adcodes": list(spot.border_adcodes),
        "datum": spot.datum,
        "said": spot.said,
        "words": spot.words,
    }


def _said(value: object) -> object:
    return _spot(value) if isinstance(value, Spot) else value
