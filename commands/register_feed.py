"""A feed appears for the first time: it goes on the register, with an event."""

from dataclasses import dataclass
from datetime import datetime

from db import event
from db.errors import mapped_errors
from db.feed import Feed, add_feed
from db.pool import Connection
from domain.events import NewEvent


@dataclass(frozen=True, slots=True)
class RegisterFeed:
    """The feed as it will stand on the register. `at` is when it was first read."""

    feed: Feed
    at: datetime


async def register_feed(connection: Connection, actor: str, command: RegisterFeed) -> bool:
    """Register the feed in one transaction with its event; `False` when it was registered."""
    feed = command.feed
    async with mapped_errors(), connection.transaction():
        if not await add_feed(connection, feed):
            return False
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="feed",
                    stream_id=feed.feed_id,
                    kind="feed.registered",
                    actor=actor,
                    occurred_at=command.at,
                    payload={
                        "kind": feed.kind,
                        "name_zh": feed.name_zh,
                        "name_en": feed.name_en,
                        "address": feed.address,
                    },
                )
            ],
        )
    return True
