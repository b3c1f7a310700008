"""The other commands as processes beside the browser, and a plain look into the store."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
from console_process import ROOT

PATIENCE_S = 120


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on a loop of its own: Playwright's stays in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def fetch(url: str, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""

    async def look() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    found = apart(look())
    assert isinstance(found, list)
    return found


def load_layers(url: str) -> None:
    """The packaged layers, as the demo loads them."""
    from db.pool import prepare_connection
    from seed.layers import load_builtin_layers

    async def load() -> None:
        connection = await asyncpg.connect(url)
        try:
            await prepare_connection(connection)
            await load_builtin_layers(connection)
        finally:
            await connection.close()

    apart(load())


class Command:
    """One run of a `whistle` command."""

    def __init__(self, url: str, log: Path, *arguments: str, **settings: str) -> None:
        self._log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops.cli", *arguments],
                cwd=log.parent,
                env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT), **settings},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def end(self) -> None:
        """SIGTERM, and wait; killed if it does not obey."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(30)

    def said(self) -> str:
        """Its log."""
        return self._log.read_text(errors="replace")


def connected(port: int) -> socket.socket:
    """A receiver's connection to an ingest that may still be starting."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=30)
        except OSError:
            assert time.monotonic() < deadline, "the ingest does not listen"
            time.sleep(0.05)


def send(receiver: socket.socket, lines: Iterable[bytes], over_s: float = 0) -> None:
    """Send `lines`, evenly over `over_s` seconds."""
    lines = list(lines)
    start = time.monotonic()
    for number, line in enumerate(lines):
        wait = start + over_s * number / len(lines) - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        receiver.sendall(line + b"\r\n")
