"""Sessions of signed-in people: a random token, known by its SHA-256 only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.account import account_from_row
from db.catalog import load_queries
from db.pool import Connection
from domain.accounts import Account

_queries = load_queries("account_session")


@dataclass(frozen=True, slots=True)
class Session:
    """One that has not ended, of an account that is not disabled; it may have expired."""

    account: Account
    seen_at: datetime
    expires_at: datetime


async def open_session(
    connection: Connection,
    token_hash: bytes,
    account_id: UUID,
    *,
    at: datetime,
    expires_at: datetime,
    address: str,
    user_agent: str,
) -> None:
    """Store a new one. `address` and `user_agent` as `domain.sign_in` shortens them."""
    await _queries.open_session(
        connection,
        token_hash=token_hash,
        account_id=account_id,
        at=at,
        expires_at=expires_at,
        address=address,
        user_agent=user_agent,
    )


async def find_session(connection: Connection, token_hash: bytes) -> Session | None:
    """Whose session it is."""
    row = await _queries.find_session(connection, token_hash=token_hash)
    if row is None:
        return None
    return Session(account_from_row(row), row["seen_at"], row["expires_at"])


async def touch_session(connection: Connection, token_hash: bytes, at: datetime) -> None:
    """Write a sign of life."""
    await _queries.touch_session(connection, token_hash=token_hash, at=at)


async def end_session(connection: Connection, token_hash: bytes, at: datetime) -> UUID | None:
    """End one; whose it was, `None` when none stood."""
    found: UUID | None = await _queries.end_session(connection, token_hash=token_hash, at=at)
    return found


async def end_sessions(
    connection: Connection, account_id: UUID, at: datetime, but: bytes | None = None
) -> int:
    """End all of an account, `but` one; how many."""
    rows = _queries.end_sessions(connection, account_id=account_id, but=but, at=at)
    return len([row async for row in rows])


async def drop_sessions(connection: Connection, before: datetime) -> None:
    """Forget those that had expired before then; the account's events keep who signed in."""
    await _queries.drop_sessions(connection, before=before)
