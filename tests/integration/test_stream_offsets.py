"""Offsets in the store: advanced by whoever stands where the store stands, and by nobody else."""

import asyncpg
import pytest
from store_content import content

from commands.skip_records import SkipRecords, skip_records
from db.stream import OffsetMove, PartitionTaken, advance, offsets
from domain.clock import utc_now

HERE = ("vessel.positions", 3)
NEXT = ("vessel.positions", 4)


def move(start: int, next_offset: int, place: tuple[str, int] = HERE) -> OffsetMove:
    return OffsetMove("cluster", *place, start, next_offset)


async def test_a_new_partition_begins_where_its_log_begins(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as store:
        assert await offsets(store, "cluster", {HERE: 70, NEXT: 0}) == {HERE: 70, NEXT: 0}
        await advance(store, [move(70, 90)])
        assert await offsets(store, "cluster", {HERE: 80, NEXT: 0}) == {HERE: 90, NEXT: 0}
        assert await offsets(store, "another", {HERE: 80}) == {HERE: 80}


async def test_only_who_stands_there_goes_on(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as store:
        await offsets(store, "cluster", {HERE: 0, NEXT: 0})
        await advance(store, [move(0, 5), move(0, 7, NEXT)])
        with pytest.raises(PartitionTaken, match=r"vessel\.positions/3 on from 0"):
            async with store.transaction():
                await advance(store, [move(7, 9, NEXT), move(0, 6)])
        assert await offsets(store, "cluster", {HERE: 0, NEXT: 0}) == {HERE: 5, NEXT: 7}


async def test_a_gap_is_an_event_and_moves_the_offset_once(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as store:
        await offsets(store, "cluster", {HERE: 0})
        command = SkipRecords(move(0, 40), "expired", utc_now())
        await skip_records(store, "ingest", command)
        with pytest.raises(PartitionTaken):
            await skip_records(store, "ingest", command)
        assert await offsets(store, "cluster", {HERE: 0}) == {HERE: 40}
        rows = await store.fetch("select stream_id, payload from event where kind = 'stream.gap'")
        assert [row["stream_id"] for row in rows] == ["cluster/vessel.positions/3"]
        assert b'"first_missing":0,"goes_on_at":40' in rows[0]["payload"]
        await content(store)
