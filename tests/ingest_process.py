"""`whistle ingest` as a process of its own, with real sockets and real signals."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import asyncpg


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class IngestProcess:
    """One run of the command; use it as a context that kills what is left."""

    command = "ingest"

    def __init__(self, url: str, *arguments: str, **settings: str) -> None:
        self._url = url
        self._arguments = arguments
        self._settings = settings
        self.errors = b""

    async def __aenter__(self) -> "IngestProcess":
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ops.cli",
            self.command,
            *self._arguments,
            env={**os.environ, "DATABASE_URL": self._url, **self._settings},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        _, rest = await self.process.communicate()
        self.errors += rest

    async def ended(self) -> int:
        """Wait for the end; the exit code."""
        assert self.process.stderr is not None
        self.errors += await self.process.stderr.read()
        return await self.process.wait()

    async def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()


async def sender(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A receiver's connection to an ingest that may still be starting."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)


async def settled(
    store: asyncpg.Connection, query: str, holds: Callable[[Any], bool], timeout_s: float = 60
) -> Any:
    """The value of `query` once it `holds`."""
    async with asyncio.timeout(timeout_s):
        while not holds(value := await store.fetchval(query)):  # noqa: ASYNC110 - in the store
            await asyncio.sleep(0.02)
    return value
