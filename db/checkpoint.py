"""Checkpoints in the store: the points, their tokens, their signs of life, what was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import asyncpg

from db.catalog import load_queries
from db.pool import Connection
from domain.checkpoints import Checkpoint, DeviceHealth, System

_queries = load_queries("checkpoint")
_FIELDS = tuple(field.name for field in fields(Checkpoint))

UNKNOWN = "unknown"
"""Stands for the device in `checkpoint_refusal` where no token told who it was."""

RefusalKey = tuple[str, datetime, str]
"""(checkpoint_id or `UNKNOWN`, minute of arrival, code)."""


@dataclass(frozen=True, slots=True)
class Token:
    """Who may speak for a point, and until when; the token itself is known by its SHA-256 only."""

    token_hash: bytes
    checkpoint_id: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contact:
    """What the door heard of one device since it last wrote: arrivals, refusals, its clock."""

    checkpoint_id: str
    last_contact_at: datetime | None = None
    last_reading_at: datetime | None = None
    refused: int = 0
    clock_ahead_s: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A point as it is registered; `retired_at`: since when it is no more, `None` while it stands.

    UTC, by the store's clock.
    """

    checkpoint: Checkpoint
    retired_at: datetime | None


async def lock_points(connection: Connection) -> None:
    """Keep other editors of the points out until the transaction ends."""
    await _queries.lock_points(connection)


async def put_checkpoints(connection: Connection, checkpoints: Sequence[Checkpoint]) -> None:
    """Register the points, or change what is known of them; one that was retired stands again."""
    await _queries.put_checkpoints(
        connection,
        ids=[one.checkpoint_id for one in checkpoints],
        systems=[str(one.system) for one in checkpoints],
        names=[one.name for one in checkpoints],
        names_en=[one.name_en for one in checkpoints],
        lons=[one.lon for one in checkpoints],
        lats=[one.lat for one in checkpoints],
        bearings=[one.bearing_deg for one in checkpoints],
        widths=[one.width_m for one in checkpoints],
        waterways=[one.waterway for one in checkpoints],
        adcodes=[one.adcode for one in checkpoints],
        every=[one.every_s for one in checkpoints],
    )


async def retire(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """End those of the points that stand; id → when, by the store's clock."""
    rows = _queries.retire(connection, ids=list(ids))
    return {row["checkpoint_id"]: row["retired_at"] async for row in rows}


async def points(connection: Connection) -> dict[str, Point]:
    """Every point that was ever registered, by its id."""
    return {
        row["checkpoint_id"]: Point(_checkpoint(row), row["retired_at"])
        async for row in _queries.points(connection)
    }


async def checkpoints(connection: Connection) -> dict[str, Checkpoint]:
    """Every point by its id, retired ones too: what they read has to be judged yet."""
    return {name: one.checkpoint for name, one in (await points(connection)).items()}


async def health(connection: Connection) -> list[DeviceHealth]:
    """Every point that stands, with its last signs of life."""
    return [
        DeviceHealth(
            checkpoint=_checkpoint(row),
            last_contact_at=row["last_contact_at"],
            last_reading_at=row["last_reading_at"],
            refused=row["refused"],
            clock_ahead_s=row["clock_ahead_s"],
        )
        async for row in _queries.health(connection)
    ]


async def add_token(
    connection: Connection, token_hash: bytes, checkpoint_id: str, expires_in: timedelta
) -> Token | None:
    """Store a token by its hash; `None` for a point that does not stand."""
    row = await _queries.add_token(
        connection, token_hash=token_hash, checkpoint_id=checkpoint_id, expires_in=expires_in
    )
    if row is None:
        return None
    return Token(token_hash, checkpoint_id, row["issued_at"], row["expires_at"], None)


async def revoke_tokens(connection: Connection, checkpoint_id: str) -> list[bytes]:
    """Take back every token of a point that still stands; their hashes."""
    rows = _queries.revoke_tokens(connection, checkpoint_id=checkpoint_id)
    return [row["token_hash"] async for row in rows]


async def tokens(connection: Connection) -> dict[bytes, Token]:
    """Every token by its hash, expired and revoked ones too."""
    return {row["token_hash"]: Token(**row) async for row in _queries.tokens(connection)}


async def add_contacts(connection: Connection, contacts: Sequence[Contact]) -> None:
    """Write what was heard of devices; a point that is not registered is left out."""
    if contacts:
        await _queries.add_contacts(
            connection,
            ids=[one.checkpoint_id for one in contacts],
            contacts=[one.last_contact_at for one in contacts],
            readings=[one.last_reading_at for one in contacts],
            refused=[one.refused for one in contacts],
            ahead=[one.clock_ahead_s for one in contacts],
        )


async def add_refusals(connection: Connection, counts: Mapping[RefusalKey, int]) -> None:
    """Add to the counts of refusals per device, minute and code."""
    if counts:
        await _queries.add_refusals(
            connection,
            ids=[key[0] for key in counts],
            minutes=[key[1] for key in counts],
            codes=[key[2] for key in counts],
            counts=list(counts.values()),
        )


async def refusals(connection: Connection, since: datetime) -> dict[str, dict[str, int]]:
    """Refusals since a moment: checkpoint id (or `UNKNOWN`) → code → how many."""
    found: dict[str, dict[str, int]] = {}
    async for row in _queries.refusals(connection, since=since):
        found.setdefault(row["checkpoint_id"], {})[row["code"]] = row["n"]
    return found


def _checkpoint(row: asyncpg.Record) -> Checkpoint:
    return Checkpoint(
        **{name: row[name] for name in _FIELDS if name != "system"}, system=System(row["system"])
    )
