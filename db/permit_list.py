"""Reads of the permit register as a list: papers with the names of carrier and vessel."""

from datetime import datetime

import asyncpg

from db.catalog import load_queries
from db.errors import mapped_errors
from db.pool import Connection

_queries = load_queries("permit_list")


async def read_papers(connection: Connection, at: datetime) -> list[asyncpg.Record]:
    """Every paper once, as it stands at `at`, withdrawn ones too (`db.permit.permit_of` reads it).

    With `carrier_zh`, `carrier_en`, `vessel` (the hull's name) and `changed_at`, when anything of
    it was recorded last. Raises `StoreError`.
    """
    async with mapped_errors():
        return [row async for row in _queries.select_papers(connection, at=at)]


async def read_carriers(connection: Connection) -> list[tuple[str, str, str]]:
    """Id, Chinese and English name of every carrier that a paper may name. Raises `StoreError`."""
    async with mapped_errors():
        rows = _queries.select_carriers(connection)
        return [(row["carrier_id"], row["name"], row["name_en"]) async for row in rows]
