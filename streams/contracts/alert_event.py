"""`whistle.alerts`: every step in the life of an alert, each with the alert as it then stood."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from domain.outgoing import ALERTS as NAME
from streams.contracts.cloud_event import CloudEvent, District, Mmsi, Moment, Name, Position
from streams.contracts.contract import Contract

AlertType = Literal[
    "whistle.alert.raised.v1",
    "whistle.alert.raised_again.v1",
    "whistle.alert.continued.v1",
    "whistle.alert.reopened.v1",
    "whistle.alert.retracted.v1",
    "whistle.alert.seen.v1",
    "whistle.alert.validated.v1",
    "whistle.alert.rejected.v1",
    "whistle.alert.noted.v1",
    "whistle.alert.silenced.v1",
    "whistle.alert.heard.v1",
]
"""What happened. A type that is not known is passed over; `data` says how the alert stands."""


class Evidence(Struct):
    """Something stored that the house can show; the id of a fix is `mmsi@time`."""

    kind: Literal["reading", "crossing", "fix", "permit", "alert"]
    id: Name
    at: Moment


class Reason(Struct):
    """A rule that speaks against the vessel, the points it adds, and what it found.

    docs/alerts.md says which facts each rule carries; their names end in the unit.
    """

    rule: Name
    weight: Annotated[int, Meta(ge=0, le=100)]
    facts: dict[str, int | float | str | list[str]]
    evidence: list[Evidence]


class AlertData(Struct, kw_only=True):
    """The alert after the step; what is unknown is left out.

    `revision` counts the steps of one alert from 1: of two messages the one with the higher number
    is right. `act`: what the vessel did. `mmsi`: may become known later; `name`: that of the vessel
    or its plate as read. `district` and `border_districts`: where, and what else lies within 300 m.
    `began_at` and `last_at` are of the behaviour, `raised_at`, `decided_at` and `retracted_at` of
    the alert, `recorded_at` of this step. `silenced_until` is in the time of the behaviour.
    """

    alert_id: UUID
    revision: Annotated[int, Meta(ge=1)]
    rule_set: Name
    state: Literal["new", "seen", "validated", "rejected", "retracted"]
    score: Annotated[int, Meta(ge=0, le=100)]
    level: Literal["high", "medium", "low"]
    reasons: list[Reason]
    position: Position
    district: District
    border_districts: list[District]
    began_at: Moment
    last_at: Moment
    raised_at: Moment
    recorded_at: Moment
    reopened: Annotated[int, Meta(ge=0)]
    act: Name | None = None
    mmsi: Mmsi | None = None
    name: str | None = None
    decided_at: Moment | None = None
    retracted_at: Moment | None = None
    retraction: str | None = None
    silenced_until: Moment | None = None


class AlertEvent(CloudEvent, kw_only=True):
    """A step of an alert. Who took it and what was noted is not told."""

    type: AlertType
    data: AlertData


ALERTS = Contract(NAME, [AlertEvent])
