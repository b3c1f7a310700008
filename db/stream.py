"""How far each partition of a broker's topics was taken into the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from db.catalog import load_queries
from db.errors import StoreError
from db.pool import Connection

_queries = load_queries("stream")

Partition = tuple[str, int]
"""(topic, number) at one broker cluster."""


class PartitionTaken(StoreError):
    """Another worker has gone on with this partition: this one must not."""

    code: ClassVar[str] = "stream.partition_taken"


@dataclass(frozen=True, slots=True)
class OffsetMove:
    """One step in a partition, in records: from `start` to `next_offset`."""

    cluster_id: str
    topic: str
    partition: int
    start: int
    next_offset: int


async def offsets(
    connection: Connection, cluster_id: str, begins: Mapping[Partition, int]
) -> dict[Partition, int]:
    """The first record not taken yet, of each of these partitions.

    `begins` is where the broker's logs begin now: a partition that the store does not know starts
    there.
    """
    topics, numbers = [key[0] for key in begins], [key[1] for key in begins]
    await _queries.begin_offsets(
        connection,
        cluster_id=cluster_id,
        topics=topics,
        partitions=numbers,
        starts=list(begins.values()),
    )
    return {
        (row["topic"], row["partition"]): row["next_offset"]
        async for row in _queries.offsets(
            connection, cluster_id=cluster_id, topics=topics, partitions=numbers
        )
    }


async def advance(connection: Connection, moves: Sequence[OffsetMove]) -> None:
    """Advance by compare-and-set, in the transaction of the work; raises `PartitionTaken`."""
    if not moves:
        return
    moved = {
        (row["topic"], row["partition"])
        async for row in _queries.advance(
            connection,
            cluster_ids=[move.cluster_id for move in moves],
            topics=[move.topic for move in moves],
            partitions=[move.partition for move in moves],
            starts=[move.start for move in moves],
            next_offsets=[move.next_offset for move in moves],
        )
    }
    for move in moves:
        if (move.topic, move.partition) not in moved:
            raise PartitionTaken(
                f"another worker has read {move.topic}/{move.partition} on from {move.start}"
            )
