"""Readings and tokens in a real store: taken once, in one order, told apart, taken back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from commands.amend_register import RegisterChange
from commands.issue_token import IssueToken, RevokeTokens, issue_token, revoke_point_tokens
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from commands.take_reading import (
    ContradictingReading,
    ImplausibleReading,
    TakenReading,
    TakeReading,
    take_reading,
)
from db import event
from db.checkpoint import Contact, add_contacts, health, tokens
from db.pool import create_pool
from db.reading import readings_after, readings_of_vessel
from domain.checkpoints import Checkpoint, Direction, Reading, System, token_hash
from domain.clock import utc_now
from domain.errors import InvalidInput

GATE = Checkpoint(
    "wj-1", System.WUJIANG, "一号", "One", 120.85, 31.1, 250.0, 80.0, "jishuigang", "320509", 60
)
POINT = Checkpoint(
    "js-1", System.JIASHAN, "一点", "Point 1", 120.9, 30.9, 180.0, 60.0, "taipu", "330421", 60
)


async def register(pool: asyncpg.Pool, *points: Checkpoint) -> RegisterChange:
    async with pool.acquire() as connection:
        return await register_checkpoints(
            connection, "test", RegisterCheckpoints(points or (GATE, POINT), utc_now())
        )


async def take(pool: asyncpg.Pool, reading: Reading) -> TakenReading:
    async with pool.acquire() as connection:
        return await take_reading(
            connection, "checkpoint:wj-1", TakeReading(reading, {"as": "sent"}, utc_now())
        )


def read(key: str = "0001", **more: object) -> Reading:
    plain = Reading("wj-1", System.WUJIANG, key, utc_now(), Direction.FORTH, draught_m=2.4)
    return replace(plain, **more)


async def test_points_are_registered_once_and_changes_are_events(pool: asyncpg.Pool) -> None:
    assert (await register(pool)).added == ("wj-1", "js-1")
    assert (await register(pool)).nothing
    changed = await register(pool, replace(GATE, every_s=30), POINT)
    assert changed.changed == {"wj-1": {"every_s": (60, 30)}}
    async with pool.acquire() as connection:
        events = await event.stream(connection, "checkpoint", "wj-1")
        assert [one.kind for one in events] == ["checkpoint.registered", "checkpoint.changed"]
        found = await health(connection)
        assert [(one.checkpoint.checkpoint_id, one.refused) for one in found] == [
            ("wj-1", 0),
            ("js-1", 0),
        ]
        assert found[0].checkpoint == replace(GATE, every_s=30)


async def test_a_reading_is_taken_once(pool: asyncpg.Pool) -> None:
    await register(pool)
    reading = read()
    first = await take(pool, reading)
    again = await take(pool, reading)
    assert (first.new, again.new) == (True, False)
    assert replace(again, new=True) == first
    with pytest.raises(ContradictingReading, match="0001"):
        await take(pool, replace(reading, draught_m=1.1))
    async with pool.acquire() as connection:
        (stored,) = await readings_after(connection, 0)
        assert stored.reading == reading
        (taken,) = await event.stream(connection, "reading", str(reading.reading_id))
        assert (taken.kind, taken.occurred_at) == ("reading.taken", reading.t)


async def test_twenty_at_once_are_one(pool: asyncpg.Pool) -> None:
    await register(pool)
    reading = read()
    taken = await asyncio.gather(*(take(pool, reading) for _ in range(20)))
    assert sum(one.new for one in taken) == 1
    assert len({one.seq for one in taken}) == 1


async def test_of_two_contents_at_once_one_stands(pool: asyncpg.Pool) -> None:
    await register(pool)
    reading = read()
    draughts = [1.1, 2.4] * 6
    answers = await asyncio.gather(
        *(take(pool, replace(reading, draught_m=draught)) for draught in draughts),
        return_exceptions=True,
    )
    (stands,) = await pool.fetch("select draught_m from reading")
    for draught, answer in zip(draughts, answers, strict=True):
        expected = TakenReading if draught == stands["draught_m"] else ContradictingReading
        assert isinstance(answer, expected), answer
    assert await pool.fetchval("select count(*) from event where kind = 'reading.taken'") == 1
    async with pool.acquire() as connection:
        assert await event.verify_all(connection) == {}


async def test_what_is_not_believed_or_unknown_leaves_nothing(pool: asyncpg.Pool) -> None:
    await register(pool)
    with pytest.raises(ImplausibleReading) as implausible:
        await take(pool, read(draught_m=-3.0))
    assert (implausible.value.reason, implausible.value.field) == ("reading.range", "draught_m")
    with pytest.raises(InvalidInput, match="image_hash"):
        await take(pool, read(image_hash=bytes(32)))
    with pytest.raises(InvalidInput, match="checkpoint_id"):
        await take(pool, read(checkpoint_id="wj-99"))
    assert await pool.fetchval("select count(*) from reading") == 0


async def test_a_reader_that_follows_the_numbers_misses_none(
    pool: asyncpg.Pool, database_url: str
) -> None:
    await register(pool)
    found: list[int] = []
    done = asyncio.Event()
    other = await create_pool(database_url)

    async def follow() -> None:
        while True:
            last = done.is_set()
            async with other.acquire() as connection:
                news = await readings_after(connection, found[-1] if found else 0, most=7)
            found.extend(one.seq for one in news)
            if last and not news:
                return

    follower = asyncio.create_task(follow())
    await asyncio.gather(*(take(pool, read(str(n))) for n in range(120)))
    done.set()
    await follower
    await other.close()
    assert len(found) == 120
    assert found == sorted(found)


async def test_the_readings_of_a_vessel_follow_the_matches(pool: asyncpg.Pool) -> None:
    await register(pool)
    now = utc_now()
    for key in ("1", "2", "3"):
        await take(pool, read(key, t=now - timedelta(minutes=int(key))))
    for key, mmsi, undone in (("1", 413000001, False), ("2", 413000001, True), ("3", None, False)):
        await pool.execute(
            """insert into reading_match
               select $1, $2, 0.9, '[]', now(), case when $3 then now() end,
                      case when $3 then 'somebody' end""",
            read(key).reading_id,
            mmsi,
            undone,
        )
    async with pool.acquire() as connection:
        mine = await readings_of_vessel(connection, 413000001, now - timedelta(days=1))
        assert [one.reading.source_key for one in mine] == ["1"]


async def test_a_token_is_known_by_its_hash_only(pool: asyncpg.Pool) -> None:
    await register(pool)
    async with pool.acquire() as connection:
        issued = await issue_token(connection, "test", IssueToken("wj-1", timedelta(days=30)))
        assert issued.token not in repr(issued)
        known = (await tokens(connection))[token_hash(issued.token)]
        assert (known.checkpoint_id, known.revoked_at) == ("wj-1", None)
        assert known.expires_at - known.issued_at == timedelta(days=30)
        assert await revoke_point_tokens(connection, "test", RevokeTokens("wj-1", utc_now())) == 1
        assert await revoke_point_tokens(connection, "test", RevokeTokens("wj-1", utc_now())) == 0
        assert (await tokens(connection))[token_hash(issued.token)].revoked_at is not None
        events = await event.stream(connection, "checkpoint", "wj-1")
        assert [one.kind for one in events[1:]] == [
            "checkpoint.token_issued",
            "checkpoint.tokens_revoked",
        ]
        assert not any(issued.token.encode() in one.payload for one in events)
        with pytest.raises(InvalidInput, match="checkpoint_id"):
            await issue_token(connection, "test", IssueToken("wj-99", timedelta(days=1)))


async def test_signs_of_life_never_go_back(pool: asyncpg.Pool) -> None:
    await register(pool)
    now = utc_now()
    earlier = now - timedelta(seconds=9)
    async with pool.acquire() as connection:
        await add_contacts(connection, [Contact("wj-1", now, now, 2, 0.5)])
        await add_contacts(connection, [Contact("wj-1", earlier, None, 3), Contact("gone", now)])
        found = {one.checkpoint.checkpoint_id: one for one in await health(connection)}
    assert found["wj-1"].last_contact_at == now
    assert found["wj-1"].last_reading_at == now
    assert (found["wj-1"].refused, found["wj-1"].clock_ahead_s) == (5, 0.5)
    assert found["js-1"].last_contact_at is None
