"""Which behaviour an alert is about: the key that lets it be raised once.

A behaviour is one act of one vessel, as long as it goes on: a voyage over the border is seen in
border water, at a gate and as a crossing, and stays one alert.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.alerts import Act, Assessment

GOES_ON: Final[Mapping[Act, timedelta]] = {
    Act.LEAVE: timedelta(hours=2),
    Act.NO_AIS: timedelta(minutes=30),
    Act.SILENT: timedelta(minutes=30),
    Act.STOP: timedelta(minutes=30),
    Act.LOSE: timedelta(minutes=30),
}
"""Seen again within this time it is the same behaviour: a voyage is longer than a stop."""


@dataclass(frozen=True, slots=True)
class Known:
    """A behaviour that has an alert, whatever its state."""

    behaviour: str
    began_at: datetime
    last_at: datetime


def behaviour_key(subject: str, act: Act, place: str, began_at: datetime) -> str:
    """`mmsi:413000123/leave:310118/2026-11-23T10`: who, what, where from, hour (UTC) it began.

    `place` is what does not change while the behaviour goes on: the district left, the checkpoint.
    """
    who, where = (word.replace("/", "-") for word in (subject, place))
    return f"{who}/{act}:{where}/{began_at.astimezone(UTC):%Y-%m-%dT%H}"


def continued(assessment: Assessment, known: Iterable[Known]) -> Assessment:
    """The assessment under the key of the known behaviour that it goes on, or as it is.

    The same vessel and act, in time no further from it than `GOES_ON`. The hour in a key is a
    name, not a test: what begins at 10:59 and is confirmed at 11:04 stays one. Of several the
    last to begin is meant, so that the answer does not depend on their order.
    """
    mine, reach = stem(assessment.behaviour), GOES_ON[assessment.act]
    same = [
        k
        for k in known
        if stem(k.behaviour) == mine
        and k.began_at - reach <= assessment.last_at
        and assessment.began_at <= k.last_at + reach
    ]
    if not same:
        return assessment
    first = max(same, key=lambda k: (k.began_at, k.behaviour))
    began_at = min(first.began_at, assessment.began_at)
    last_at = max(first.last_at, assessment.last_at)
    return replace(assessment, behaviour=first.behaviour, began_at=began_at, last_at=last_at)


def stem(behaviour: str) -> tuple[str, str]:
    """Who and what of a behaviour, without where and when."""
    who, what, _ = behaviour.split("/")
    return who, what.split(":", 1)[0]
