"""An ingest killed at random moments of a recording, against one that nobody disturbed."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from ingest_process import IngestProcess, settled
from store_content import content, digests

from db.pool import prepare_connection
from seed.layers import load_builtin_layers

CURSOR = "select coalesce(max(next_offset), 0) from feed_cursor"


async def kills_change_nothing(
    database_url: str, second_url: str, recording: Path, *, kills: int, landing: int, crossings: int
) -> None:
    """Both databases are new; the recording leads to more than that many crossings.

    At least `landing` kills must hit a running ingest: a short recording may be over before.
    """
    chance = random.Random(2024)
    async with opened(second_url) as store:
        async with reading(second_url, recording, 2000) as run:
            assert await run.ended() == 0, run.errors.decode()
        undisturbed = await content(store)
    assert len(undisturbed["crossings"]) > crossings
    landed = 0
    async with opened(database_url) as store:
        for share in sorted(chance.uniform(0, 0.97) for _ in range(kills)):
            batch = chance.choice([25, 100, 400])
            async with reading(database_url, recording, batch) as run:
                goal = share * size_of(recording)
                await settled(store, CURSOR, lambda at, goal=goal: at >= goal, 300)
                await asyncio.sleep(chance.uniform(0, 0.1))  # anywhere within a batch
                if run.process.returncode is None:
                    run.process.kill()
                    landed += 1
                await run.ended()
        async with reading(database_url, recording, 2000) as run:
            assert await run.ended() == 0, run.errors.decode()
        killed = await content(store)
    assert landed >= landing
    assert digests(killed) == digests(undisturbed)
    assert killed == undisturbed


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database with the packaged layers."""
    connection = await asyncpg.connect(url)
    await prepare_connection(connection)
    await load_builtin_layers(connection)
    try:
        yield connection
    finally:
        await connection.close()


def size_of(path: Path) -> int:
    return path.stat().st_size


def reading(url: str, path: Path, batch: int) -> IngestProcess:
    return IngestProcess(
        url, "--file", str(path), WHISTLE_RETENTION_DAYS="40000", WHISTLE_BATCH_MESSAGES=str(batch)
    )
