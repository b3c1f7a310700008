"""`whistle serve --only ack`: the one-tap page alone, for a DMZ; no console, no map, no sign-in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commands.settings import LinkSettings
from dashboard.ack.desk import AnswerDesk, OwnPool
from dashboard.ack.routes import ack_routes
from dashboard.settings import ConsoleSettings
from db.errors import StoreError
from db.settings import required_url
from domain.errors import InvalidInput

CONNECTIONS_MOST: Final = 256
HEAD_MOST: Final = 16_384
"""Bytes of a request before its body."""


def ack_app(settings: ConsoleSettings, links: LinkSettings) -> Starlette:
    """The application. Raises `InvalidInput` without a database, or a key to read links with."""
    pool = OwnPool(required_url(settings.database_url))
    key = links.key()
    if not key:
        raise InvalidInput("WHISTLE_LINK_KEY_FILE", "the file of the key that signs the links")
    desk = AnswerDesk(pool, key)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await pool.close()

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})

    async def ready(request: Request) -> Response:
        try:
            await desk.reach()
        except StoreError:
            return JSONResponse(
                {"status": "unavailable"}, 503, headers={"cache-control": "no-store"}
            )
        return await alive(request)

    health = [Route("/healthz", alive), Route("/readyz", ready)]
    return Starlette(routes=[*ack_routes(desk), *health], lifespan=lifespan)


def run(settings: ConsoleSettings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    uvicorn.run(
        ack_app(settings, LinkSettings()),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,  # an address of this page is a key
        forwarded_allow_ips=settings.console_proxies,
        server_header=False,
        limit_concurrency=CONNECTIONS_MOST,
        h11_max_incomplete_event_size=HEAD_MOST,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=5,
    )
