"""Blocks of positions are beyond retention: they go, except those that somebody pinned."""

from dataclasses import dataclass
from datetime import date, datetime

from db import event
from db.errors import mapped_errors
from db.pool import Connection
from db.position_block import Expired, drop_expired
from domain.events import NewEvent


@dataclass(frozen=True, slots=True)
class ExpireBlocks:
    """Everything of the UTC days before `before` goes."""

    before: date
    at: datetime


async def expire_blocks(connection: Connection, actor: str, command: ExpireBlocks) -> list[Expired]:
    """Drop them in one transaction with an event per day; which days, oldest first."""
    async with mapped_errors(), connection.transaction():
        gone = await drop_expired(connection, command.before)
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="positions",
                    stream_id=one.day.isoformat(),
                    kind="positions.expired",
                    actor=actor,
                    occurred_at=command.at,
                    payload={"blocks": one.blocks, "fixes": one.fixes},
                )
                for one in gone
            ],
        )
    return gone
