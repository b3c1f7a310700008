"""`ais.sentences`: what a receiver sent beside the vessels' own reports, by receiver."""

from datetime import timedelta

from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Message, Sentence
from streams.contracts.records import RECEIVERS, read
from streams.topics.topic import Limits, Record, Topic, refused


def take(record: Record, limits: Limits) -> list[Message]:
    """The messages of a record, and those of sentences that its relay has not read."""
    found = read(RECEIVERS, record.value)
    messages = found.messages
    if found.unread:
        messages += _decoded(found.unread, limits)
    messages += [refused(record, fault, raw, found.feed_id) for fault, raw in found.faults]
    return messages


def _decoded(sentences: list[Sentence], limits: Limits) -> list[Message]:
    """Nothing is kept from record to record: whoever reads one twice finds the same."""
    decoder = AisDecoder(
        now=limits.now,
        retention=limits.retention,
        tolerance=limits.tolerance,
        part_timeout=limits.part_timeout,
    )
    messages = [message for sentence in sentences for message in decoder.decode(sentence)]
    return messages + decoder.flush()


TOPIC = Topic(
    name=RECEIVERS.name,
    key="feed_id",
    contract=RECEIVERS,
    partitions=6,
    retention=timedelta(days=7),
    take=take,
)
