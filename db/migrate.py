"""Versioned SQL migrations: a file each, applied once, by name, each in its own transaction."""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import asyncpg

from db.errors import MigrationChanged, MigrationUnknown, mapped_errors

_LOCK = 0x57484953544C45  # "WHISTLE": one migrating process at a time in a database

_CREATE_REGISTER = """
create table if not exists schema_migration (
    name       text        primary key,
    checksum   bytea       not null,
    applied_at timestamptz not null default clock_timestamp()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `db/migrations`: `name` without `.sql`, and its text."""

    name: str
    sql: str

    @property
    def checksum(self) -> bytes:
        """SHA-256 of the text, recorded when applied, so that a later edit is found."""
        return sha256(self.sql.encode()).digest()


def migrations() -> list[Migration]:
    """Every migration this version of the program knows, in the order they are applied."""
    folder = files("db") / "migrations"
    return sorted(
        (
            Migration(name=entry.name.removesuffix(".sql"), sql=entry.read_text("utf-8"))
            for entry in folder.iterdir()
            if entry.name.endswith(".sql")
        ),
        key=lambda migration: migration.name,
    )


async def migrate(
    connection: asyncpg.Connection,
    *,
    known: list[Migration] | None = None,
    up_to: str | None = None,
) -> list[str]:
    """Bring the database up to date and return the names applied now (`[]`: it was up to date).

    `up_to` stops after that migration. Raises `MigrationChanged` when an applied file was edited,
    `MigrationUnknown` when the database is newer than the program, `StoreError` when SQL fails (the
    failed migration leaves nothing behind, earlier ones stay).
    """
    every = migrations() if known is None else known
    async with mapped_errors():
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        try:
            return await _apply_pending(connection, every, up_to)
        finally:
            if not connection.is_closed():
                await connection.execute("select pg_advisory_unlock($1)", _LOCK)


async def migrate_url(url: str) -> list[str]:
    """`migrate` on a connection of its own to `url`."""
    async with mapped_errors():
        connection = await asyncpg.connect(url)
    try:
        return await migrate(connection)
    finally:
        await connection.close()


async def pending(connection: asyncpg.Connection) -> list[str]:
    """Names of the migrations this database still lacks."""
    async with mapped_errors():
        if await connection.fetchval("select to_regclass('schema_migration')") is None:
            return [migration.name for migration in migrations()]
        applied = await _checked(connection, migrations())
    return [migration.name for migration in migrations() if migration.name not in applied]


async def _apply_pending(
    connection: asyncpg.Connection, every: list[Migration], up_to: str | None
) -> list[str]:
    if await connection.fetchval("select to_regclass('schema_migration')") is None:
        await connection.execute(_CREATE_REGISTER)
    applied = await _checked(connection, every)
    done: list[str] = []
    for migration in every:
        if migration.name not in applied:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(
                    "insert into schema_migration (name, checksum) values ($1, $2)",
                    migration.name,
                    migration.checksum,
                )
            done.append(migration.name)
        if migration.name == up_to:
            break
    return done


async def _checked(connection: asyncpg.Connection, every: list[Migration]) -> set[str]:
    """Names already applied, after proving that each is known and unchanged."""
    by_name = {migration.name: migration for migration in every}
    rows = await connection.fetch("select name, checksum from schema_migration order by name")
    for row in rows:
        known = by_name.get(row["name"])
        if known is None:
            raise MigrationUnknown(
                f"the database has migration {row['name']}, which this version does not know: "
                "run the newer version, or restore the database that belongs to this one"
            )
        if known.checksum != row["checksum"]:
            raise MigrationChanged(
                f"migration {row['name']} was edited after it was applied: "
                "put the file back and write the change as a new migration"
            )
    return {row["name"] for row in rows}
