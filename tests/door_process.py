"""The door for checkpoints on a real socket: in this loop, or as `whistle receive` of its own."""

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from PIL import Image

from commands.issue_token import IssueToken, issue_token
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from db.checkpoint import refusals
from db.pool import create_pool
from domain.checkpoints import Checkpoint, System
from domain.clock import utc_now

ROOT = Path(__file__).parents[1]
GATES = [
    Checkpoint(
        f"wj-{n}", System.WUJIANG, f"{n}号卡口", f"Gate {n}", 120.85, 31.1, 250.0, 80.0,
        "jishuigang", "320509", 60,
    )
    for n in (1, 2)
]  # fmt: skip
POINTS = [
    Checkpoint(
        f"js-{n:02}", System.JIASHAN, f"{n}号点", f"Point {n}", 120.9, 30.9, 180.0, 60.0,
        "taipu", "330421", 60,
    )
    for n in range(1, 20)
]  # fmt: skip


async def prepare(pool: asyncpg.Pool) -> dict[str, str]:
    """Register the points; a token for each."""
    made: dict[str, str] = {}
    async with pool.acquire() as connection:
        points = [*GATES, *POINTS]
        await register_checkpoints(connection, "test", RegisterCheckpoints(points, utc_now()))
        for point in points:
            command = IssueToken(point.checkpoint_id, timedelta(days=1))
            made[point.checkpoint_id] = (await issue_token(connection, "test", command)).token
    return made


@dataclass
class Device:
    """One device with its token, over real HTTP."""

    client: httpx.AsyncClient
    point: str
    token: str

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(path, headers=headers, content=content, **more)

    async def passes(self, number: str = "0001", **more: Any) -> httpx.Response:
        return await self.post("/v1/wujiang/passages", passage(self.point, number, **more))

    async def sees(self, number: str = "0001", **more: Any) -> httpx.Response:
        return await self.post("/v1/jiashan/sightings", sighting(self.point, number, **more))


Knock = Callable[..., Device]
"""Makes a device of a point, with its own token or another."""


def passage(gate: str, number: str, /, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """A passage as Wujiang writes it."""
    plain = {
        "passage_no": number,
        "gate": gate,
        "passed_at": (at or utc_now()).isoformat(),
        "direction": "forth",
        "draught": {"value_m": 2.4, "error_m": 0.1},
        "hull": {"length_m": 52.0, "beam_m": 9.8, "plate": "苏货0001"},
    }
    return {name: value for name, value in {**plain, **more}.items() if value is not ...}


def sighting(point: str, number: str, /, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """A sighting as Jiashan writes it."""
    plain = {
        "id": number,
        "point": point,
        "seen_at": (at or utc_now()).isoformat(),
        "movement": "入浙",
        "confidence": 0.93,
        "ship": {"class": "货船", "length_m": 52.0, "width_m": 9.8},
    }
    return {name: value for name, value in {**plain, **more}.items() if value is not ...}


def photo(width: int = 640, height: int = 480, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, kind)
    return out.getvalue()


async def counted(pool: asyncpg.Pool, device: str, code: str, n: int = 1) -> None:
    """Wait until the door has written that many refusals."""
    since = utc_now() - timedelta(hours=1)
    for _ in range(200):
        async with pool.acquire() as connection:
            found = (await refusals(connection, since)).get(device, {}).get(code, 0)
        if found >= n:
            assert found == n
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{device} {code}: {found}, not {n}")


def said(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert body["expected"]
    return answer.status_code, body["code"], body["field"]


@asynccontextmanager
async def open_door(url: str, **settings: Any) -> AsyncIterator[str]:
    """The door under uvicorn on a free port, in this loop; its address."""
    import time

    from streams.settings import DoorSettings, StreamSettings
    from streams.sources.http.app import create_app
    from streams.sources.http.door import Door
    from streams.sources.http.server import DoorServer, listen

    chosen = DoorSettings(**{"door_register_s": 0, "door_beat_s": 0.05, **settings})
    pool = await create_pool(url)
    door = Door(pool, utc_now, time.monotonic, chosen, StreamSettings())
    with listen("127.0.0.1", 0) as listening:
        server = DoorServer(create_app(door), chosen)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield "http://127.0.0.1:%d" % listening.getsockname()[1]  # noqa: UP031
        finally:
            server.should_exit = True
            await task
            await pool.close()


class DoorProcess:
    """`whistle receive` as a process; use it as a context that kills what is left."""

    def __init__(self, url: str, port: int, **settings: str) -> None:
        self._environment = {**os.environ, "DATABASE_URL": url, **settings}
        self._port = port
        self.address = f"http://127.0.0.1:{port}"
        self.errors = b""

    async def __aenter__(self) -> "DoorProcess":
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ops.cli", "receive", "--listen", f"127.0.0.1:{self._port}",
            env=self._environment,
            cwd=ROOT,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return self

    async def listening(self) -> None:
        """Wait for its own word that it listens."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.errors += line
            if b"door.listen" in line:
                return
        raise AssertionError(self.errors.decode())

    async def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        _, rest = await self.process.communicate()
        self.errors += rest
        assert self.process.returncode is not None
        return self.process.returncode

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.communicate()
