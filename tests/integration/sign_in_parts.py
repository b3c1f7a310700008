"""The pages before the console behind a real socket, with a clock that a test moves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from console_parts import console_of, coordinator
from starlette.applications import Starlette
from starlette.types import ASGIApp

from commands import passwords
from commands.add_account import AddAccount, add_account
from dashboard.api.assets import asset_routes
from dashboard.api.password import password_routes
from dashboard.api.sign_in import sign_in_routes
from dashboard.bodies import Bodies
from dashboard.console import Console
from dashboard.sign_in import COOKIE
from domain.actors import Actor, Role

OPERATOR = Actor.system("operator")


class Clock:
    """Says what it is told to say."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


def make_cheap(patch: pytest.MonkeyPatch) -> None:
    """Hashes that cost next to nothing, and no pauses; answers of the store are not held."""
    patch.setattr(passwords, "_hasher", PasswordHasher(1, 64, 1))
    patch.setattr("dashboard.api.password.PAUSE_S", 0)
    patch.setattr("dashboard.people.FRESH_S", 0)
    passwords._nobodys.cache_clear()


@asynccontextmanager
async def served(app: ASGIApp, **more: object) -> AsyncIterator[str]:
    """The address of `app` behind a real socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", lifespan="off", **more)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


def entrance_of(pool: asyncpg.Pool, clock: Clock, *, demo: bool = True) -> Console:
    """A console whose clock is `clock`."""
    return console_of(coordinator(pool, Bodies({}), clock, demo_sign_in=demo), Bodies({}))


@asynccontextmanager
async def knocking(console: Console) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before the console's forms; it keeps cookies."""
    routes = [*sign_in_routes(console), *password_routes(console), *asset_routes(console)]
    async with (
        served(Starlette(routes=routes), forwarded_allow_ips="127.0.0.1") as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        yield client


async def make_duty(pool: asyncpg.Pool, clock: Clock) -> str:
    """The password of `duty`, a controller of Qingpu."""
    async with pool.acquire() as connection:
        command = AddAccount("duty", "李值班", Role.CONTROLLER, clock(), "310118")
        made = await add_account(connection, OPERATOR, command)
    assert made.password is not None
    return made.password


async def enter(
    browser: httpx.AsyncClient, login: str, password: str, **more: str
) -> httpx.Response:
    form = {"login": login, "password": password, "next": "/", **more}
    return await browser.post("/sign-in", data=form)


async def known(console: Console, browser: httpx.AsyncClient) -> Actor | None:
    found = await console.people.person(browser.cookies.get(COOKIE))
    return None if found is None else found.actor
