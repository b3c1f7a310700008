"""The message board 站内留言板: what authorities were told by the console itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from db.catalog import load_queries
from db.pool import Connection
from domain.notices import Notice, notice_of

_queries = load_queries("board")


@dataclass(frozen=True, slots=True)
class BoardMessage:
    """A notice on the board; `written_at`: when the command wrote it, `posted_at`: since when."""

    message_id: str
    contact_id: str
    authority_id: str
    officer_id: str | None
    notice: Notice
    written_at: datetime
    posted_at: datetime


async def post(
    connection: Connection,
    *,
    message_id: str,
    contact_id: str,
    authority_id: str,
    officer_id: str | None,
    notice: bytes,
    written_at: datetime,
) -> None:
    """Put a notice (`domain.notices.payload_of`) on the board; once, however often it is called."""
    await _queries.post(
        connection,
        message_id=message_id,
        contact_id=contact_id,
        authority_id=authority_id,
        officer_id=officer_id,
        notice=notice,
        written_at=written_at,
    )


async def board_messages(
    connection: Connection, authority_ids: Collection[str] | None, most: int
) -> list[BoardMessage]:
    """The newest `most` messages to these authorities, or to all; the newest first."""
    listed = None if authority_ids is None else list(authority_ids)
    rows = _queries.messages(connection, authority_ids=listed, most=most)
    return [BoardMessage(**{**row, "notice": notice_of(row["notice"])}) async for row in rows]
