"""The life of an alert: what a new suspicion does to one that stands, and what a person may do.

Everything is pure: the alert as it stands, what is found or asked, and `now`. One alert stands for
one behaviour, so a suspicion found again raises, reopens or leaves it, and never doubles it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID, uuid5

from domain.alert_rules import GROUNDS
from domain.errors import InvalidInput, WhistleError

_ALERTS: Final = UUID("0f6a3b0e-6f0b-5b6c-9a55-5d0d7a1f2c11")
_CONTINUED: Final = timedelta(minutes=10)
"""A behaviour that merely goes on is told this often: the chain is read by people."""
_LEVELS: Final = {"low": 0, "medium": 1, "high": 2}

Reasons = tuple[Mapping[str, Any], ...]
"""`{"rule", "weight", "facts", "evidence"}` each, as JSON."""


class AlertState(StrEnum):
    """Where an alert stands. A retracted one was disproved by later data, and is kept."""

    NEW = "new"
    SEEN = "seen"
    VALIDATED = "validated"
    REJECTED = "rejected"
    RETRACTED = "retracted"


class AlertAction(StrEnum):
    """What a person does with an alert. `HEAR` ends a silence."""

    SEE = "see"
    VALIDATE = "validate"
    REJECT = "reject"
    NOTE = "note"
    SILENCE = "silence"
    HEAR = "hear"


class StaleAlert(WhistleError):
    """The alert is no longer as the person saw it: look again, then decide."""

    code: ClassVar[str] = "alert.stale"


class UnknownAlert(WhistleError):
    """No alert has this id."""

    code: ClassVar[str] = "alert.unknown"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What the rules found of one behaviour. Times UTC and out there, degrees WGS-84.

    `source_kind` is `border`, `crossing`, `reading`, `silence` or `stop`; `border_adcodes` are the
    other districts within the border zone.
    """

    behaviour: str
    rule_set: str
    source_kind: str
    source_id: str
    mmsi: int | None
    subject: str | None
    score: int
    level: str
    reasons: Reasons
    lon: float
    lat: float
    adcode: str
    border_adcodes: tuple[str, ...]
    began_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """A row of `alert`. `silence_until` is in the behaviour's time, everything else as named."""

    alert_id: UUID
    behaviour: str
    rule_set: str
    source_kind: str
    source_id: str
    mmsi: int | None
    subject: str | None
    state: AlertState
    score: int
    level: str
    reasons: Reasons
    lon: float
    lat: float
    adcode: str
    border_adcodes: tuple[str, ...]
    began_at: datetime
    last_at: datetime
    raised_at: datetime
    changed_at: datetime
    reopened: int = 0
    handled_by: str | None = None
    handled_at: datetime | None = None
    note: str | None = None
    retracted_at: datetime | None = None
    retraction: str | None = None
    silence_owner: str | None = None
    silence_reason: str | None = None
    silence_until: datetime | None = None

    @property
    def rules(self) -> frozenset[str]:
        """Names of the rules that speak against it."""
        return frozenset(str(reason["rule"]) for reason in self.reasons)

    @property
    def silenced(self) -> bool:
        """Whether what is known of the behaviour lies within the silence."""
        return self.silence_until is not None and self.last_at <= self.silence_until


@dataclass(frozen=True, slots=True)
class Step:
    """One change: the alert as it stands afterwards, and the event that says so."""

    alert: Alert
    kind: str
    payload: Mapping[str, Any]


def alert_id_of(behaviour: str) -> UUID:
    """The id that every finder of this behaviour gives its alert."""
    return uuid5(_ALERTS, behaviour)


def meet(known: Alert | None, found: Suspicion, now: datetime) -> Step | None:
    """What `found` makes of the alert `known` for the same behaviour; `None`: nothing new.

    A score never falls by itself: less is found as often as a barge sails on, and what is disproved
    is retracted. Rejected, an alert comes back only with a new ground or a higher level; retracted,
    whenever it is found again. Silenced, it grows without being heard until the behaviour itself
    outlasts the silence.
    """
    if known is None:
        return _step(_first(found, now), "alert.raised")
    grown = replace(
        known,
        mmsi=known.mmsi if found.mmsi is None else found.mmsi,
        subject=found.subject or known.subject,
        began_at=min(known.began_at, found.began_at),
        last_at=max(known.last_at, found.last_at),
        changed_at=now,
    )
    louder = _LEVELS[found.level] > _LEVELS[known.level]
    if known.state in {AlertState.RETRACTED, AlertState.REJECTED}:
        grounds = {str(reason["rule"]) for reason in found.reasons} & GROUNDS
        back = known.state is AlertState.RETRACTED or louder or bool(grounds - known.rules)
        return _reopened(known, _judged(grown, found)) if back else None
    worse = found.score > known.score
    return _grown(known, _judged(grown, found) if worse else grown, worse, louder)


def _grown(known: Alert, grown: Alert, worse: bool, louder: bool) -> Step | None:
    if known.silence_until is not None and not grown.silenced:
        heard = replace(grown, silence_owner=None, silence_reason=None, silence_until=None)
        return _step(_unseen(heard), "alert.raised_again", {"silence_ended": True})
    if worse:
        again = _unseen(grown) if louder and not grown.silenced else grown
        return _step(again, "alert.raised_again")
    if grown.last_at >= known.last_at + _CONTINUED:
        return _step(grown, "alert.continued")
    return None


def _judged(alert: Alert, found: Suspicion) -> Alert:
    """The alert with what speaks against it now, and where that was seen."""
    names = ("rule_set", "source_kind", "source_id", "score", "level", "reasons")
    place = ("lon", "lat", "adcode", "border_adcodes")
    return replace(alert, **{name: getattr(found, name) for name in (*names, *place)})


def retract(known: Alert, why: str, now: datetime) -> Step | None:
    """Later data disproves the alert: kept, with both times. `None`: it speaks no more anyway."""
    if known.state in {AlertState.RETRACTED, AlertState.REJECTED}:
        return None
    gone = replace(
        known, state=AlertState.RETRACTED, retracted_at=now, retraction=why, changed_at=now
    )
    return Step(gone, "alert.retracted", {"from": known.state, "why": why})


_EVENT: Final = {
    AlertAction.SEE: "alert.seen",
    AlertAction.VALIDATE: "alert.validated",
    AlertAction.REJECT: "alert.rejected",
    AlertAction.NOTE: "alert.noted",
    AlertAction.SILENCE: "alert.silenced",
    AlertAction.HEAR: "alert.heard",
}
_OPEN: Final = frozenset({AlertState.NEW, AlertState.SEEN})
_ALLOWED: Final = {
    AlertAction.SEE: (frozenset({AlertState.NEW}), AlertState.SEEN),
    # a decision may be corrected: the correction is an event of its own
    AlertAction.VALIDATE: (_OPEN | {AlertState.REJECTED}, AlertState.VALIDATED),
    AlertAction.REJECT: (_OPEN | {AlertState.VALIDATED}, AlertState.REJECTED),
    AlertAction.NOTE: (frozenset(AlertState), None),
    AlertAction.SILENCE: (_OPEN | {AlertState.VALIDATED}, None),
    AlertAction.HEAR: (frozenset(AlertState), None),
}


def handle(
    known: Alert,
    expected: AlertState,
    action: AlertAction,
    actor: str,
    now: datetime,
    *,
    note: str | None = None,
    silence_until: datetime | None = None,
) -> Step:
    """What `actor` does with the alert, who saw it in the state `expected`.

    Raises `StaleAlert` when it stands elsewhere by now or the action does not fit its state,
    `InvalidInput` for a rejection, note or silence without its words, or a silence without an end.
    """
    check_words(action, note, silence_until)
    before, after = _ALLOWED[action]
    if known.state is not expected:
        raise StaleAlert(f"{_where(known)}: it was {expected} when you looked, look again")
    if known.state not in before:
        raise StaleAlert(f"{_where(known)}: {action} is not possible any more")
    changed = replace(known, changed_at=now)
    if after is not None:  # who silences or notes has not decided; the event says who it was
        changed = replace(changed, state=after, handled_by=actor, handled_at=now)
    payload: dict[str, Any] = {"from": known.state}
    if note is not None and action is not AlertAction.SILENCE:
        changed = replace(changed, note=note)
        payload["note"] = note
    if action is AlertAction.SILENCE and silence_until is not None:
        if silence_until <= known.last_at:
            raise InvalidInput("silence_until", "later than what is already known of the behaviour")
        changed = replace(
            changed, silence_owner=actor, silence_reason=note, silence_until=silence_until
        )
        payload |= {"reason": note, "until": silence_until}
    if action is AlertAction.HEAR:
        changed = replace(changed, silence_owner=None, silence_reason=None, silence_until=None)
    return Step(changed, _EVENT[action], payload)


def check_words(action: AlertAction, note: str | None, silence_until: datetime | None) -> None:
    """Raises `InvalidInput` for an action that lacks its words or its end."""
    if action in {AlertAction.REJECT, AlertAction.NOTE, AlertAction.SILENCE} and not (
        note and note.strip()
    ):
        raise InvalidInput("note", f"to {action} an alert takes a reason in words")
    if action is AlertAction.SILENCE and (silence_until is None or silence_until.tzinfo is None):
        raise InvalidInput("silence_until", "a moment with an offset from UTC")


def _first(found: Suspicion, now: datetime) -> Alert:
    return Alert(
        alert_id=alert_id_of(found.behaviour),
        state=AlertState.NEW,
        raised_at=now,
        changed_at=now,
        **{name: getattr(found, name) for name in Suspicion.__slots__},
    )


def _reopened(known: Alert, grown: Alert) -> Step:
    again = replace(
        grown,
        state=AlertState.NEW,
        reopened=known.reopened + 1,
        retracted_at=None,
        retraction=None,
    )
    return _step(again, "alert.reopened", {"from": known.state})


def _unseen(alert: Alert) -> Alert:
    return replace(alert, state=AlertState.NEW) if alert.state is AlertState.SEEN else alert


def _step(alert: Alert, kind: str, more: Mapping[str, Any] | None = None) -> Step:
    found: dict[str, Any] = {
        "behaviour": alert.behaviour,
        "rule_set": alert.rule_set,
        "score": alert.score,
        "level": alert.level,
        "reasons": list(alert.reasons),
        "last_at": alert.last_at,
    }
    return Step(alert, kind, {**found, **(more or {})})


def _where(alert: Alert) -> str:
    handled = f" by {alert.handled_by}" if alert.handled_by else ""
    return f"the alert is {alert.state}{handled} since {alert.changed_at:%H:%M:%S} UTC"
