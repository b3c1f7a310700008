"""The event table under many writers, and under somebody who changes what was written."""

import asyncio
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from db import event
from db.pool import transaction
from domain.events import GENESIS, NewEvent

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def made(stream_id: str, number: int) -> NewEvent:
    return NewEvent(
        stream_kind="vessel",
        stream_id=stream_id,
        kind="crossing.confirmed",
        actor="test",
        occurred_at=NOON + timedelta(seconds=number),
        payload={"number": number, "名": "太浦河", "at": NOON},
    )


async def test_twenty_writers_leave_gapless_numbers_and_a_valid_chain(pool: asyncpg.Pool) -> None:
    chance = random.Random(7)

    async def writer(number: int) -> None:
        for turn in range(4):
            ids = chance.sample(["412000001", "412000002", "412000003"], 2)
            async with transaction(pool) as connection:
                await event.append(connection, [made(i, number * 10 + turn) for i in ids])

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(writer(number))
    async with pool.acquire() as connection:
        total = 0
        for stream_id in ("412000001", "412000002", "412000003"):
            events = await event.stream(connection, "vessel", stream_id)
            assert [stored.seq for stored in events] == list(range(1, len(events) + 1))
            assert events[0].prev_hash == GENESIS
            recorded = [stored.recorded_at for stored in events]
            assert recorded == sorted(recorded)
            total += len(events)
        assert total == 20 * 4 * 2
        assert await event.verify_all(connection) == {}


async def test_a_rolled_back_append_leaves_no_gap(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as connection:
        await event.append(connection, [made("1", 1)])
    async with pool.acquire() as connection:
        abandoned = connection.transaction()
        await abandoned.start()
        await event.append(connection, [made("1", 2)])
        await abandoned.rollback()
    async with transaction(pool) as connection:
        stored = await event.append(connection, [made("1", 3), made("1", 4)])
        assert [placed.seq for placed in stored] == [2, 3]
        assert await event.verify(connection, "vessel", "1") == []


@pytest.mark.parametrize(
    "statement", ["update event set actor = 'x'", "delete from event", "truncate event"]
)
async def test_stored_events_cannot_be_changed(pool: asyncpg.Pool, statement: str) -> None:
    async with transaction(pool) as connection:
        await event.append(connection, [made("1", 1)])
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await pool.execute(statement)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update event set actor = 'somebody else' where seq = 2", "event 2 was changed"),
        ("update event set payload = payload || ' ' where seq = 2", "event 2 was changed"),
        (
            "update event set occurred_at = occurred_at + interval '1 s' where seq = 3",
            "event 3 was",
        ),
        ("delete from event where seq = 2", "event 2 is missing"),
        ("delete from event where seq = 3", "the head stands at event 3"),
        ("delete from event", "the head stands at event 3"),
        ("delete from event_head", "has no head"),
        (
            "update event set hash = sha256(payload), payload = 'x' where seq = 3",
            "event 3 was changed",
        ),
    ],
)
async def test_tampering_is_found(pool: asyncpg.Pool, statement: str, fault: str) -> None:
    async with transaction(pool) as connection:
        await event.append(connection, [made("1", n) for n in (1, 2, 3)])
        await connection.execute("alter table event disable trigger event_is_append_only")
        await connection.execute(statement)
        faults = await event.verify_all(connection)
    assert any(fault in sentence for sentence in faults["vessel", "1"])


def verify(url: str) -> tuple[int, list[dict[str, object]], str]:
    """`whistle events verify`: exit code, the JSON lines, the text on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "events", "verify"],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


async def test_the_command_names_the_broken_chains(pool: asyncpg.Pool, database_url: str) -> None:
    async with transaction(pool) as connection:
        for stream_id in ("1", "2", "3"):
            await event.append(connection, [made(stream_id, n) for n in range(20)])
    assert await asyncio.to_thread(verify, database_url) == (
        0,
        [],
        "60 events in 3 chains: all hold\n60 events without a seal yet: hashes alone speak\n",
    )
    async with transaction(pool) as connection:
        await connection.execute("alter table event disable trigger event_is_append_only")
        await connection.execute("update event set actor = 'x' where stream_id = '2' and seq > 5")
        await connection.execute("delete from event where stream_id = '3'")
        await connection.execute("insert into event_head values ('vessel', '4', 0, $1)", GENESIS)
    code, (second, third), said = await asyncio.to_thread(verify, database_url)
    assert code == 1
    assert said.splitlines()[0] == "40 events in 4 chains: 2 of them broken"
    assert (second["stream_kind"], second["stream_id"]) == ("vessel", "2")
    assert second["faults"] == [
        *(f"event {n} was changed after it was recorded" for n in range(6, 16)), "and 5 more",
    ]  # fmt: skip
    assert third == {
        "stream_kind": "vessel",
        "stream_id": "3",
        "faults": ["the head stands at event 20, the last event is 0"],
    }
