"""The running transaction: the store's clock in it, and what became of one whose end was lost."""

from datetime import datetime

from db.catalog import load_queries
from db.pool import Connection

_queries = load_queries("session")


async def transaction_now(connection: Connection) -> tuple[datetime, str]:
    """The store's clock, and the number by which `was_committed` knows this transaction."""
    row = await _queries.transaction_now(connection)
    return row["at"], row["xid"]


async def was_committed(connection: Connection, xid: str) -> bool | None:
    """Whether transaction `xid` is committed; `None` while it still runs.

    For the case that the connection was lost while the answer to COMMIT was on its way.
    """
    status: str | None = await _queries.transaction_status(connection, xid=xid)
    return None if status == "in progress" else status == "committed"
