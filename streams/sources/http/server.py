"""Runs the door under uvicorn: its own socket, a stop that lets what is being answered end."""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import structlog
import uvicorn
from fastapi import FastAPI

from db.pool import create_pool
from domain.clock import utc_now
from domain.errors import WhistleError
from streams.settings import DoorSettings, StreamSettings
from streams.sources.http.app import create_app
from streams.sources.http.door import Door
from streams.sources.http.patience import patient

_log = structlog.get_logger(__name__)
_BACKLOG = 256
_POOL = 4
_KEEP_ALIVE_S = 75
"""Longer than a device's interval, so that it keeps its connection."""


class AddressTaken(WhistleError):
    """The address cannot be listened on."""

    code: ClassVar[str] = "door.address"


class DoorServer(uvicorn.Server):
    """uvicorn, but a stop by signal is an ordinary end and no death by that signal."""

    def __init__(self, app: FastAPI, settings: DoorSettings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=patient(settings.door_body_s),
                ws="none",
                log_config=None,
                log_level="error",  # anybody can send what is no HTTP, a line each
                access_log=False,
                server_header=False,
                lifespan="on",
                backlog=_BACKLOG,
                limit_concurrency=settings.door_connections,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=max(1, round(settings.door_stop_s)),
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, self.handle_exit, one, None)
        try:
            yield
        finally:
            for one in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(one)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises `AddressTaken`."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise AddressTaken(f"{host}:{port}: {error.strerror or error}") from error


async def receive(database_url: str, listening: socket.socket, settings: DoorSettings) -> None:
    """Answer until SIGTERM or SIGINT; raises `StoreError` when there is no database to begin with.

    Once it is open, a database that goes away is answered by 503, and the devices send again.
    """
    pool = await create_pool(
        database_url,
        application="whistle receive",
        size=_POOL,
        statement_timeout_s=settings.door_store_s,
    )
    try:
        door = Door(pool, utc_now, time.monotonic, settings, StreamSettings())
        await serve(create_app(door), listening, settings)
    finally:
        await pool.close()


async def serve(app: FastAPI, listening: socket.socket, settings: DoorSettings) -> None:
    """Answer on this socket until SIGTERM or SIGINT, then let what is being answered end."""
    host, port = listening.getsockname()[:2]
    server = DoorServer(app, settings)
    _log.info("listening", action="door.listen", host=host, port=port)
    await server.serve(sockets=[listening])
    if not server.started:
        raise WhistleError("the door did not open: the log above says why")
    _log.info("stopped", action="door.stopped")
