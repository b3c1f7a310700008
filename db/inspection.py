"""Whether a store is whole: after a restore, before a move, or when something is in doubt."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from db.catalog import load_queries
from db.errors import mapped_errors
from db.migrate import pending
from db.pool import Connection

_queries = load_queries("inspection")


@dataclass(frozen=True, slots=True)
class Content:
    """A table with all its partitions: how many rows, and a digest that any change changes.

    The digest is a sum over rows, so that their order does not matter; it compares two stores of
    the same schema.
    """

    table: str
    rows: int
    digest: str


async def faults(connection: Connection) -> list[str]:
    """What is wrong, a sentence each.

    Raises `MigrationChanged` and `MigrationUnknown`: then this program must not touch the store.
    """
    lacking = await pending(connection)
    found = [f"the migration {name} is missing" for name in lacking]
    if lacking:
        return found
    async with mapped_errors():
        found += [row["fault"] async for row in _queries.unsound(connection)]
        found += [
            f"the counter of {row['relation']}.{row['attribute']} stands at {row['given']}, "
            f"in use is {row['used']}"
            async for row in _queries.identities(connection)
            if row["given"] < row["used"]
        ]
    return found


async def state(connection: Connection) -> list[dict[str, Any]]:
    """Days of positions that have a partition, and how far each topic was taken, in records."""
    async with mapped_errors():
        days = [dict(row) async for row in _queries.days(connection)]
        topics = [dict(row) async for row in _queries.offsets(connection)]
    return [{"positions": days[0]}, *topics]


async def contents(connection: Connection) -> AsyncIterator[Content]:
    """Every table of ours. Reads all there is."""
    async with mapped_errors():
        tables = [row["relation"] async for row in _queries.tables(connection)]
        for table in tables:
            rows, digest = (await _queries.content(connection, relation=table)).split(" ")
            yield Content(table, int(rows), digest)
