"""A feed appears, or comes from another address: the register says so, with an event."""

from dataclasses import dataclass
from datetime import datetime

from db import event
from db.errors import mapped_errors
from db.feed import Feed, add_feed, current_feeds, revise_feed
from db.pool import Connection
from domain.events import NewEvent


@dataclass(frozen=True, slots=True)
class RegisterFeed:
    """The feed as it is read from `at` on. Without an address (a recording) it changes no row."""

    feed: Feed
    at: datetime


async def register_feed(connection: Connection, actor: str, command: RegisterFeed) -> bool:
    """Register the feed in one transaction with its event; `False` when nothing changed."""
    feed = command.feed
    async with mapped_errors(), connection.transaction():
        kind = "feed.registered"
        if not await add_feed(connection, feed):
            known = (await current_feeds(connection))[feed.feed_id]
            if feed.address is None or feed == known:
                return False
            kind = "feed.changed"
            await revise_feed(connection, feed)
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="feed",
                    stream_id=feed.feed_id,
                    kind=kind,
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
