"""Events: what somebody did or knew, in a chain of hashes per aggregate that shows later changes.

The hash covers every field, each preceded by its length, so that no two events share their bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

GENESIS = bytes(32)
"""`prev_hash` of an aggregate's first event."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FAULTS_TOLD = 10


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event before the store gives it its place. `occurred_at`: when it happened out there."""

    stream_kind: str
    stream_id: str
    kind: str
    actor: str
    occurred_at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event; `recorded_at` is when the product knew, `payload` the canonical bytes."""

    stream_kind: str
    stream_id: str
    seq: int
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    kind: str
    payload: bytes
    prev_hash: bytes
    hash: bytes


def canonical(payload: Mapping[str, Any]) -> bytes:
    """The payload as UTF-8 JSON with sorted keys and no spaces; times as ISO 8601 in UTC.

    Raises `TypeError` for what JSON cannot say, `ValueError` for NaN and infinity.
    """
    return json.dumps(
        payload,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_plain,
    ).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an event's payload")


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def chain_hash(event: Event) -> bytes:
    """SHA-256 over `prev_hash` and every other field of `event` but its `hash`."""
    digest = sha256(event.prev_hash)
    for field in (
        event.stream_kind.encode(),
        event.stream_id.encode(),
        str(event.seq).encode(),
        str(_micros(event.occurred_at)).encode(),
        str(_micros(event.recorded_at)).encode(),
        event.actor.encode(),
        event.kind.encode(),
        event.payload,
    ):
        digest.update(len(field).to_bytes(8, "big"))
        digest.update(field)
    return digest.digest()


def chained(new: NewEvent, seq: int, recorded_at: datetime, prev_hash: bytes) -> Event:
    """`new` in its place: number `seq` of its aggregate, after the event with `prev_hash`."""
    bare = Event(
        stream_kind=new.stream_kind,
        stream_id=new.stream_id,
        seq=seq,
        occurred_at=new.occurred_at,
        recorded_at=recorded_at,
        actor=new.actor,
        kind=new.kind,
        payload=canonical(new.payload),
        prev_hash=prev_hash,
        hash=b"",
    )
    return Event(
        **{name: getattr(bare, name) for name in Event.__slots__ if name != "hash"},
        hash=chain_hash(bare),
    )


class ChainCheck:
    """Follows one aggregate's chain event by event and keeps only what is wrong, the first words.

    `events`: how many it was given. From the beginning, or from after event `seq` with `previous`.
    """

    def __init__(self, seq: int = 0, previous: bytes = GENESIS) -> None:
        self.events = 0
        self._previous, self._expected = previous, seq + 1
        self._found: list[str] = []
        self._further = 0

    def take(self, event: Event) -> None:
        """The next event, in the order of their numbers."""
        self.events += 1
        if event.seq != self._expected:
            self._add(f"event {self._expected} is missing before {event.seq}")
        if event.prev_hash != self._previous:
            self._add(f"event {event.seq} does not follow the event before it")
        if chain_hash(event) != event.hash:
            self._add(f"event {event.seq} was changed after it was recorded")
        self._previous, self._expected = event.hash, event.seq + 1

    def faults(self, head: tuple[int, bytes] | None) -> list[str]:
        """What was wrong, now that all events were taken; `head` as in `chain_faults`."""
        if head is None:
            self._add("the aggregate has no head")
        elif head != (self._expected - 1, self._previous):
            last = self._expected - 1
            self._add(f"the head stands at event {head[0]}, the last event is {last}")
        return [*self._found, f"and {self._further} more"] if self._further else self._found

    def _add(self, fault: str) -> None:
        if len(self._found) < _FAULTS_TOLD:
            self._found.append(fault)
        else:
            self._further += 1


def chain_faults(events: Sequence[Event], head: tuple[int, bytes] | None) -> list[str]:
    """What is wrong with one aggregate's chain, in words; `[]` when every hash and number holds.

    `head` is the aggregate's recorded (seq, hash): a cut tail shows only against it.
    """
    check = ChainCheck()
    for event in events:
        check.take(event)
    return check.faults(head)
