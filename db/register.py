"""Carriers, wharves and hulls in the store, as they stood at a moment and as known at another."""

from collections.abc import Sequence
from datetime import datetime

from db.catalog import load_queries
from db.pool import Connection
from domain.registers import Carrier, Hull, Wharf
from domain.versions import AS_KNOWN_NOW

_queries = load_queries("register")


async def hulls(
    connection: Connection,
    mmsis: Sequence[int] | None,
    at: datetime,
    as_known_at: datetime = AS_KNOWN_NOW,
) -> dict[int, Hull]:
    """The registered hulls of these vessels at `at`; `None`: all. The others are absent."""
    rows = _queries.hulls(
        connection,
        mmsis=None if mmsis is None else list(mmsis),
        at=at,
        as_known_at=as_known_at,
    )
    return {row["mmsi"]: Hull(**row) async for row in rows}


async def carriers(
    connection: Connection,
    ids: Sequence[str] | None,
    at: datetime,
    as_known_at: datetime = AS_KNOWN_NOW,
) -> dict[str, Carrier]:
    """The registered carriers of these ids at `at`; `None`: all."""
    rows = _queries.carriers(
        connection,
        ids=None if ids is None else list(ids),
        at=at,
        as_known_at=as_known_at,
    )
    return {row["carrier_id"]: Carrier(**row) async for row in rows}


async def wharves(
    connection: Connection,
    ids: Sequence[str] | None,
    at: datetime,
    as_known_at: datetime = AS_KNOWN_NOW,
) -> dict[str, Wharf]:
    """The registered wharves of these ids at `at`; `None`: all."""
    rows = _queries.wharves(
        connection,
        ids=None if ids is None else list(ids),
        at=at,
        as_known_at=as_known_at,
    )
    return {row["wharf_id"]: Wharf(**row) async for row in rows}
