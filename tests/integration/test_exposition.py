"""/metrics and /healthz of a process without a page: for probes, scrapers and whoever asks."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from ingest_process import free_port
from prometheus_client import CollectorRegistry, Counter
from relay_process import ask

from domain.errors import InvalidInput
from streams.exposition import exposed


class Process:
    """What it would say."""

    ready = True

    def says(self) -> tuple[bool, Mapping[str, Any]]:
        return self.ready, {"broker": "direct", "reason": "连不上"}


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
async def port(process: Process) -> AsyncIterator[int]:
    registry = CollectorRegistry()
    Counter("whistle_test", "Counted.", ["feed"], registry=registry).labels('a"b').inc(3)
    async with exposed("127.0.0.1", 0, registry, process.says) as (_, taken):
        yield taken


async def test_metrics_as_prometheus_reads_them(port: int) -> None:
    status, body = await ask(port, b"/metrics")
    assert status == 200
    assert b'whistle_test_total{feed="a\\"b"} 3.0\n' in body
    assert await ask(port, b"/metrics", method=b"HEAD") == (200, b"")


async def test_live_is_not_ready(port: int, process: Process) -> None:
    assert (await ask(port, b"/healthz/ready"))[0] == 200
    process.ready = False
    status, body = await ask(port, b"/healthz/ready?verbose")
    assert status == 503
    assert json.loads(body) == {"ready": False, "broker": "direct", "reason": "连不上"}
    assert (await ask(port, b"/healthz/live"))[0] == 200


async def test_anything_else_is_refused(port: int) -> None:
    assert (await ask(port, b"/"))[0] == 404
    assert (await ask(port, b"/metrics", method=b"POST"))[0] == 405
    assert (await ask(port, b"/a b"))[0] == 400


async def test_hostile_askers_get_nothing_and_it_goes_on(port: int) -> None:
    """No HTTP, a head without end, and dozens that say nothing."""
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    for said in (b"\x00\xff\r\n\r\n", b"x" * 100_000, b"GET\r\n\r\n", b"\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        with_answer = await read_all(reader)
        assert with_answer == b"" or with_answer.startswith(b"HTTP/1.1 400")
        writer.close()
    assert (await ask(port, b"/healthz/live"))[0] == 200
    for _, writer in silent:
        writer.close()


async def read_all(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def test_a_taken_port_is_said() -> None:
    port = free_port()
    async with exposed("127.0.0.1", port, CollectorRegistry(), Process().says):
        with pytest.raises(InvalidInput, match="--metrics"):
            async with exposed("127.0.0.1", port, CollectorRegistry(), Process().says):
                pass
