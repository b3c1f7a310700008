"""The batch that is being filled from records, and how far it takes each partition."""

import structlog
from aiokafka import TopicPartition

from db.stream import OffsetMove
from streams.batch import Batch
from streams.contracts.contract import BadRecord
from streams.contracts.messages import Message
from streams.topics.topic import Limits, Record, Topic, refused

_log = structlog.get_logger(__name__)


class Taking:
    """Collects the messages of records in their order; `close` hands out what is there."""

    def __init__(self, cluster_id: str, limits: Limits) -> None:
        self.messages: list[Message] = []
        self._moves: dict[TopicPartition, tuple[int, int]] = {}
        self._cluster_id = cluster_id
        self._limits = limits

    def __bool__(self) -> bool:
        return bool(self._moves)

    def take(self, topic: Topic, record: Record, position: int) -> list[Message]:
        """Add a record that was read from `position` on; its messages."""
        found = _messages(topic, record, self._limits)
        self.messages += found
        place = TopicPartition(record.topic, record.partition)
        start, _ = self._moves.get(place, (position, position))
        self._moves[place] = (start, record.offset + 1)
        return found

    def close(self) -> Batch:
        """The batch so far; the next one begins."""
        batch = Batch(
            self.messages,
            offsets=[
                OffsetMove(self._cluster_id, place.topic, place.partition, start, end)
                for place, (start, end) in sorted(self._moves.items())
            ],
        )
        self.clear()
        batch.make_ready()
        return batch

    def clear(self) -> None:
        """Drop what is there: it will be read again, by whoever holds its partitions then."""
        self.messages, self._moves = [], {}


def _messages(topic: Topic, record: Record, limits: Limits) -> list[Message]:
    assert topic.take is not None  # noqa: S101 - only topics that come in are read
    try:
        return topic.take(record, limits)
    except BadRecord as fault:
        detail = str(fault)
    except Exception as fault:  # whatever a record makes of its reader, the stream goes on
        detail = f"{type(fault).__name__}: {fault}"
        _log.exception(
            "record could not be read",
            action="stream.poison",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )
    return [refused(record, detail)]
