"""A receiver or aggregator that we connect to, again and again."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

import structlog

from domain.clock import utc_now
from streams.sources.address import keep_alive
from streams.sources.backoff import Backoff
from streams.sources.intake import Ending, Intake, deliver
from streams.sources.lines import LineSplitter
from streams.sources.source import Batch

_log = structlog.get_logger(__name__)
_CONNECT_TIMEOUT_S = 10.0
_T = TypeVar("_T")


class TcpClient:
    """Connects to `host:port` and reads until stopped.

    A refused, lost or silent (`idle_s`) connection is tried again after a growing wait with jitter;
    the wait is the shortest again once a connection has brought a whole line. A loss is logged once
    and so is the recovery.
    """

    source_id = None

    def __init__(
        self,
        host: str,
        port: int,
        *,
        feed_id: str = "ais",
        idle_s: float | None = 120.0,
        retry_first_s: float = 0.5,
        retry_most_s: float = 30.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.feed_id = feed_id
        self.connected = False
        self._host, self._port = host, port
        self._idle_s = idle_s
        self._backoff = Backoff(retry_first_s, retry_most_s)
        self._now = now
        self._intake: Intake | None = None
        self._stopped = asyncio.Event()
        self._log = _log.bind(feed_id=feed_id, peer=f"{host}:{port}")
        self._lost = False

    async def read(self, out: asyncio.Queue[Batch]) -> None:
        while not self._stopped.is_set():
            connection = await self._unless_stopped(self._connect())
            if connection is not None:
                with contextlib.closing(connection):
                    await self._session(connection, out)
            await self._unless_stopped(asyncio.sleep(self._backoff.wait_s()))

    def stop(self) -> None:
        self._stopped.set()
        if self._intake is not None:
            self._intake.stop()

    async def _session(self, connection: socket.socket, out: asyncio.Queue[Batch]) -> None:
        keep_alive(connection)
        self._log.info("connected", action="source.connect")
        self._lost = False
        intake = Intake(connection.fileno(), idle_s=self._idle_s)
        splitter = LineSplitter(self.feed_id)
        self._intake, self.connected = intake, True
        if self._stopped.is_set():
            intake.stop()
        try:
            ending = await deliver(intake, splitter, out, self._now)
        finally:
            self._intake, self.connected = None, False
        if splitter.found:
            self._backoff.reset()
        if ending is not Ending.STOPPED:
            self._complain(str(ending))

    async def _connect(self) -> socket.socket | None:
        """A connected socket, or `None` if it did not work this time."""
        loop = asyncio.get_running_loop()
        problem = "no address"
        try:
            found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except OSError as fault:
            found, problem = [], str(fault)
        for family, kind, protocol, _, address in found:
            connection = socket.socket(family, kind, protocol)
            connection.setblocking(False)
            try:
                async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                    await loop.sock_connect(connection, address)
            except OSError as fault:  # a timeout is one too
                connection.close()
                problem = str(fault) or "no answer"
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        self._complain(problem)
        return None

    def _complain(self, problem: str) -> None:
        if not self._lost:
            self._log.warning("not connected, trying again", action="source.retry", error=problem)
        self._lost = True

    async def _unless_stopped(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """Await `work`, or give it up and answer `None` when `stop` comes first."""
        doing = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            stopping.cancel()
            doing.cancel()
