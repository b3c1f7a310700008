"""The old days of `vessel_position`, compacted one by one; their blocks, dropped when expired."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog

from commands.compact_positions import CompactDay, Compacted, compact_day
from commands.expire_blocks import ExpireBlocks, expire_blocks
from db.errors import store_error
from db.pool import Connection, connect
from db.position import days_kept
from domain.clock import utc_now
from streams.settings import StorageSettings

_log = structlog.get_logger(__name__)
_ACTOR = "compaction"
_NAME = "whistle compact"
_GRACE = timedelta(hours=1)  # a fix taken just in time may still wait for the store
_ROWS_LEAST = timedelta(days=2)
"""Whoever looks back (the watch, the matching, the drawers) looks no further, and finds rows."""
_STATEMENT_S = 7200.0  # the server sorts a whole day before it gives the first vessel
_TOLD_S = 10.0
_CLOSE_S = 5.0


class Compaction:
    """Compacts the days that no fix can come for any more: what is older is refused at the door."""

    def __init__(
        self,
        url: str,
        retention: timedelta,
        settings: StorageSettings | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._url = url
        self._retention = max(retention, _ROWS_LEAST)
        self._settings = settings or StorageSettings()
        self._now = now

    async def run(self) -> list[Compacted]:
        """Everything that is due, the oldest day first, a transaction each; what became of them.

        Another worker may compact at the same time: then nothing is done here. Raises `StoreError`;
        a day that failed has its rows as before.
        """
        connection = await connect(self._url, application=_NAME, statement_timeout_s=_STATEMENT_S)
        try:
            done = []
            first_kept = self._day_before(self._retention)
            for day in await days_kept(connection):
                if first_kept is None or day >= first_kept:
                    break
                found = await self._compact(connection, day)
                if found is not None:
                    done.append(found)
            await self._expire(connection)
            return done
        finally:
            await connection.close(timeout=_CLOSE_S)

    async def attempt(self) -> None:
        """`run`, beside other work: what is wrong with an old day stops nobody from storing new."""
        try:
            await self.run()
        except Exception as error:
            mapped = store_error(error)
            if mapped is not None and mapped.retriable:
                raise
            _log.exception("old days stay as rows", action="compaction.failed", error=str(error))

    async def _compact(self, connection: Connection, day: date) -> Compacted | None:
        begun = time.monotonic()
        told = begun

        def tell(vessels: int, rows: int) -> None:
            nonlocal told
            if time.monotonic() - told >= _TOLD_S:
                told = time.monotonic()
                _log.info(
                    "compacting", action="compaction.progress", day=str(day), vessels=vessels,
                    rows=rows, seconds=round(told - begun),
                )  # fmt: skip

        command = CompactDay(day, self._settings.bound, self._settings.exact_about, self._now())
        done = await compact_day(connection, _ACTOR, command, tell)
        if done is not None:
            _log.info(
                "day compacted", action="compaction.done", day=str(day), vessels=done.vessels,
                rows=done.rows, fixes=done.fixes, bytes=done.size,
                seconds=round(time.monotonic() - begun, 1),
            )  # fmt: skip
        return done

    async def _expire(self, connection: Connection) -> None:
        before = self._day_before(self._settings.block_retention)
        if before is None:
            return
        for one in await expire_blocks(connection, _ACTOR, ExpireBlocks(before, self._now())):
            _log.info(
                "blocks dropped", action="compaction.expired", day=str(one.day), blocks=one.blocks,
                fixes=one.fixes,
            )  # fmt: skip

    def _day_before(self, age: timedelta) -> date | None:
        """The first UTC day that is not wholly older; `None`: none can be."""
        now = self._now()
        if now - datetime.min.replace(tzinfo=UTC) <= age + _GRACE:
            return None
        return (now - age - _GRACE).astimezone(UTC).date()
