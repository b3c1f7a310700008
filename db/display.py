"""Walls 大屏 that only look: a token each, known by its SHA-256 only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.catalog import load_queries
from db.pool import Connection

_queries = load_queries("display")


@dataclass(frozen=True, slots=True)
class Display:
    """The right of one screen to show the wall."""

    display_id: UUID
    screen: str
    issued_by: str
    issued_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None


async def issue_display(connection: Connection, display: Display, token_hash: bytes) -> None:
    """Store a new one."""
    await _queries.issue_display(
        connection,
        display_id=display.display_id,
        token_hash=token_hash,
        screen=display.screen,
        issued_by=display.issued_by,
        at=display.issued_at,
    )


async def revoke_display(connection: Connection, display_id: UUID, at: datetime) -> str | None:
    """Take one back; its screen, `None` when none stood."""
    found: str | None = await _queries.revoke_display(connection, display_id=display_id, at=at)
    return found


async def find_display(connection: Connection, token_hash: bytes) -> Display | None:
    """Whose token it is; not a revoked one's."""
    row = await _queries.find_display(connection, token_hash=token_hash)
    return None if row is None else Display(**row)


async def touch_display(connection: Connection, display_id: UUID, at: datetime) -> None:
    """Write a sign of life."""
    await _queries.touch_display(connection, display_id=display_id, at=at)


async def displays(connection: Connection) -> list[Display]:
    """All of them in the order they were issued, revoked ones too."""
    return [Display(**row) async for row in _queries.displays(connection)]
