"""Failures to sign in, by login and by address; a table that whoever fails cannot fill."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from db.catalog import load_queries
from db.pool import Connection
from domain.sign_in import Scope

_queries = load_queries("sign_in")
MOST: Final = 10_000
"""Rows per scope."""
Key = tuple[Scope, bytes]


@dataclass(frozen=True, slots=True)
class Failures:
    """How many in a row, when the last was, until when nobody is heard."""

    failures: int
    last_at: datetime
    blocked_until: datetime


async def forget_failures(connection: Connection, before: datetime, most: int = MOST) -> None:
    """Drop what is older than `before`, and of a scope what is beyond `most`."""
    await _queries.forget_failures(connection, before=before, most=most)


async def count_failures(connection: Connection) -> int:
    """Rows that there are."""
    found: int = await _queries.count_failures(connection)
    return found


async def lock_failures(
    connection: Connection, keys: Sequence[Key], at: datetime
) -> dict[Key, Failures]:
    """What is known of each, locked until the transaction ends."""
    scopes, hashes = [str(scope) for scope, _ in keys], [key for _, key in keys]
    await _queries.make_failures(connection, scopes=scopes, keys=hashes, at=at)
    return {
        (Scope(row["scope"]), row["key_hash"]): Failures(
            row["failures"], row["last_at"], row["blocked_until"]
        )
        async for row in _queries.lock_failures(connection, scopes=scopes, keys=hashes)
    }


async def put_failures(connection: Connection, key: Key, found: Failures) -> None:
    """Write what is known of a locked one."""
    await _queries.put_failures(
        connection,
        scope=str(key[0]),
        key_hash=key[1],
        failures=found.failures,
        at=found.last_at,
        blocked_until=found.blocked_until,
    )


async def drop_failures(connection: Connection, key: Key) -> None:
    """Forget one: somebody got in."""
    await _queries.drop_failures(connection, scope=str(key[0]), key_hash=key[1])


async def give_back(connection: Connection, key: Key) -> None:
    """Take back one attempt that was counted before it turned out to be right."""
    await _queries.give_back(connection, scope=str(key[0]), key_hash=key[1])
