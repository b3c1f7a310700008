"""The permit register in the store: papers in force, for vessels or as a whole, and history."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from db.catalog import load_queries
from db.pool import Connection
from db.versions import VersionTable
from domain.clock import SHANGHAI
from domain.permits import Permit
from domain.versions import AS_KNOWN_NOW, Version

_queries = load_queries("permit")

EXPIRED_KEPT: Final = timedelta(days=400)
"""A paper that expired longer ago explains nothing; `permits_for` leaves it out."""

CONTENT: Final = (
    "permit_id",
    "number",
    "kind",
    "purpose",
    "holder",
    "carrier_id",
    "mmsi",
    "waste",
    "quantity_t",
    "used_t",
    "from_adcode",
    "to_adcode",
    "via",
    "first_day",
    "last_day",
)
"""The columns of `permit` that are the paper itself."""


def permit_of(row: asyncpg.Record) -> Permit:
    """A row of any query of this module as the domain's paper."""
    said: dict[str, Any] = {name: row[name] for name in CONTENT}
    said["via"] = tuple(said["via"])
    return Permit(**said, withdrawn_at=row["withdrawn_at"])


PERMITS: Final = VersionTable(
    noun="permit",
    key="permit_id",
    columns=CONTENT,
    content_of=permit_of,
    known_query=_queries.known_versions,
    close_query=_queries.close_versions,
)
"""The register for those who edit it."""


async def permits_for(
    connection: Connection,
    mmsis: Sequence[int],
    at: datetime,
    as_known_at: datetime = AS_KNOWN_NOW,
) -> dict[int, tuple[Permit, ...]]:
    """The papers that may cover each of these vessels at the moment `at`, one query for all.

    Those that name it, and those that name only the carrier it sails for by the register of hulls;
    where there are none, up to three of this carrier for other vessels. Expired, withdrawn or
    moved ones too: `domain.permits.check` says which of them hold. A vessel without any has `()`.
    `as_known_at`: by what was on record then.
    """
    rows = _queries.permits_for(
        connection,
        mmsis=list(set(mmsis)),
        at=at,
        as_known_at=as_known_at,
        today=at.astimezone(SHANGHAI).date(),
        earliest_day=(at - EXPIRED_KEPT).astimezone(SHANGHAI).date(),
    )
    found: dict[int, list[Permit]] = {mmsi: [] for mmsi in mmsis}
    async for row in rows:
        found[row["asked_mmsi"]].append(permit_of(row))
    return {mmsi: tuple(papers) for mmsi, papers in found.items()}


async def permits_at(
    connection: Connection, at: datetime, as_known_at: datetime = AS_KNOWN_NOW
) -> list[Permit]:
    """The whole register as it stood at `at`, by kind and number, without what was withdrawn."""
    rows = _queries.permits_at(connection, at=at, as_known_at=as_known_at)
    return [permit_of(row) async for row in rows]


async def permit_history(connection: Connection, permit_id: UUID) -> list[Version[Permit]]:
    """Every version of one paper on both axes of time, in the order in which it was recorded."""
    rows = _queries.history(connection, permit_id=permit_id)
    return [
        Version(
            permit_of(row),
            row["valid_from"],
            row["valid_to"],
            row["recorded_from"],
            row["recorded_to"],
        )
        async for row in rows
    ]
