"""A lost store comes back from a dump, or from a base backup and the archived log, and the workers
take from Kafka what came after it: the content is that of a run that nothing happened to.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from door_process import GATES, ROOT
from ingest_process import settled
from kafka_broker import installation
from kafka_traffic import (
    Sent,
    messages_of,
    producing,
    records_of,
    send,
    taken,
    what_stands,
    worker,
    working,
)
from killing import opened
from production_store import ProductionStore
from store_content import digests, ingest

from commands.issue_token import IssueToken, issue_token
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from domain.clock import utc_now
from seed.history import RECORDED_FROM, write_history
from streams.inputs import Input
from streams.settings import KafkaSettings
from streams.sources.file import FileSource

DECISIONS = "select count(*) from event where kind = 'checkpoint.token_issued'"


@dataclass(frozen=True)
class Traffic:
    """A recording as records for Kafka, in three parts, and what an undisturbed run makes of it."""

    parts: list[list[Sent]]
    undisturbed: dict[str, list[tuple[Any, ...]]]
    settings: KafkaSettings

    def until(self, part: int) -> int:
        return sum(len(one) for one in self.parts[:part])


@pytest.fixture
async def traffic(bootstrap: str, second_url: str, tmp_path: Path) -> Traffic:
    recording = tmp_path / "day.nmea"
    until = RECORDED_FROM + 1200
    write_history(recording, barges=30, seed=5, until=until, duration_s=1200)
    async with opened(second_url) as store:
        await ingest(second_url, Input(FileSource(recording, feed_id="ais"), "file", None)).run()
        undisturbed = await what_stands(store)
    assert undisturbed["crossings"]
    records = list(records_of(messages_of(recording), together=10))
    third = len(records) // 3
    parts = [records[:third], records[third : 2 * third], records[2 * third :]]
    return Traffic(parts, undisturbed, installation(bootstrap, kafka_session_s=3))


@pytest.fixture
def stores() -> Iterator[Path]:
    """A folder for stores; whatever still runs in it is stopped."""
    with tempfile.TemporaryDirectory(prefix="whistle-backup-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@asynccontextmanager
async def running(store: ProductionStore) -> Any:
    try:
        yield store
    finally:
        store.stop()


async def made(folder: Path) -> ProductionStore:
    """As `store` and `migrate` of the compose file leave it."""
    store = ProductionStore(folder)
    await store.create()
    whistle(store, "migrate")
    return store


def whistle(store: ProductionStore, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": store.url()},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


async def takes(store: ProductionStore, traffic: Traffic, until: int) -> None:
    """A worker takes records up to there, and stops."""
    async with opened(store.url()) as asked, working(worker(store.url(), traffic.settings)):
        await taken(asked, until, 240)


async def sends(traffic: Traffic, part: int) -> None:
    async with producing(traffic.settings) as producer:
        await send(traffic.settings, producer, traffic.parts[part - 1])


async def decides(store: ProductionStore) -> None:
    """Somebody does something that no stream will bring again."""
    async with opened(store.url()) as connection:
        points = RegisterCheckpoints(GATES, utc_now())
        await register_checkpoints(connection, "test", points)
        await issue_token(connection, "test", IssueToken("wj-1", timedelta(days=1)))


def lose(store: ProductionStore) -> None:
    """The machine dies, and its disk with it; the backups are on another."""
    for process in store.server_processes():
        process.send_signal(signal.SIGKILL)
    store.stop()
    for one in store.data.iterdir():  # the volume itself is there again, empty
        shutil.rmtree(one) if one.is_dir() else one.unlink()


async def is_whole(store: ProductionStore, traffic: Traffic) -> None:
    """Nothing is missing, nothing is there twice, and the store goes on as it should."""
    assert "all hold" in whistle(store, "events", "verify").stderr
    assert whistle(store, "store", "verify").stderr == "the store is whole\n"
    assert whistle(store, "migrate").stderr == ""
    async with opened(store.url()) as connection:
        found = await what_stands(connection)
        assert digests(found) == digests(traffic.undisturbed)
        assert found == traffic.undisturbed
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await connection.execute("update event set actor = 'nobody'")
        assert await connection.fetchval("select count(*) from event where kind ~ 'gap'") == 0


@pytest.mark.faults
async def test_a_dump_and_what_kafka_still_has_are_the_whole(
    traffic: Traffic, stores: Path
) -> None:
    async with running(await made(stores / "first")) as first:
        async with opened(first.url()) as connection:
            # the image's own database has more extensions than ours asks for
            await connection.execute("create extension postgis_topology")
        await sends(traffic, 1)
        await takes(first, traffic, traffic.until(1))
        await decides(first)
        first.run(
            "pg_dump", "-U", "whistle", "-Fc", "-f", f"{first.backup}/whistle.dump", "whistle"
        )
        dumped = whistle(first, "store", "verify", "--content").stdout
        await sends(traffic, 2)
        await takes(first, traffic, traffic.until(2))
        shutil.copy(first.backup / "whistle.dump", stores / "whistle.dump")
        lose(first)
    await sends(traffic, 3)
    async with running(ProductionStore(stores / "second")) as second:
        await second.create()
        dump = shutil.copy(stores / "whistle.dump", second.backup / "whistle.dump")
        second.account.own(Path(dump))
        second.run("dropdb", "-U", "whistle", "whistle")
        second.run("createdb", "-U", "whistle", "-T", "template0", "whistle")
        second.run("pg_restore", "-U", "whistle", "-d", "whistle", "--exit-on-error", dump)
        assert whistle(second, "store", "verify", "--content").stdout == dumped
        async with opened(second.url()) as connection:
            assert await connection.fetchval(DECISIONS) == 1
            before = await connection.fetchval("select sum(next_offset) from stream_offset")
            assert before == traffic.until(1)
        await takes(second, traffic, traffic.until(3))
        await is_whole(second, traffic)


@pytest.mark.faults
async def test_a_base_backup_and_the_archived_log_keep_what_people_did(
    traffic: Traffic, stores: Path
) -> None:
    async with running(await made(stores / "store")) as store:
        await sends(traffic, 1)
        await takes(store, traffic, traffic.until(1))
        store.script("base.sh")
        async with opened(store.url()) as connection:
            undecided = await connection.fetchval("select clock_timestamp()")
        await decides(store)
        await sends(traffic, 2)
        await takes(store, traffic, traffic.until(2))
        async with opened(store.url()) as connection:
            await archived(connection)
        await sends(traffic, 3)
        await takes(store, traffic, traffic.until(3))  # stored, and not in the archive yet
        lose(store)
        store.script("restore.sh")
        store.start()
        async with opened(store.url()) as connection:
            await settled(connection, "select pg_is_in_recovery()", lambda still: not still)
            assert await connection.fetchval(DECISIONS) == 1
            offsets = await connection.fetchval("select sum(next_offset) from stream_offset")
            assert traffic.until(2) <= offsets < traffic.until(3)
        await takes(store, traffic, traffic.until(3))
        await is_whole(store, traffic)

        with pytest.raises(AssertionError, match="is not empty"):
            store.script("restore.sh")
        lose(store)
        store.script("restore.sh", "", undecided.isoformat(" "))
        store.start()
        async with opened(store.url()) as connection:
            await settled(connection, "select pg_is_in_recovery()", lambda still: not still)
            assert await connection.fetchval(DECISIONS) == 0
            await archived(connection)
        assert len(names(store, "base")) == 1
        logs = names(store, "wal")
        assert "dropped" in store.script("base.sh", "1")
        assert len(names(store, "base")) == 1
        assert not set(logs) <= set(names(store, "wal"))


def names(store: ProductionStore, folder: str) -> list[str]:
    return sorted(path.name for path in (store.backup / folder).iterdir())


async def archived(connection: asyncpg.Connection) -> None:
    """Everything that was written until now is in the archive."""
    name = await connection.fetchval("select pg_walfile_name(pg_switch_wal())")
    query = "select coalesce(last_archived_wal, '') from pg_stat_archiver"
    await settled(connection, query, lambda last: last >= name)
