"""The ingest in one process: the same content however it is cut, stopped, cut off or poisoned."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from msgspec import structs
from store_content import content, digests, ingest

from db.errors import SchemaMismatch
from db.feed import CursorTaken
from streams.inputs import Input
from streams.lifecycle import first_error
from streams.sources.file import FileSource


def from_file(path: Path, feed_id: str = "ais") -> Input:
    return Input(FileSource(path, feed_id=feed_id), "file", path.name)


def lines_of(path: Path) -> int:
    return len(path.read_bytes().splitlines())


def bytes_of(path: Path) -> int:
    return path.stat().st_size


@pytest.fixture
async def store(layered_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(layered_url)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def undisturbed() -> dict[str, str]:
    """Digests of the recording's content, filled by whoever runs first."""
    return {}


async def as_undisturbed(store: asyncpg.Connection, known: dict[str, str]) -> None:
    found = digests(await content(store))
    if not known:
        known.update(found)
    assert found == known


@pytest.mark.parametrize("batch", [1000, 7, 100_000])
async def test_content_does_not_depend_on_the_batches(
    layered_url: str,
    store: asyncpg.Connection,
    recording: Path,
    undisturbed: dict[str, str],
    batch: int,
) -> None:
    await ingest(layered_url, from_file(recording), batch=batch).run()
    await as_undisturbed(store, undisturbed)
    found = await content(store)
    assert len(found["crossings"]) > 3
    assert {row[1] for row in found["counts"]} > {"position", "static", "duplicate", "checksum"}
    assert sum(row[2] for row in found["counts"] if not row[1].startswith("flag_")) == lines_of(
        recording
    )


async def test_a_second_run_adds_nothing(
    layered_url: str, store: asyncpg.Connection, recording: Path, undisturbed: dict[str, str]
) -> None:
    await ingest(layered_url, from_file(recording)).run()
    await ingest(layered_url, from_file(recording)).run()
    await as_undisturbed(store, undisturbed)


async def test_stopped_and_abandoned_at_random_it_goes_on_where_the_store_stands(
    layered_url: str, store: asyncpg.Connection, recording: Path, undisturbed: dict[str, str]
) -> None:
    chance = random.Random(11)
    size = bytes_of(recording)
    for share in sorted(chance.uniform(0, 1) for _ in range(8)):
        one = ingest(layered_url, from_file(recording), batch=chance.choice([40, 300]))
        task = asyncio.create_task(one.run())
        while not task.done() and await cursor(store) < share * size:  # noqa: ASYNC110 - in the store
            await asyncio.sleep(0.005)
        if chance.random() < 0.5:
            one.stop()
            await task
        else:
            task.cancel()
            await asyncio.wait([task])
    await ingest(layered_url, from_file(recording)).run()
    await as_undisturbed(store, undisturbed)


async def cursor(store: asyncpg.Connection) -> int:
    return await store.fetchval("select coalesce(max(next_offset), 0) from feed_cursor")


async def test_connections_cut_at_random_lose_and_double_nothing(
    layered_url: str, store: asyncpg.Connection, recording: Path, undisturbed: dict[str, str]
) -> None:
    """The server ends the ingest's connections, also in the middle of a COMMIT."""
    chance = random.Random(3)
    task = asyncio.create_task(ingest(layered_url, from_file(recording), batch=150).run())
    cuts = 0
    while not task.done():
        await asyncio.sleep(chance.uniform(0, 0.3))
        cuts += await store.fetchval(
            """select count(pg_terminate_backend(pid)) from pg_stat_activity
               where application_name = 'whistle ingest' and datname = current_database()"""
        )
    await task
    assert cuts > 0
    await as_undisturbed(store, undisturbed)


async def test_a_poisonous_message_is_set_aside(
    layered_url: str, store: asyncpg.Connection, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that the store refuses, which no check foresaw, and a handler that fails."""
    from streams.contracts.ais import AisDecoder
    from streams.contracts.messages import PositionMessage, StaticMessage

    decode = AisDecoder.decode
    seen = {"position": 0, "static": 0}

    def poisoned(self, sentence):
        found = decode(self, sentence)
        for number, message in enumerate(found):
            if isinstance(message, PositionMessage):
                seen["position"] += 1
                if seen["position"] in {50, 51, 901}:
                    fix = message.fix._replace(message_type=70_000)
                    found[number] = structs.replace(message, fix=fix)
            elif isinstance(message, StaticMessage):
                seen["static"] += 1
                if seen["static"] == 5:
                    report = replace(message.report, name="NUL \0 INSIDE")
                    found[number] = structs.replace(message, report=report)
        return found

    monkeypatch.setattr(AisDecoder, "decode", poisoned)
    await ingest(layered_url, from_file(recording), batch=400).run()
    rejected = await store.fetch(
        "select reason, detail, mmsi, raw from rejected_message where reason = 'unprocessable'"
    )
    assert len(rejected) == 4
    assert all(row["mmsi"] and row["raw"].startswith(b"\\s:") for row in rejected)
    counted = await store.fetchval(
        "select sum(n) from feed_count where outcome not like 'flag%' and feed_id = 'ais'"
    )
    assert counted == lines_of(recording)
    assert await store.fetchval("select count(*) from vessel_position") == await store.fetchval(
        "select sum(n) from feed_count where outcome = 'position'"
    )


async def test_a_fault_of_the_store_stops_it_with_its_name(
    layered_url: str, store: asyncpg.Connection, recording: Path
) -> None:
    await store.execute("alter table vessel_latest rename to elsewhere")
    with pytest.raises(BaseExceptionGroup) as raised:
        await ingest(layered_url, from_file(recording)).run()
    assert isinstance(first_error(raised.value), SchemaMismatch)
    assert await store.fetchval("select count(*) from vessel_position") == 0
    assert await cursor(store) == 0


async def test_two_workers_cannot_read_one_file(
    layered_url: str, store: asyncpg.Connection, recording: Path
) -> None:
    first = ingest(layered_url, from_file(recording), batch=50)
    second = ingest(layered_url, from_file(recording), batch=60)
    results = await asyncio.gather(first.run(), second.run(), return_exceptions=True)
    failed = [result for result in results if result is not None]
    assert len(failed) == 1
    assert isinstance(first_error(failed[0]), CursorTaken)
    found = await content(store)
    counted = sum(row[2] for row in found["counts"] if not row[1].startswith("flag_"))
    assert counted == lines_of(recording)


async def test_two_workers_with_the_same_vessels_store_each_fix_once(
    layered_url: str, store: asyncpg.Connection, recording: Path
) -> None:
    """The same sentences by two feeds at once: compare-and-set sends the second one back."""
    await asyncio.gather(
        ingest(layered_url, from_file(recording, "north"), batch=80).run(),
        ingest(layered_url, from_file(recording, "south"), batch=120).run(),
    )
    found = await content(store)
    outcomes: dict[str, int] = {}
    for _, outcome, n in found["counts"]:
        outcomes[outcome] = outcomes.get(outcome, 0) + n
    assert outcomes["position"] == len(found["positions"])
    assert len({row[:3] for row in found["positions"]}) == len(found["positions"])
    assert outcomes["duplicate"] >= outcomes["position"]


async def test_a_silent_feed_has_a_heartbeat(layered_url: str, store: asyncpg.Connection) -> None:
    reading, writing = os.pipe()
    from streams.sources.stdin import StdinSource

    one = ingest(
        layered_url, Input(StdinSource(reading, feed_id="quiet"), "stdin", None), beat_s=0.05
    )
    task = asyncio.create_task(one.run())
    try:
        first = await until(store, lambda row: row["connected"])
        later = await until(store, lambda row: row["recorded_at"] > first["recorded_at"])
        assert later["last_sentence_at"] is None
        one.stop()
        await task
        last = await store.fetchrow("select * from feed_status")
        assert not last["connected"]
        assert last["recorded_at"] > later["recorded_at"]
        named = await store.fetchrow("select name_zh, name_en, kind from feed")
        assert tuple(named) == ("AIS 标准输入", "AIS standard input", "ais")
    finally:
        task.cancel()
        os.close(writing)
        os.close(reading)


async def test_a_file_read_to_its_end_has_ended_and_a_stopped_one_has_not(
    layered_url: str, store: asyncpg.Connection, recording: Path
) -> None:
    ended = "select ended_at is not null from feed_status where feed_id = 'log'"
    paced = FileSource(recording, feed_id="log", speed=60)
    one = ingest(layered_url, Input(paced, "file", None), batch=40)
    task = asyncio.create_task(one.run())
    while not await cursor(store):  # noqa: ASYNC110 - in the store
        await asyncio.sleep(0.005)
    one.stop()
    await task
    assert await cursor(store) < bytes_of(recording)
    assert await store.fetchval(ended) is False
    await ingest(layered_url, from_file(recording, "log")).run()
    assert await store.fetchval(ended) is True


async def until(
    store: asyncpg.Connection, holds: Callable[[asyncpg.Record], bool]
) -> asyncpg.Record:
    async with asyncio.timeout(30):
        while True:
            row = await store.fetchrow("select * from feed_status")
            if row is not None and holds(row):
                return row
            await asyncio.sleep(0.01)
