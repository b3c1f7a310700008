"""The connection pool: codecs, time limits, and errors in the product's own words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg
import orjson

from db.errors import mapped_errors
from db.settings import DatabaseSettings

Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
"""What every function of this room takes: one connection, in or out of a transaction."""

_GRACE_S = 10.0  # the server ends a long statement itself; beyond that the connection is dead
_CONNECT_S = 10.0  # the driver's own minute is long for a server that died while we knocked


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


async def prepare_connection(connection: Connection) -> None:
    """Codecs of a new connection: json and jsonb travel as Python values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_to_json, decoder=orjson.loads
        )


def _server_settings(application: str, timeout_s: float) -> dict[str, str]:
    return {
        "application_name": application,
        "timezone": "UTC",
        "statement_timeout": str(int(timeout_s * 1000)),
        "idle_in_transaction_session_timeout": str(int(timeout_s * 2000)),
    }


async def create_pool(
    url: str,
    *,
    application: str = "whistle",
    size: int = 4,
    statement_timeout_s: float | None = None,
) -> asyncpg.Pool:
    """An open pool on `url`; `size` connections at most, each statement limited in seconds.

    Use it on the event loop that made it. Raises `StoreError` subclasses (`db.errors`).
    """
    settings = DatabaseSettings()
    limit_s = statement_timeout_s or settings.statement_timeout_s
    async with mapped_errors():
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=_CONNECT_S,
            command_timeout=limit_s + _GRACE_S,
            init=prepare_connection,
            server_settings=_server_settings(application, limit_s),
        )


async def connect(
    url: str, *, application: str = "whistle", statement_timeout_s: float | None = None
) -> asyncpg.Connection:
    """One connection outside any pool, for work that keeps a session (staging, LISTEN)."""
    settings = DatabaseSettings()
    limit_s = statement_timeout_s or settings.statement_timeout_s
    async with mapped_errors():
        connection = await asyncpg.connect(
            url,
            timeout=_CONNECT_S,
            command_timeout=limit_s + _GRACE_S,
            server_settings=_server_settings(application, limit_s),
        )
        await prepare_connection(connection)
    return connection


@asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """A connection of `pool` inside one transaction; what the driver raises is mapped."""
    async with mapped_errors(), pool.acquire() as connection, connection.transaction():
        yield connection
