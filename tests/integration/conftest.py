"""What the store's tests share: a recording, and a database with the packaged layers."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from door_process import Device, Knock, open_door, prepare
from sign_in_parts import Clock, entrance_of, knocking, make_cheap, make_duty

from commands import passwords
from dashboard.console import Console
from seed.history import RECORDED_FROM, write_history
from seed.layers import load_builtin_layers


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty minutes of forty simulated barges, with all their troubles."""
    path = tmp_path_factory.mktemp("recording") / "barges.nmea"
    write_history(path, barges=40, seed=5, until=RECORDED_FROM + 2400, duration_s=2400)
    return path


@pytest.fixture
async def layered_url(database_url: str) -> str:
    """Address of a new database with the packaged layers."""
    connection = await asyncpg.connect(database_url)
    try:
        from db.pool import prepare_connection

        await prepare_connection(connection)
        await load_builtin_layers(connection)
    finally:
        await connection.close()
    return database_url


@pytest.fixture
async def device_tokens(pool: asyncpg.Pool) -> dict[str, str]:
    return await prepare(pool)


@pytest.fixture
async def knock(database_url: str, device_tokens: dict[str, str]) -> AsyncIterator[Knock]:
    """Makes a device of a point (or with any token) at an open door."""
    async with open_door(database_url) as address, httpx.AsyncClient(base_url=address) as client:
        yield lambda point, token=None: Device(client, point, token or device_tokens[point])


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes of passwords cost next to nothing."""
    make_cheap(monkeypatch)
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def entrance(pool: asyncpg.Pool, clock: Clock) -> Console:
    """A console that also lets in by one click."""
    return entrance_of(pool, clock)


@pytest.fixture
async def browser(entrance: Console) -> AsyncIterator[httpx.AsyncClient]:
    """Before the console's forms; it keeps cookies."""
    async with knocking(entrance) as client:
        yield client


@pytest.fixture
async def password(pool: asyncpg.Pool, clock: Clock, cheap: None) -> str:
    """Of `duty`, a controller of Qingpu."""
    return await make_duty(pool, clock)
