"""A watch is said to run while whole rounds end, and not for what it does in the midst of one."""

from datetime import timedelta

import asyncpg
import pytest
from watch_world import INNER, MINUTE, POINT, World

from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from db.alert import store_now
from db.pool import connect
from db.snapshot import read_live
from db.watch import APPLICATION, is_watching
from streams import watch as watch_module

FRESH = timedelta(seconds=15)


@pytest.fixture
async def world(pool: asyncpg.Pool) -> World:
    async with pool.acquire() as connection:
        made = World(pool, await store_now(connection))
        await register_checkpoints(
            connection, "test", RegisterCheckpoints((POINT, INNER), made.now)
        )
    return made


async def said(world: World, url: str) -> tuple[bool, float | None]:
    """Whether a watch is at work, and when the console reads that it last was."""
    connection = await connect(url, application=APPLICATION)
    try:
        since = world.now - 60 * MINUTE
        rows = await read_live(
            connection,
            since=since,
            minutes_since=since,
            hour=since,
            day=since,
            decided_since=since,
            crossings=1,
        )
        return await is_watching(connection, FRESH), rows.watched_at
    finally:
        await connection.close()


async def test_only_a_whole_round_is_a_sign_of_life(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await said(world, database_url) == (False, None)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("the last step of the round")

    monkeypatch.setattr(watch_module, "recheck", broken)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await world.round()
    async with world.pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from watch_cursor") > 0
    assert await said(world, database_url) == (False, None)
    monkeypatch.undo()
    await world.round()
    alive, first = await said(world, database_url)
    assert alive
    assert first is not None
    await world.round()
    _, second = await said(world, database_url)
    assert second is not None
    assert second > first
    async with world.pool.acquire() as connection:
        await connection.execute(
            "update watch_cursor set recorded_at = recorded_at - interval '1 minute'"
            " where source = 'round'"
        )
    assert (await said(world, database_url))[0] is False
