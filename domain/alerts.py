"""An alert: a reasoned suspicion that a controller can act on. What goes in, and what comes out.

`Facts` are all that is known about one behaviour of one vessel; `domain.alert_rules.assess` makes
an `Assessment` of them; `domain.alert_life` tells what may become of the alert afterwards.
Reasons carry facts and evidence, never words: those are made on the screen, in its language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from domain.draught import Measured
from domain.load_lost import LoadLost
from domain.permits import Permit, PermitCheck
from domain.silence import Cause

Fact = int | float | str | list[str]
"""A value in a reason: JSON as it is. Districts are adcodes, times ISO 8601."""


class Rule(StrEnum):
    """Names of the rules; docs/alerts.md says when each fires and which facts it carries."""

    NO_PAPER = "no_paper"
    QUANTITY_USED = "quantity_used"
    NO_AIS = "no_ais"
    SILENT_IN_BORDER_WATER = "silent_in_border_water"
    LOITERING = "loitering"
    NIGHT_STOP = "night_stop"
    LOAD_LOST = "load_lost"
    LADEN = "laden"
    SPOIL_CARRIER = "spoil_carrier"
    EARLIER_CASES = "earlier_cases"
    UPSTREAM_OF_WATER_SOURCE = "upstream_of_water_source"
    NIGHT_ENTRY_ZHEJIANG = "night_entry_zhejiang"


class Level(StrEnum):
    """高 / 中 / 低."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Act(StrEnum):
    """What the vessel did: the kind of behaviour an alert is about, first word of its key."""

    LEAVE = "leave"
    NO_AIS = "no_ais"
    SILENT = "silent"
    STOP = "stop"
    LOSE = "lose"


EvidenceKind = Literal["reading", "crossing", "fix", "permit", "alert"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something stored that a reader can open. The id of a fix is `mmsi@time`."""

    kind: EvidenceKind
    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that fired: points it adds, what it found, and where that stands."""

    rule: Rule
    weight: int
    facts: Mapping[str, Fact]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules make of a behaviour. `score`: the sum of the weights, at most 100.

    `behaviour` is the key by which an alert is raised once (`domain.behaviours`); `began_at` and
    `last_at` are the times of the behaviour, not of its discovery.
    """

    score: int
    level: Level
    reasons: tuple[Reason, ...]
    behaviour: str
    rule_set: str
    act: Act
    began_at: datetime
    last_at: datetime


# ---- what goes in


@dataclass(frozen=True, slots=True)
class Subject:
    """Who: at least one of the three. `reading_id` stands for a hull nobody could name."""

    mmsi: int | None = None
    plate: str | None = None
    reading_id: str | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """`mmsi:413…`, else `plate:…`, else `reading:…`."""
        if self.mmsi is not None:
            return f"mmsi:{self.mmsi}"
        return f"plate:{self.plate}" if self.plate else f"reading:{self.reading_id}"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Over a border. `stage`: a confirmed `crossing`, a checkpoint's `gate` passed outward, or
    only a polygon left inside `border_water`, which may still turn out to be nothing.
    """

    from_adcode: str
    to_adcode: str
    at: datetime
    stage: Literal["crossing", "gate", "border_water"]
    evidence: tuple[Evidence, ...] = ()
    grazing: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """Outcome of the permit check for this voyage; `None` in `Facts` if it could not be asked.

    `missing`: kinds of document that were looked for in vain (`approval`, `filing`, `disposal`);
    `unfit`: papers of this vessel or carrier that do not cover it, `kind:why` as `permits.Why`.
    """

    result: str
    used_up: bool = False
    missing: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()
    quantity_t: float | None = None
    used_t: float | None = None
    evidence: tuple[Evidence, ...] = ()


def paper_of(check: PermitCheck, at: datetime, permits: Iterable[Permit] = ()) -> Paper:
    """The outcome of a permit check made for `at`. `permits`, those checked, tell what was left.

    Papers of another vessel or carrier are no finding about this one, and left out.
    """
    missed = [m for m in check.missed if m.why not in {"other_vessel", "other_carrier"}]
    cited = {str(p.permit_id) for p in check.found}
    cited |= {str(m.permit_id) for m in missed if m.permit_id is not None}
    spent_ids = {m.permit_id for m in missed if m.why in {"used_up", "exceeded"}}
    spent = [p for p in permits if p.permit_id in spent_ids] if check.used_up else []
    first = min(spent, key=lambda p: p.number, default=None)
    return Paper(
        result=check.result,
        used_up=check.used_up,
        missing=tuple(sorted({m.kind for m in check.missed})),
        unfit=tuple(sorted({f"{m.kind}:{m.why}" for m in missed if m.permit_id is not None})),
        quantity_t=first.quantity_t if first else None,
        used_t=first.used_t if first else None,
        evidence=tuple(Evidence("permit", permit_id, at) for permit_id in sorted(cited)),
    )


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A passage of a checkpoint that no AIS track explains.

    `heard`: AIS of *other* vessels came in from around the checkpoint within some minutes of the
    passage; otherwise the receiver may be the silent one. `radio_lost`: the vessel of the name on
    the hull sent until shortly before, or one of its size that would be there by then
    (`domain.lost_radio`), so that it hides from nobody. `spoke`: AIS was taken there and then
    after all, late, or under a number that two hulls bear.
    """

    checkpoint_id: str
    reading_id: str
    at: datetime
    heard: bool
    length_m: float | None = None
    radio_lost: bool = False
    spoke: bool = False


@dataclass(frozen=True, slots=True)
class AisGap:
    """AIS fell silent. `under_way` at the last fix; `cause`: the vessel's silence, or that of its
    receiver or of our own pipeline (`domain.silence`). `receiver` heard it last, if that is known.

    `since` is the time of the last fix, `until` that of the next one, or now. `adcodes`: the
    district of the last fix, then the others within the border zone there.
    """

    since: datetime
    until: datetime
    adcodes: tuple[str, ...]
    under_way: bool
    cause: Cause
    evidence: tuple[Evidence, ...] = ()
    receiver: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Within a small circle from `since` to `until`; `at_wharf`: by a registered wharf or lock."""

    since: datetime
    until: datetime
    at_wharf: bool
    adcode: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierCase:
    """An alert about this vessel, or else its carrier, that a controller validated."""

    alert_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known about a vessel's behaviour at `at` (the time of the newest datum, UTC).

    `None` is unknown and never counts against a vessel. `spoil_carrier` is the register's word,
    `load` comes from `domain.draught.load_at`, `entering_zhejiang` also from a Jiashan sighting
    (入浙), `source_minutes` from `domain.water_source`.
    """

    subject: Subject
    at: datetime
    spoil_carrier: bool | None = None
    load: Measured | None = None
    leaving: Leaving | None = None
    paper: Paper | None = None
    unmatched: Unmatched | None = None
    gap: AisGap | None = None
    stop: Stop | None = None
    lost: LoadLost | None = None
    earlier: tuple[EarlierCase, ...] = ()
    source_minutes: float | None = None
    entering_zhejiang: Evidence | None = None


# ---- as the store keeps them


def reasons_to_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """The column `alert.reasons`."""
    return [
        {
            "rule": str(reason.rule),
            "weight": reason.weight,
            "facts": dict(reason.facts),
            "evidence": [
                {"kind": e.kind, "id": e.id, "at": e.at.isoformat()} for e in reason.evidence
            ],
        }
        for reason in reasons
    ]


def reasons_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """The inverse of `reasons_to_json`."""
    return tuple(
        Reason(
            Rule(row["rule"]),
            row["weight"],
            row["facts"],
            tuple(
                Evidence(e["kind"], e["id"], datetime.fromisoformat(e["at"]))
                for e in row["evidence"]
            ),
        )
        for row in stored
    )
