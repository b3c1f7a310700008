"""The checkpoints' door: what the others feel while one device floods it, and what it can take."""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from bench.stack import free_port
from bench.table import Row, percentiles
from commands.issue_token import IssueToken, issue_token
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from db.migrate import migrate
from db.pool import prepare_connection
from domain.checkpoints import System
from domain.clock import utc_now
from ops.cluster import Cluster
from ops.settings import child_environment
from seed.checkpoints import ZHOUZHUANG, checkpoints

SECONDS = 10.0
FLOOD_PER_S = 1000
SENDERS = 32
FREE = {"WHISTLE_DOOR_RATE_PER_S": "1000000", "WHISTLE_DOOR_BURST": "1000000"}


@dataclass(slots=True)
class Heard:
    """Answers by status, and seconds that each took."""

    statuses: Counter[int] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)


async def measure() -> list[Row]:
    """Calm, flooded, and without a limit; the door is a process of its own, the store durable."""
    with tempfile.TemporaryDirectory(prefix="whistle-bench-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240 - the server of a root user runs as another
        cluster = Cluster(Path(folder))
        cluster.start()
        try:
            return await _measure(cluster)
        finally:
            cluster.stop()


async def _measure(cluster: Cluster) -> list[Row]:
    cluster.create_database("bench")
    url = cluster.url("bench")
    tokens = await _prepare(url)
    others = [point.checkpoint_id for point in checkpoints() if point.system is System.JIASHAN]
    async with _door(url) as address:
        calm, _ = await _run(address, tokens, others, "calm", flood_per_s=0)
        heard, flood = await _run(address, tokens, others, "flood", flood_per_s=FLOOD_PER_S)
    async with _door(url, **FREE) as address:
        _, free = await _run(address, tokens, [], "free", flood_per_s=10 * FLOOD_PER_S)
    return [
        *percentiles("a sighting is answered, nobody floods", _ms(calm), "ms"),
        *percentiles("the same while one gate floods", _ms(heard), "ms"),
        Row("sightings not taken while one gate floods", _not_taken(heard), "", aim="0"),
        Row("requests of the flood answered", sum(flood.statuses.values()) / SECONDS, "1/s"),
        Row("of these refused by 429", flood.statuses[429] / SECONDS, "1/s"),
        Row("of these answered otherwise than 200 or 429", _not_taken(flood, 429), "", aim="0"),
        Row("readings stored without a limit", free.statuses[200] / SECONDS, "1/s"),
    ]


def _ms(heard: Heard) -> list[float]:
    return [1000 * one for one in heard.took_s]


def _not_taken(heard: Heard, *also: int) -> float:
    return float(sum(n for status, n in heard.statuses.items() if status not in {200, *also}))


async def _prepare(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection)
        await prepare_connection(connection)
        await register_checkpoints(
            connection, "bench", RegisterCheckpoints(checkpoints(), utc_now())
        )
        return {
            point.checkpoint_id: (
                await issue_token(
                    connection, "bench", IssueToken(point.checkpoint_id, timedelta(days=1))
                )
            ).token
            for point in checkpoints()
        }
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def _door(url: str, **settings: str) -> AsyncIterator[str]:
    listen = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.cli", "receive", "--listen", listen,
        env=child_environment(DATABASE_URL=url, **settings),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async for line in process.stderr:
            if b"door.listen" in line:
                break
        yield listen
    finally:
        process.terminate()
        await process.communicate()


class _Caller:
    """One kept connection. Bare sockets: a client library costs more than the door it measures."""

    def __init__(self, address: str, path: str, token: str) -> None:
        self._address = address
        self._head = f"POST {path} HTTP/1.1\r\nHost: door\r\nAuthorization: Bearer {token}\r\n"

    async def __aenter__(self) -> "_Caller":
        host, _, port = self._address.rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def post(self, said: dict[str, Any], into: Heard) -> None:
        """Post one body and note the answer."""
        body = json.dumps(said)
        start = time.monotonic()
        self._writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        into.took_s.append(time.monotonic() - start)
        into.statuses[int(head.split(b" ", 2)[1])] += 1


async def _run(
    address: str, tokens: dict[str, str], others: list[str], name: str, *, flood_per_s: int
) -> tuple[Heard, Heard]:
    """What the others heard, each with a sighting a second, and what the flooding gate heard."""
    heard, flood = Heard(), Heard()
    until = time.monotonic() + SECONDS
    number = iter(range(10**9))

    async def sees(point: str) -> None:
        async with _Caller(address, "/v1/jiashan/sightings", tokens[point]) as caller:
            while time.monotonic() < until:
                said = {
                    "id": f"{name}-{next(number)}", "point": point, "movement": "入浙",
                    "seen_at": utc_now().isoformat(), "confidence": 0.9,
                }  # fmt: skip
                await caller.post(said, heard)
                await asyncio.sleep(1)

    async def floods(sender: int) -> None:
        start = time.monotonic()
        sent = 0
        async with _Caller(address, "/v1/wujiang/passages", tokens[ZHOUZHUANG]) as caller:
            while time.monotonic() < until:
                sent += 1
                due = start + (sent + sender / SENDERS) * SENDERS / flood_per_s
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                said = {
                    "passage_no": f"{name}-{next(number)}", "gate": ZHOUZHUANG,
                    "passed_at": utc_now().isoformat(), "direction": "forth",
                    "draught": {"value_m": 2.4, "error_m": 0.1},
                }  # fmt: skip
                await caller.post(said, flood)

    senders = range(SENDERS) if flood_per_s else ()
    await asyncio.gather(*map(sees, others), *map(floods, senders))
    return heard, flood
