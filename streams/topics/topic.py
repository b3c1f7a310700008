"""What a topic is to this product: its name, key, contract, size, and who takes its messages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.positions import Rejection
from streams.contracts.contract import Contract
from streams.contracts.messages import Message, Rejected, Sentence
from streams.handlers.work import Handler

FEED = "kafka"
"""Feed under which a record is refused of which not even the feed can be read."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the broker has it; `at` is its timestamp there (UTC)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at: datetime

    @property
    def source_id(self) -> str:
        """Name of the partition as a replayable source."""
        return f"{self.topic}/{self.partition}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is believed of times when a record is taken; see `streams.settings.StreamSettings`."""

    now: Callable[[], datetime]
    retention: timedelta
    tolerance: timedelta
    part_timeout: timedelta


Take = Callable[[Record, Limits], list[Message]]
"""From a record to messages, each good or refused. Raises `BadRecord`: the record is refused."""


@dataclass(frozen=True, slots=True)
class Topic:
    """`key` says what a record is keyed by, `take` reads one (`None`: it only goes out).

    `handler` makes the handler of this topic's own `TopicMessage`s; what AIS brings has its own.
    """

    name: str
    key: str
    contract: Contract
    partitions: int
    retention: timedelta
    take: Take | None = None
    handler: Callable[[], Handler] | None = None


def refused(record: Record, detail: str, raw: bytes | None = None, feed_id: str = FEED) -> Rejected:
    """A record, or these bytes of it, that its contract does not allow."""
    kept = raw if raw is not None else record.value or b""
    return Rejected(
        Sentence(feed_id, record.at, kept, record.offset, source_id=record.source_id),
        Rejection.UNDECODABLE,
        f"{record.topic}: {detail}",
        kept,
    )
