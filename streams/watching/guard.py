"""One item at a time: what is wrong with one is logged, and the others go on."""

import time
from collections.abc import Callable
from typing import Final

import structlog

from db.errors import RefusedRow, StoreError, store_error
from db.pool import Connection

_log = structlog.get_logger(__name__)
AGAIN_S: Final = 600.0
"""How long one that could not be assessed is left alone."""


class Guard:
    """Which items could not be assessed, and until when they are left alone.

    Kept in memory: a watch that is started anew, with what was wrong mended, tries them all.
    """

    def __init__(self, again_s: float = AGAIN_S, now: Callable[[], float] = time.monotonic) -> None:
        self._again_s, self._now = again_s, now
        self._until: dict[tuple[str, str], float] = {}

    def leaves(self, source: str, key: str) -> bool:
        """Whether this one is to be left alone yet."""
        return self._until.get((source, key), 0.0) > self._now()

    def about(self, connection: Connection, source: str, key: str) -> "Guarded":
        """A savepoint about one item; what fails inside is logged and left alone for a while."""
        return Guarded(connection, source, key, self._leave)

    def _leave(self, source: str, key: str) -> None:
        now = self._now()
        self._until = {one: until for one, until in self._until.items() if until > now}
        self._until[source, key] = now + self._again_s


class Guarded:
    """A savepoint about one item. The store's own troubles pass, so that nothing is left out
    because of them.
    """

    def __init__(
        self,
        connection: Connection,
        source: str,
        key: str,
        leave: Callable[[str, str], None] | None = None,
    ) -> None:
        self._transaction = connection.transaction()
        self._source, self._key, self._leave = source, key, leave

    async def __aenter__(self) -> None:
        await self._transaction.start()

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            await self._transaction.commit()
            return False
        if not isinstance(error, Exception) or _is_the_stores(error):
            return False  # the outer transaction is rolled back as a whole
        await self._transaction.rollback()
        if self._leave is not None:
            self._leave(self._source, self._key)
        _log.error(
            "could not be assessed",
            action="watch.poison",
            source=self._source,
            key=self._key,
            error=f"{type(error).__name__}: {error}",
            exc_info=error,
        )
        return True


def _is_the_stores(error: Exception) -> bool:
    mapped = store_error(error)
    return isinstance(mapped, StoreError) and not isinstance(mapped, RefusedRow)
