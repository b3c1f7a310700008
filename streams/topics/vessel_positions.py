"""`vessel.positions`: fixes and static reports, by vessel."""

from datetime import UTC, datetime, timedelta

from domain.positions import Rejection
from streams.contracts.messages import Message, PositionMessage, Rejected, StaticMessage
from streams.contracts.records import VESSELS, read
from streams.topics.topic import Limits, Record, Topic, refused

_NEVER = datetime.min.replace(tzinfo=UTC)


def take(record: Record, limits: Limits) -> list[Message]:
    """The messages of a record; times are believed as they are at a socket."""
    found = read(VESSELS, record.value)
    now = limits.now()
    latest = now + limits.tolerance
    earliest = now - limits.retention if now - _NEVER > limits.retention else _NEVER
    messages = [_believed(message, earliest, latest) for message in found.messages]
    messages += [refused(record, fault, raw, found.feed_id) for fault, raw in found.faults]
    return messages


def _believed(message: Message, earliest: datetime, latest: datetime) -> Message:
    if isinstance(message, PositionMessage):
        mmsi, t = message.fix.mmsi, message.fix.t
    elif isinstance(message, StaticMessage):
        mmsi, t = message.report.mmsi, message.report.t
    else:
        return message
    if earliest <= t <= latest:
        return message
    if t > latest:
        reason, than = Rejection.TIME_FUTURE, f"later than {latest:%Y-%m-%dT%H:%M:%SZ}"
    else:
        reason, than = Rejection.TIME_EXPIRED, f"earlier than {earliest:%Y-%m-%dT%H:%M:%SZ}"
    sentence = message.sentence
    return Rejected(sentence, reason, f"{t:%Y-%m-%dT%H:%M:%SZ} is {than}", sentence.raw, mmsi)


TOPIC = Topic(
    name=VESSELS.name,
    key="MMSI",
    contract=VESSELS,
    partitions=12,
    retention=timedelta(days=7),
    take=take,
)
