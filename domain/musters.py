"""The muster 集结: who was called, what each of them answered, and where an authority stands.

A call goes to one recipient of one authority. What the platform says (accepted), what the channel
says (receipt) and what a person says (seen, acknowledged, …) are different things and are kept
apart. Everything is pure: the call as it stands, what is said, and when.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final
from uuid import UUID

from domain.errors import InvalidInput, WhistleError

REASON_MOST: Final = 300
ETA_MOST: Final = timedelta(hours=24)


class CallRole(StrEnum):
    """As what somebody is called."""

    DUTY = "duty"
    """值班员."""
    DEPUTY = "deputy"
    """副班."""
    HEAD = "head"
    """协调联络组组长, the head of the coordination group."""
    ADDED = "added"
    """Named by the controller."""
    OPENER = "opener"
    """Their own people opened the incident: they know of it, and are not called."""


class Answer(StrEnum):
    """What a recipient says, by the one-tap page, at the console or through somebody else."""

    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"
    """收到."""
    ON_THE_WAY = "on_the_way"
    """出发."""
    ON_SCENE = "on_scene"
    """到场."""
    DECLINED = "declined"
    """不能来, with a reason."""
    WITHDRAWN = "withdrawn"
    """取消收到: the acknowledgement is taken back, with a reason; the calls go on."""


class CallState(StrEnum):
    """How far one call has come, in this order."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    RECEIPT = "receipt"
    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"
    ON_THE_WAY = "on_the_way"
    ON_SCENE = "on_scene"
    DECLINED = "declined"
    FAILED = "failed"
    """Nothing that was sent arrived, and nobody answered."""


class AnswerRefused(WhistleError):
    """What was said does not fit what stands; look again."""

    code: ClassVar[str] = "muster.refused"


@dataclass(frozen=True, slots=True)
class Call:
    """One recipient's row of the muster. `officer_id` `None`: whoever reads the authority's group.

    `step`: which step of the escalation called, 0 the whistle itself. `accepted_at`: the first
    platform took a message; `receipt_at`: a channel that has receipts gave one. `failure`: why the
    last message was given up, as long as none was accepted. `on_behalf_by`: who entered the last
    answer, where it was not the recipient. `link_number`: which of its one-tap links holds, older
    ones were replaced. `revision` counts answers.
    """

    call_id: UUID
    incident_id: UUID
    authority_id: str
    officer_id: str | None
    name: str
    role: CallRole
    step: int
    called_at: datetime
    accepted_at: datetime | None = None
    receipt_at: datetime | None = None
    failure: str | None = None
    seen_at: datetime | None = None
    acknowledged_at: datetime | None = None
    on_the_way_at: datetime | None = None
    eta: datetime | None = None
    on_scene_at: datetime | None = None
    declined_at: datetime | None = None
    reason: str | None = None
    on_behalf_by: str | None = None
    reminded_at: datetime | None = None
    link_number: int = 1
    revision: int = 0

    @property
    def state(self) -> CallState:
        """The furthest it has come; a person's word outweighs what became of the message."""
        by_person = (
            (self.declined_at, CallState.DECLINED),
            (self.on_scene_at, CallState.ON_SCENE),
            (self.on_the_way_at, CallState.ON_THE_WAY),
            (self.acknowledged_at, CallState.ACKNOWLEDGED),
            (self.seen_at, CallState.SEEN),
        )
        by_channel = (
            (self.receipt_at, CallState.RECEIPT),
            (self.accepted_at, CallState.ACCEPTED),
            (self.failure, CallState.FAILED),
        )
        return next((state for said, state in by_person + by_channel if said), CallState.QUEUED)

    @property
    def open(self) -> bool:
        """Whether this person is still to answer: nobody is called again who has."""
        return self.acknowledged_at is None and self.declined_at is None

    def delay(self, state: CallState) -> timedelta | None:
        """From the call to `state`; `None` where it has not come to that."""
        at = {
            CallState.ACCEPTED: self.accepted_at,
            CallState.RECEIPT: self.receipt_at,
            CallState.SEEN: self.seen_at,
            CallState.ACKNOWLEDGED: self.acknowledged_at,
            CallState.ON_THE_WAY: self.on_the_way_at,
            CallState.ON_SCENE: self.on_scene_at,
            CallState.DECLINED: self.declined_at,
        }.get(state)
        return None if at is None else at - self.called_at


@dataclass(frozen=True, slots=True)
class OwnPosition:
    """Where a recipient's telephone says it is, degrees WGS-84 and metres; theirs to give.

    Raises `InvalidInput` for what is nowhere on earth.
    """

    lon: float
    lat: float
    accuracy_m: float

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90 and 0 <= self.accuracy_m < 1e6):
            raise InvalidInput("position", "degrees on earth and an accuracy in metres")


@dataclass(frozen=True, slots=True)
class Said:
    """One answer to a call. `by`: who entered it, `None` the recipient through a link of their own.

    `at`: when it happened; entered for somebody else it may lie in the past. `expected`: the
    revision that whoever answers had seen; `None` for a recipient, whose late answer still counts.
    """

    answer: Answer
    at: datetime
    eta: datetime | None = None
    reason: str | None = None
    by: str | None = None
    expected: int | None = None


def answered(call: Call, said: Said, now: datetime) -> Call | None:
    """The call after `said`; `None`: it says so already.

    To be on the way or on the scene is to have acknowledged. Who declined may come after all, and
    who comes may have to decline; a late answer counts. Raises `AnswerRefused` for an answer to a
    call that moved on, and for taking back what was not said; `InvalidInput` for a missing reason,
    an arrival in the past or a day ahead, a time that is not yet.
    """
    _check(call, said, now)
    at = said.at
    if said.answer is Answer.SEEN:
        changed = call if call.seen_at or not call.open else replace(call, seen_at=at)
    elif said.answer is Answer.ACKNOWLEDGED:
        changed = call if call.acknowledged_at else _comes(call, at)
    elif said.answer is Answer.ON_THE_WAY:
        changed = replace(_comes(call, at), on_the_way_at=call.on_the_way_at or at)
        changed = replace(changed, eta=said.eta or changed.eta)
    elif said.answer is Answer.ON_SCENE:
        changed = replace(_comes(call, at), on_scene_at=call.on_scene_at or at)
    elif said.answer is Answer.DECLINED:
        changed = replace(_open(call), seen_at=call.seen_at or at, declined_at=at)
        changed = replace(changed, reason=said.reason)
    else:
        changed = replace(_open(call), reason=said.reason)
    if changed == call:
        return None
    return replace(changed, on_behalf_by=said.by, revision=call.revision + 1)


def _comes(call: Call, at: datetime) -> Call:
    return replace(
        call,
        seen_at=call.seen_at or at,
        acknowledged_at=call.acknowledged_at or at,
        declined_at=None,
        reason=None,
    )


def _open(call: Call) -> Call:
    return replace(
        call,
        acknowledged_at=None,
        on_the_way_at=None,
        eta=None,
        on_scene_at=None,
        declined_at=None,
    )


def _check(call: Call, said: Said, now: datetime) -> None:
    if said.expected is not None and said.expected != call.revision:
        raise AnswerRefused(f"{call.name} has answered meanwhile")
    if said.at > now:
        raise InvalidInput("at", "a time that has come")
    if said.at < call.called_at:
        raise InvalidInput("at", "a time after the call")
    if said.eta is not None and not now <= said.eta <= now + ETA_MOST:
        raise InvalidInput("eta", "an arrival within the next 24 hours")
    if said.answer in {Answer.DECLINED, Answer.WITHDRAWN} and not (said.reason or "").strip():
        raise InvalidInput("reason", "why")
    if len(said.reason or "") > REASON_MOST:
        raise InvalidInput("reason", f"at most {REASON_MOST} characters")
    if said.answer is Answer.WITHDRAWN and call.acknowledged_at is None:
        raise AnswerRefused(f"{call.name} has acknowledged nothing that could be taken back")
