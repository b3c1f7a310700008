"""`whistle watch` as a process: killed in the middle of its work, it goes on exactly."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
from watch_world import INNER, MINUTE, POINT, World

from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from db.alert import CHANNEL, store_now

ROOT = Path(__file__).parents[2]


async def started(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.cli", "watch"),
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"},
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_is_killed_and_started_and_doubles_nothing(
    pool: asyncpg.Pool, layered_url: str
) -> None:
    async with pool.acquire() as connection:
        world = World(pool, await store_now(connection))
        points = RegisterCheckpoints((POINT, INNER), world.now)
        await register_checkpoints(connection, "test", points)
    await world.hull()
    await world.seen(world.now - 30 * MINUTE, "310118")
    heard = asyncio.Event()

    def hear(*_: object) -> None:
        heard.set()

    async with pool.acquire() as listener:
        await listener.add_listener(CHANNEL, hear)
        process = await started(layered_url)
        for number in range(4):
            heard.clear()
            await world.read(world.now - (9 - number) * MINUTE, None, plate=f"无名{number}")
            async with asyncio.timeout(60):
                await heard.wait()
            # the hint is part of the commit: whatever it does now, it is in the middle of a round
            process.kill()
            await process.communicate()
            process = await started(layered_url)
        heard.clear()
        await world.read(world.now - MINUTE)
        async with asyncio.timeout(60):
            await heard.wait()
        await listener.remove_listener(CHANNEL, hear)
    process.send_signal(signal.SIGTERM)
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert '"process.stopped"' in said.decode().splitlines()[-1]
    found = sorted(alert.subject or "" for alert in await world.open())
    assert found == sorted([*(f"无名{number}" for number in range(4)), "淀西2161"])
    async with pool.acquire() as connection:
        told = await connection.fetchval("select count(*) from event where stream_kind = 'alert'")
    assert told == 5
