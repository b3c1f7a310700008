"""A topic comes to the product by two files: its contract, and its entry with the handler."""

import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from ingest_process import settled
from kafka_broker import installation
from kafka_traffic import producing, send, taken, worker, working

import streams.contracts
import streams.topics
from streams.topics.registry import incoming

FILES = Path(__file__).parents[1] / "fixtures" / "added_topic"


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both files stand in the product, and nothing else was changed."""
    for package, name in ((streams.contracts, "gauge_levels"), (streams.topics, "levels")):
        folder = tmp_path / package.__name__
        folder.mkdir()
        (folder / f"{name}.py").write_text((FILES / f"{name}.txt").read_text("utf-8"), "utf-8")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    yield
    for name in ("streams.contracts.gauge_levels", "streams.topics.levels"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("added")
async def test_two_files_bring_a_topic(
    bootstrap: str, layered_url: str, pool: asyncpg.Pool
) -> None:
    assert "gauge.levels" in incoming()
    settings = installation(bootstrap)
    told = [
        b'{"v":1,"gauge":"jinze","at":"2026-03-01T12:00:00+08:00","level_m":2.71}',
        b'{"v":1,"gauge":"jinze","at":"2026-03-01T12:05:00","level_m":2.72}',
        b'{"v":1,"gauge":"jinze","at":"2026-03-01T12:10:00+08:00","level_m":2.74}',
    ]
    async with producing(settings) as producer, working(worker(layered_url, settings)):
        count = await send(settings, producer, [("gauge.levels", b"jinze", one) for one in told])
        async with pool.acquire() as store:
            await taken(store, count)
            levels = await store.fetch(
                "select payload from event where stream_kind = 'gauge' order by seq"
            )
            assert [row["payload"] for row in levels] == [b'{"level_m":2.71}', b'{"level_m":2.74}']
            parked = await settled(
                store, "select raw from rejected_message", lambda raw: raw is not None
            )
            assert parked == told[1]
