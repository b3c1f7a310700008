"""A table of versions: what is held for true of some entries; a change overwrites nothing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import asyncpg

from db.catalog import load_queries
from db.errors import StoreConflict
from db.pool import Connection
from domain.versions import Amendment, Version

T = TypeVar("T")
_queries = load_queries("register")
_FOREVER: Final = datetime.max  # noqa: DTZ901 - what asyncpg sends as PostgreSQL's 'infinity'
_TIMES: Final = ("valid_from", "valid_to", "recorded_from", "recorded_to")


@dataclass(frozen=True, slots=True)
class VersionTable(Generic[T]):
    """One register. `noun` is its table, `key` the column and attribute that names an entry.

    `content_of` reads the entry from a row, `known_query` and `close_query` are its named queries.
    """

    noun: str
    key: str
    columns: tuple[str, ...]
    content_of: Callable[[asyncpg.Record], T]
    known_query: Any
    close_query: Any

    async def lock(self, connection: Connection) -> datetime:
        """Keep other editors of this register out until the transaction ends; the store's clock."""
        await _queries.lock_register(connection, noun=self.noun)
        now: datetime = await _queries.clock(connection)
        return now

    async def known(
        self, connection: Connection, keys: Sequence[Any]
    ) -> dict[Any, list[Version[T]]]:
        """What is held for true of these entries, by time of validity; `[]` for unknown ones."""
        found: dict[Any, list[Version[T]]] = {key: [] for key in keys}
        async for row in self.known_query(connection, ids=list(keys)):
            found[row[self.key]].append(
                Version(
                    self.content_of(row), row["valid_from"], row["valid_to"], row["recorded_from"]
                )
            )
        return found

    async def standing(self, connection: Connection, keys: Collection[Any]) -> set[Any]:
        """Those of `keys` that the register holds for true without an end."""
        known = await self.known(connection, list(keys))
        return {key for key in keys if any(one.valid_to is None for one in known[key])}

    async def amend(self, connection: Connection, amendments: Sequence[Amendment[T]]) -> None:
        """Write changes; only while `lock` is held.

        Raises `StoreConflict` when a version to be closed is no longer held for true.
        """
        closed = [(version, one.at) for one in amendments for version in one.closed]
        if closed:
            tag: str = await self.close_query(
                connection,
                ids=[getattr(version.content, self.key) for version, _ in closed],
                starts=[version.valid_from for version, _ in closed],
                recorded=[version.recorded_from for version, _ in closed],
                ends=[at for _, at in closed],
            )
            if tag != f"UPDATE {len(closed)}":
                raise StoreConflict(
                    f"another editor has changed the {self.noun} register meanwhile"
                )
        added = [version for one in amendments for version in one.added]
        await connection.copy_records_to_table(
            self.noun,
            columns=[*self.columns, *_TIMES],
            records=[
                (
                    *(getattr(version.content, name) for name in self.columns),
                    version.valid_from,
                    version.valid_to or _FOREVER,
                    version.recorded_from,
                    version.recorded_to or _FOREVER,
                )
                for version in added
            ],
        )
        await _queries.notify(connection, payload=f"register {self.noun}")
