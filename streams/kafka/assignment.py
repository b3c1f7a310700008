"""Which partitions this worker holds now, and up to where it has taken each."""

from collections.abc import Awaitable, Callable, Iterable

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

_log = structlog.get_logger(__name__)


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # untyped library
    """Listens to the group. A partition is `fresh` until its place in the store is known.

    `positions` says which record comes next, of the partitions that are taken from. `revoked` is
    awaited before partitions go to others: what is being stored may end in that time.
    """

    def __init__(self, revoked: Callable[[], Awaitable[None]]) -> None:
        self.positions: dict[TopicPartition, int] = {}
        self.fresh: set[TopicPartition] = set()
        self.generation = 0
        self._revoked = revoked
        self._consumer: AIOKafkaConsumer | None = None

    def belongs_to(self, consumer: AIOKafkaConsumer) -> None:
        """The consumer whose group this is."""
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """The group is dealt anew: nothing is ours until it says so."""
        gone = sorted(f"{tp.topic}/{tp.partition}" for tp in revoked)
        self.generation += 1
        self.positions.clear()
        self.fresh = set()
        if gone:
            _log.info("partitions given back", action="stream.revoked", partitions=gone)
        await self._revoked()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """These are ours; nothing of them is read before the store has been asked."""
        self.generation += 1
        self.positions.clear()
        self.fresh = set(assigned)
        if self._consumer is not None and self.fresh:
            self._consumer.pause(*self.fresh)
        names = sorted(f"{tp.topic}/{tp.partition}" for tp in self.fresh)
        _log.info("partitions taken", action="stream.assigned", partitions=names)

    def again(self) -> None:
        """Begin again from the store with everything that is ours."""
        self.generation += 1
        self.fresh |= self.positions.keys()
        self.positions.clear()

    def ready(self, places: dict[TopicPartition, int]) -> None:
        """Read on from these places; call without waiting since the generation was looked at."""
        assert self._consumer is not None  # noqa: S101 - partitions come from a consumer
        for partition, offset in places.items():
            self._consumer.seek(partition, offset)
        self._consumer.resume(*places)
        self.positions |= places
        self.fresh -= places.keys()
