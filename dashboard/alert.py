"""An alert as the screens show it: what the store says of it, and what follows from that.

Times are epoch seconds (UTC); unknown is `None`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

LEVELS: Final = ("high", "medium", "low")
STATES: Final = ("new", "seen", "validated", "rejected", "retracted")
OPEN: Final = ("new", "seen", "validated")
"""States in which an alert still counts; the others stay a while, struck through."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves a reason: a reading, crossing, fix, permit or earlier alert, and its moment."""

    kind: str
    id: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that holds, with its facts; the words are made by `reason_words`."""

    rule: str
    weight: int
    facts: Mapping[str, Any]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """One row of `alert` with the register's name of its vessel. `reasons_json` is as stored."""

    alert_id: str
    behaviour: str
    rule_set: str
    source_kind: str
    mmsi: int | None
    name: str | None
    subject: str | None
    state: str
    score: int
    level: str
    reasons_json: str
    lon: float
    lat: float
    adcode: str
    border_adcodes: tuple[str, ...]
    began_at: float
    last_at: float
    raised_at: float
    changed_at: float
    reopened: int = 0
    handled_by: str | None = None
    handled_at: float | None = None
    note: str | None = None
    retracted_at: float | None = None
    retraction: str | None = None
    silence_owner: str | None = None
    silence_reason: str | None = None
    silence_until: float | None = None
    silence_over: bool = False
    """Its time has passed by the store's clock, and nothing later was seen of the behaviour."""
    checkpoint: tuple[str, str] | None = None
    """Chinese and English name of the checkpoint whose reading began it."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Its reasons, the weightiest first."""
        return parse_reasons(self.reasons_json)

    @property
    def open(self) -> bool:
        """Whether it still counts."""
        return self.state in OPEN

    @property
    def silenced(self) -> bool:
        """Whether it keeps still: while the silence holds, and nothing later is known of it.

        The watch hears what is seen after the silence; a screen also ends it by the clock, or who
        said "for an hour" would never see the alert in its place again.
        """
        until = self.silence_until
        return self.open and until is not None and self.last_at <= until and not self.silence_over


@lru_cache(maxsize=4096)
def parse_reasons(text: str) -> tuple[Reason, ...]:
    """Reasons as stored (a JSON list), the weightiest first; what is malformed is left out."""
    found: list[Reason] = []
    for each in orjson.loads(text):
        if not isinstance(each, dict) or not isinstance(each.get("rule"), str):
            continue
        evidence = tuple(
            Evidence(str(e.get("kind")), str(e.get("id")), e.get("at"))
            for e in each.get("evidence") or ()
            if isinstance(e, dict)
        )
        facts = each.get("facts") or {}
        found.append(Reason(each["rule"], int(each.get("weight") or 0), facts, evidence))
    return tuple(sorted(found, key=lambda reason: -reason.weight))


def rank(alert: Alert) -> tuple[bool, bool, int, float, str]:
    """Order of the rail: what counts before what is closed, then score, then the newest."""
    return (
        not alert.open,
        alert.silenced,
        -alert.score if alert.open else 0,
        -alert.raised_at if alert.open else -alert.changed_at,
        alert.alert_id,
    )
