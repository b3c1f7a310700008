"""Carriers, wharves and hulls in the store, as they stood at a moment and as known at another."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final, TypeVar

import asyncpg

from db.catalog import load_queries
from db.pool import Connection
from db.versions import VersionTable
from domain.registers import Carrier, Hull, Wharf
from domain.versions import AS_KNOWN_NOW

_queries = load_queries("register")
T = TypeVar("T", Carrier, Wharf, Hull)


def _names(entry: type[T]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(entry))


def _reader(entry: type[T]) -> Callable[[asyncpg.Record], T]:
    names = _names(entry)
    return lambda row: entry(**{name: row[name] for name in names})


CARRIERS: Final = VersionTable(
    noun="carrier",
    key="carrier_id",
    columns=_names(Carrier),
    content_of=_reader(Carrier),
    known_query=_queries.known_carriers,
    close_query=_queries.close_carriers,
)
WHARVES: Final = VersionTable(
    noun="wharf",
    key="wharf_id",
    columns=_names(Wharf),
    content_of=_reader(Wharf),
    known_query=_queries.known_wharves,
    close_query=_queries.close_wharves,
)
HULLS: Final = VersionTable(
    noun="hull",
    key="mmsi",
    columns=_names(Hull),
    content_of=_reader(Hull),
    known_query=_queries.known_hulls,
    close_query=_queries.close_hulls,
)


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
