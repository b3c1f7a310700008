"""SIGKILL at twenty random moments of a recorded hour leaves what an undisturbed run leaves."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from ingest_process import IngestProcess, settled
from store_content import content, digests

from db.pool import prepare_connection
from ops.cluster import Cluster
from seed.history import RECORDED_FROM, write_history
from seed.layers import load_builtin_layers

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

KILLS = 20
CURSOR = "select coalesce(max(next_offset), 0) from feed_cursor"


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hour") / "hour.nmea"
    write_history(path, barges=150, seed=21, until=RECORDED_FROM + 3600, duration_s=3600)
    return path


@pytest.fixture
def second_url(cluster: Cluster, template_db: str) -> Iterator[str]:
    """Another new database, to compare with."""
    from conftest import _database

    yield from _database(cluster, template_db)


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


async def test_twenty_kills_change_nothing(database_url: str, second_url: str, hour: Path) -> None:
    chance = random.Random(2024)
    async with opened(second_url) as store:
        async with reading(second_url, hour, 2000) as run:
            assert await run.ended() == 0, run.errors.decode()
        undisturbed = await content(store)
    assert len(undisturbed["crossings"]) > 10
    landed = 0
    async with opened(database_url) as store:
        for share in sorted(chance.uniform(0, 0.97) for _ in range(KILLS)):
            batch = chance.choice([25, 100, 400])
            async with reading(database_url, hour, batch) as run:
                goal = share * size_of(hour)
                await settled(store, CURSOR, lambda at, goal=goal: at >= goal, 300)
                await asyncio.sleep(chance.uniform(0, 0.1))  # anywhere within a batch
                if run.process.returncode is None:
                    run.process.kill()
                    landed += 1
                await run.ended()
        async with reading(database_url, hour, 2000) as run:
            assert await run.ended() == 0, run.errors.decode()
        killed = await content(store)
    assert landed == KILLS
    assert digests(killed) == digests(undisturbed)
    assert killed == undisturbed
