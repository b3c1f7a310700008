"""Escalation 升级: whom to call next when an authority stays silent, and after how long.

A policy has versions; the one in force when an authority is told is frozen with its due times, so
that a change of the policy never moves a muster that is under way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from domain.clock import SHANGHAI
from domain.errors import InvalidInput

AFTER_MOST: Final = timedelta(hours=24)
RUNGS_MOST: Final = 10


class Whom(StrEnum):
    """Who is called on one rung."""

    SECOND_CHANNEL = "second_channel"
    """The same people, by their other contacts."""
    DEPUTY = "deputy"
    """副班."""
    SUBSTITUTE = "substitute"
    """The duty officers of the authorities that stand in for it."""
    HEAD = "head"
    """The head of the coordination group 协调联络组."""


class Variant(StrEnum):
    """When a ladder holds."""

    DAY = "day"
    NIGHT = "night"
    HOLIDAY = "holiday"


class Outcome(StrEnum):
    """What became of a rung when its time came."""

    CALLED = "called"
    NOT_NEEDED = "not_needed"
    """The authority had answered, closed its part, or the incident was over."""
    NOBODY = "nobody"
    """Nobody to call: no such person on the rota, no contact, or all were called already."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: who is called, so long after the authority was told."""

    after: timedelta
    whom: Whom


Ladder = tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy. `matter` or `adcode` `None`: for all of them.

    `night_from`, `night_to`: Shanghai time, over midnight. A ladder that is not given is the day's.
    """

    policy_id: str
    version: int
    matter: str | None
    adcode: str | None
    ladders: Mapping[Variant, Ladder]
    night_from: time = time(20)
    night_to: time = time(7)

    def ladder(self, variant: Variant) -> Ladder:
        """The rungs that hold then."""
        return self.ladders.get(variant, self.ladders[Variant.DAY])

    def to_json(self) -> dict[str, Any]:
        """As an event keeps it: minutes and names."""
        return {
            "policy_id": self.policy_id,
            "version": self.version,
            "ladders": {
                variant: [[rung.after // timedelta(minutes=1), rung.whom] for rung in rungs]
                for variant, rungs in sorted(self.ladders.items())
            },
        }


def _rungs(*minutes: tuple[int, Whom]) -> Ladder:
    return tuple(Rung(timedelta(minutes=after), whom) for after, whom in minutes)


DEFAULT: Final = Policy(
    policy_id="default",
    version=1,
    matter=None,
    adcode=None,
    ladders={
        Variant.DAY: _rungs((5, Whom.SECOND_CHANNEL), (10, Whom.DEPUTY), (15, Whom.HEAD)),
        # by night one person sits there: the second channel is the telephone that wakes them
        Variant.NIGHT: _rungs((3, Whom.SECOND_CHANNEL), (8, Whom.DEPUTY), (15, Whom.HEAD)),
        Variant.HOLIDAY: _rungs(
            (3, Whom.SECOND_CHANNEL), (8, Whom.DEPUTY), (12, Whom.SUBSTITUTE), (15, Whom.HEAD)
        ),
    },
)
"""What holds where nobody has written another."""


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung of one authority's ladder with its time. `step` counts from 1; 0 is the whistle."""

    step: int
    whom: Whom
    due_at: datetime


def variant_at(policy: Policy, at: datetime, *, holiday: bool) -> Variant:
    """Which ladder holds at `at`; `holiday`: no working day by the calendar. Night comes first."""
    clock = at.astimezone(SHANGHAI).time()
    start, end = policy.night_from, policy.night_to
    night = start <= clock or clock < end if start > end else start <= clock < end
    if night:
        return Variant.NIGHT
    return Variant.HOLIDAY if holiday else Variant.DAY


def due_rungs(policy: Policy, told_at: datetime, *, holiday: bool) -> tuple[DueRung, ...]:
    """The whole ladder of an authority that was told at `told_at`."""
    ladder = policy.ladder(variant_at(policy, told_at, holiday=holiday))
    return tuple(
        DueRung(step, rung.whom, told_at + rung.after) for step, rung in enumerate(ladder, start=1)
    )


def policy_for(policies: Iterable[Policy], matter: str, adcode: str) -> Policy:
    """The policy that fits best: for this matter and district, the district, the matter, all."""
    fitting = [
        one for one in policies if one.matter in {None, matter} and one.adcode in {None, adcode}
    ]
    return max(
        fitting,
        key=lambda one: (one.adcode is not None, one.matter is not None, one.version),
        default=DEFAULT,
    )


def wrong_fields(policy: Policy) -> list[InvalidInput]:
    """What cannot be a policy, by field; `[]` when all is well."""
    faults = []
    if not policy.policy_id.strip():
        faults.append(InvalidInput("policy_id", "expected a name"))
    if Variant.DAY not in policy.ladders:
        faults.append(InvalidInput("ladders.day", "expected a ladder for the day"))
    for variant, rungs in sorted(policy.ladders.items()):
        times = [rung.after for rung in rungs]
        field = f"ladders.{variant}"
        if not 0 < len(rungs) <= RUNGS_MOST:
            faults.append(InvalidInput(field, f"expected 1 to {RUNGS_MOST} rungs"))
        if any(not timedelta(0) < after <= AFTER_MOST for after in times):
            faults.append(InvalidInput(field, "expected times above 0 and up to 24 hours"))
        if times != sorted(times):
            faults.append(InvalidInput(field, "expected rungs by time"))
    return faults
