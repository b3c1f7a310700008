"""Where to read on: the store's offsets against what the broker's logs still hold."""

from collections.abc import Callable, Mapping
from datetime import datetime

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from commands.skip_records import SkipRecords, skip_records
from db.stream import OffsetMove, Partition, offsets

_log = structlog.get_logger(__name__)
_ACTOR = "ingest"
_ACQUIRE_S = 10.0


class Places:
    """Asks the store, and says loudly when records are gone that were never taken."""

    def __init__(self, pool: asyncpg.Pool, cluster_id: str, now: Callable[[], datetime]) -> None:
        self.gaps = 0
        self._pool = pool
        self._cluster_id = cluster_id
        self._now = now

    async def of(
        self, consumer: AIOKafkaConsumer, wanted: set[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """The first record to take, of each partition. Raises what store and broker say."""
        listed = sorted(wanted)
        begins = await consumer.beginning_offsets(listed)
        ends = await consumer.end_offsets(listed)
        known: Mapping[Partition, int] = {(tp.topic, tp.partition): begins[tp] for tp in listed}
        async with self._pool.acquire(timeout=_ACQUIRE_S) as connection:
            stored = await offsets(connection, self._cluster_id, known)
        found = {tp: stored[tp.topic, tp.partition] for tp in listed}
        for tp, offset in found.items():
            if not begins[tp] <= offset <= ends[tp]:
                await self._skip(tp, offset, begins[tp])
                found[tp] = begins[tp]
        return found

    async def _skip(self, tp: TopicPartition, offset: int, begin: int) -> None:
        reason = "expired" if offset < begin else "rewound"
        move = OffsetMove(self._cluster_id, tp.topic, tp.partition, offset, begin)
        async with self._pool.acquire(timeout=_ACQUIRE_S) as connection:
            await skip_records(connection, _ACTOR, SkipRecords(move, reason, self._now()))
        self.gaps += 1
        _log.error(
            "RECORDS ARE MISSING: the broker no longer has what was not taken yet",
            action="stream.gap",
            topic=tp.topic,
            partition=tp.partition,
            first_missing=offset,
            goes_on_at=begin,
            reason=reason,
        )
