"""From messages to records: by feed and partition, closed by size; the caller closes by time."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from streams.contracts.messages import Message, PositionMessage, StaticMessage
from streams.contracts.records import RECEIVERS, VESSELS, encode_receiver, encode_vessels, read
from streams.relay.entry import Entry
from streams.topics import vessel_positions
from streams.topics.keys import partition_of, vessel_key

VALUE_MOST = 256 * 1024
"""Bytes of a record, unless a single message is larger. A quarter of what may be."""


class _Bucket(NamedTuple):
    """What one record may hold together. `partition` is `None` for the receivers' topic."""

    feed_id: str
    source_id: str | None
    partition: int | None


class Packer:
    """Puts messages into records of at most `most` messages, in order per key.

    `partitions`: how many `vessel.positions` has; set it when the broker says otherwise than the
    register. `relay` names this program in the records.
    """

    def __init__(self, *, relay: str, most: int) -> None:
        self.partitions = vessel_positions.TOPIC.partitions
        self._relay = relay
        self._most = most
        self._open: dict[_Bucket, list[Message]] = {}

    @property
    def started(self) -> bool:
        """Whether something waits for its record to be closed."""
        return bool(self._open)

    def add(self, feed_id: str, source_id: str | None, messages: Sequence[Message]) -> list[Entry]:
        """Take messages of one feed in; the records that are full."""
        full: list[Entry] = []
        for message in messages:
            mmsi = _vessel(message)
            partition = None if mmsi is None else _partition(mmsi, self.partitions)
            bucket = _Bucket(feed_id, source_id, partition)
            held = self._open.setdefault(bucket, [])
            held.append(message)
            if len(held) >= self._most:
                full += self._entries(bucket, self._open.pop(bucket))
        return full

    def close(self) -> list[Entry]:
        """All records that were begun."""
        held, self._open = self._open, {}
        return [entry for bucket, one in held.items() for entry in self._entries(bucket, one)]

    def regroup(self, entry: Entry, partitions: int) -> list[Entry]:
        """The entry for a topic that has so many partitions; itself if it was made for them."""
        if entry.topic != VESSELS.name or entry.partitions == partitions:
            return [entry]
        other = Packer(relay=self._relay, most=self._most)
        other.partitions = partitions
        found = read(VESSELS, entry.value)
        full: list[Entry] = []
        for message in found.messages:
            full += other.add(found.feed_id, message.sentence.source_id, [message])
        return full + other.close()

    def _entries(self, bucket: _Bucket, messages: list[Message]) -> list[Entry]:
        """One record, or several when hostile bytes make it long."""
        feed_id, source_id, partition = bucket
        if partition is None:
            topic, key = RECEIVERS.name, feed_id.encode()
            value = encode_receiver(feed_id, messages, source_id=source_id, relay=self._relay)
        else:
            topic, key = VESSELS.name, vessel_key(_vessel(messages[0]) or 0)
            value = encode_vessels(feed_id, messages, source_id=source_id, relay=self._relay)
        if len(value) > VALUE_MOST and len(messages) > 1:
            half = len(messages) // 2
            return [
                *self._entries(bucket, messages[:half]),
                *self._entries(bucket, messages[half:]),
            ]
        return [Entry(topic, key, value, len(messages), self.partitions)]


def _vessel(message: Message) -> int | None:
    """The vessel that it is about; `None` for what goes to the receivers' topic."""
    if isinstance(message, PositionMessage):
        return message.fix.mmsi
    if isinstance(message, StaticMessage):
        return message.report.mmsi
    return None


@lru_cache(maxsize=65_536)
def _partition(mmsi: int, partitions: int) -> int:
    return partition_of(vessel_key(mmsi), partitions)
