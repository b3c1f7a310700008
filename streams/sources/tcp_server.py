"""Receivers that connect to us: the port that an AIS station forwards its sentences to."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from datetime import datetime

import structlog

from domain.clock import utc_now
from domain.errors import InvalidInput
from streams.sources.address import keep_alive
from streams.sources.intake import Intake, deliver
from streams.sources.lines import LineSplitter
from streams.sources.source import Batch

_log = structlog.get_logger(__name__)
_BACKLOG = 128


class TcpServer:
    """Listens on one address; all its receivers are one feed.

    Every connection has its own line buffer (1 KiB), and a connection is not read while the queue
    is full. A receiver silent for `idle_s` seconds is disconnected, one above `connections` is
    turned away: it will come again.
    """

    source_id = None

    def __init__(
        self,
        host: str,
        port: int,
        *,
        feed_id: str = "ais",
        idle_s: float | None = 120.0,
        connections: int = 64,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.feed_id = feed_id
        self._host, self._port = host, port
        self._idle_s = idle_s
        self._limit = connections
        self._now = now
        self._listener: socket.socket | None = None
        self._intakes: set[Intake] = set()
        self._stopped = asyncio.Event()

    @property
    def connected(self) -> bool:
        return bool(self._intakes)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens; the real port if 0 was asked for. Only between `open` and the end."""
        if self._listener is None:
            return self._host, self._port
        host, port = self._listener.getsockname()[:2]
        return str(host), int(port)

    def open(self) -> None:
        """Take the port, before anything is read. Raises `InvalidInput` if it cannot be had."""
        if self._listener is not None:
            return
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            self._listener = socket.create_server(
                (self._host, self._port), family=family, backlog=_BACKLOG
            )
        except OSError as fault:
            reason = fault.strerror or str(fault)
            raise InvalidInput("listen", f"{self._host}:{self._port}: {reason}") from fault
        self._listener.setblocking(False)

    async def read(self, out: asyncio.Queue[Batch]) -> None:
        """Accept receivers and fill `out` until `stop`."""
        self.open()
        try:
            async with asyncio.TaskGroup() as group:
                accepting = group.create_task(self._accept(group, out))
                await self._stopped.wait()
                accepting.cancel()
        finally:
            if self._listener is not None:
                self._listener.close()
                self._listener = None

    def stop(self) -> None:
        self._stopped.set()
        for intake in self._intakes:
            intake.stop()

    async def _accept(self, group: asyncio.TaskGroup, out: asyncio.Queue[Batch]) -> None:
        loop = asyncio.get_running_loop()
        while self._listener is not None:
            try:
                connection, peer = await loop.sock_accept(self._listener)
            except OSError as fault:  # out of descriptors, or the peer left before we came
                _log.warning("accept failed", action="source.accept", error=str(fault))
                await asyncio.sleep(1)
                continue
            group.create_task(self._serve(connection, peer, out))

    async def _serve(
        self, connection: socket.socket, peer: tuple[object, ...], out: asyncio.Queue[Batch]
    ) -> None:
        log = _log.bind(feed_id=self.feed_id, peer=f"{peer[0]}:{peer[1]}")
        with contextlib.closing(connection):
            if len(self._intakes) >= self._limit:
                log.warning("receiver turned away", action="source.refuse", limit=self._limit)
                return
            connection.setblocking(False)
            keep_alive(connection)
            intake = Intake(connection.fileno(), idle_s=self._idle_s)
            if self._stopped.is_set():
                return
            self._intakes.add(intake)
            log.info("receiver connected", action="source.connect")
            try:
                ending = await deliver(intake, LineSplitter(self.feed_id), out, self._now)
            finally:
                self._intakes.discard(intake)
            log.info("receiver gone", action="source.disconnect", ending=str(ending))
