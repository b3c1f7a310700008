"""The incident 事件: one behaviour that authorities meet about, from the whistle to the last close.

Each authority closes its own part, and the incident closes when all have. What may be done with it
stands in `domain/incident_life.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from domain.errors import WhistleError

TITLE_MOST: Final = 80
WORDS_MOST: Final = 2000
WHY_MOST: Final = 20


class IncidentState(StrEnum):
    """Where an incident stands. Merged and retracted ones are kept, and answer to nothing."""

    NEW = "new"
    MUSTERING = "mustering"
    """集结中: somebody was told."""
    ON_SCENE = "on_scene"
    """已到场: the first authority is there."""
    ACTED = "acted"
    """已处置."""
    HANDED_OVER = "handed_over"
    """已移交."""
    CLOSED = "closed"
    RETRACTED = "retracted"
    MERGED = "merged"


ENDED: Final = frozenset({IncidentState.CLOSED, IncidentState.RETRACTED, IncidentState.MERGED})


class Origin(StrEnum):
    """What an incident was opened from."""

    ALERT = "alert"
    VESSEL = "vessel"
    PHONE = "phone"
    """A telephone call or chat message from a colleague."""


class StaleIncident(WhistleError):
    """The incident is no longer as the person saw it: look again, then decide."""

    code: ClassVar[str] = "incident.stale"


class UnknownIncident(WhistleError):
    """No incident has this id."""

    code: ClassVar[str] = "incident.unknown"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it is: degrees WGS-84, the district, and the others within the border zone.

    `datum` and `said`: in which datum the place was given, and how, word for word. `words`: as
    officers say it (太浦河，金泽站下游 1.3 km).
    """

    lon: float
    lat: float
    adcode: str
    border_adcodes: tuple[str, ...] = ()
    datum: str = "wgs84"
    said: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One authority's part in an incident. `reasons`: why it is concerned, as `Concern` has them.

    `told_at`: when the first call to it was made; who was told cannot be taken off the list.
    """

    authority_id: str
    reasons: tuple[str, ...]
    told_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    closing_note: str | None = None

    @property
    def closed(self) -> bool:
        """Whether this authority is done."""
        return self.closed_at is not None


@dataclass(frozen=True, slots=True)
class Incident:
    """A row of `incident` with its parts. `number`: as people call it, 2026-1124-03.

    `began_at` is out there, the other times are ours. `opened_for`: the authority of whoever opened
    it, which knows of it thereby. `why`: reasons in words, as messages give them. `revision` counts
    changes of the incident itself, not answers.
    """

    incident_id: UUID
    number: str
    state: IncidentState
    matter: str
    title: str
    summary: str
    origin: Origin
    reporter: str | None
    mmsi: int | None
    subject: str | None
    spot: Spot
    began_at: datetime
    opened_at: datetime
    opened_by: str
    opened_for: str | None
    changed_at: datetime
    why: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    alerts: tuple[UUID, ...] = ()
    links: tuple[UUID, ...] = ()
    merged_into: UUID | None = None
    retraction: str | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    revision: int = 0

    @property
    def open(self) -> bool:
        """Whether anything may still be done in it."""
        return self.state not in ENDED

    def part(self, authority_id: str) -> Part | None:
        """The part of this authority, if it has one."""
        return next((one for one in self.parts if one.authority_id == authority_id), None)


@dataclass(frozen=True, slots=True)
class Step:
    """One change: the incident as it stands afterwards, and the event that says so."""

    incident: Incident
    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """What a controller corrects; `None` leaves it."""

    title: str | None = None
    summary: str | None = None
    matter: str | None = None
    spot: Spot | None = None
    mmsi: int | None = None
    subject: str | None = None
