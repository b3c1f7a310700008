"""What the database says when it refuses, as errors an operator reads, told apart by SQLSTATE."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

import asyncpg

from domain.errors import WhistleError


class StoreError(WhistleError):
    """The database refused. `sqlstate` is its five-letter code, where it gave one."""

    code: ClassVar[str] = "store.error"

    def __init__(self, message: str, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class StoreUnavailable(StoreError):
    """No connection, a lost one, or a server that is starting, stopping or full: try again."""

    code: ClassVar[str] = "store.unavailable"
    retriable: ClassVar[bool] = True


class StoreConflict(StoreError):
    """Another transaction was in the way (serialization, deadlock, lock timeout): try again."""

    code: ClassVar[str] = "store.conflict"
    retriable: ClassVar[bool] = True


class StoreTimeout(StoreError):
    """The statement ran longer than its pool allows: a lock held or a busy server, try again."""

    code: ClassVar[str] = "store.timeout"
    retriable: ClassVar[bool] = True


class RefusedRow(StoreError):
    """A value or row breaks a rule of the schema; the same row will be refused again."""

    code: ClassVar[str] = "store.refused_row"


class AlreadyThere(StoreError):
    """A row with this key stands in the store already."""

    code: ClassVar[str] = "store.already_there"


class AppendOnly(StoreError):
    """A change to a table that only grows; record a new event instead."""

    code: ClassVar[str] = "store.append_only"


class MissingRight(StoreError):
    """The database user lacks a right, or its password was refused."""

    code: ClassVar[str] = "store.missing_right"


class SchemaMismatch(StoreError):
    """A table, column or function is missing: run `whistle migrate`."""

    code: ClassVar[str] = "store.schema"


class MigrationChanged(WhistleError):
    """A migration that this database already has was edited afterwards."""

    code: ClassVar[str] = "migration.changed"


class MigrationUnknown(WhistleError):
    """The database has a migration that this version of the program does not know."""

    code: ClassVar[str] = "migration.unknown"


_EXACT: dict[str, type[StoreError]] = {
    "23001": AppendOnly,
    "23505": AlreadyThere,
    "40001": StoreConflict,
    "40P01": StoreConflict,
    "42501": MissingRight,
    "55P03": StoreConflict,
    "55006": StoreConflict,
    "57014": StoreTimeout,
}
_CLASS: dict[str, type[StoreError]] = {
    "08": StoreUnavailable,
    "21": RefusedRow,
    "22": RefusedRow,
    "23": RefusedRow,
    "25": StoreUnavailable,
    "28": MissingRight,
    "3D": StoreUnavailable,
    "42": SchemaMismatch,
    "53": StoreUnavailable,
    "57": StoreUnavailable,
    "58": StoreUnavailable,
}


def store_error(error: BaseException) -> WhistleError | None:
    """The `WhistleError` that `error` stands for, or `None` if it is none of the database's."""
    if isinstance(error, WhistleError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        kind = _EXACT.get(state) or _CLASS.get(state[:2], StoreError)
        return kind(f"{error} [{state}]", state)
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return RefusedRow(str(error))  # the driver could not encode a value
    # the driver's own state is broken when its connection dies between two of its messages
    lost = asyncpg.InterfaceError | asyncpg.InternalClientError | OSError | TimeoutError | EOFError
    if isinstance(error, lost):
        return StoreUnavailable(str(error) or type(error).__name__)
    return None


@asynccontextmanager
async def mapped_errors() -> AsyncIterator[None]:
    """Raise what the driver raises inside as `StoreError`; everything else passes unchanged."""
    try:
        yield
    except Exception as error:
        mapped = store_error(error)
        if mapped is None or mapped is error:
            raise
        raise mapped from error
