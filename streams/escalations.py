"""Musters looked after: what became of messages is noted, and silence is led up its ladder."""

import asyncio
from contextlib import suppress
from typing import Final

import asyncpg
import structlog

from commands.calling import Links
from commands.escalate import Decided, escalate
from commands.note_deliveries import note_deliveries
from db.errors import store_error
from db.pool import create_pool

_log = structlog.get_logger(__name__)
APPLICATION: Final = "whistle escalations"
EVERY_S: Final = 1.0
_WAIT_S: Final = 0.5
_ACTOR: Final = "watch"


class Escalations:
    """Looks every second, until `stop`. All it remembers stands in the store.

    Any number of them may run, and be killed: each rung is decided once, each message noted once.
    A store that is away is waited for. `stored`: how many calls it made.
    """

    def __init__(self, url: str, links: Links, *, every_s: float = EVERY_S) -> None:
        self._url = url
        self._links = links
        self._every_s = every_s
        self._stopping = asyncio.Event()
        self.stored = 0

    def stop(self) -> None:
        """End after the look that runs. Callable again."""
        self._stopping.set()

    async def run(self) -> None:
        """Until told to stop. Raises `StoreError` for what waiting cannot mend."""
        pool: asyncpg.Pool | None = None
        lost = False
        try:
            while not self._stopping.is_set():
                wait_s = self._every_s
                try:
                    if pool is None:
                        pool = await create_pool(self._url, application=APPLICATION, size=1)
                    await self.look(pool)
                except Exception as error:
                    mapped = store_error(error)
                    if mapped is None or not mapped.retriable:
                        raise mapped or error from error
                    if not lost:
                        _log.warning(
                            "waiting for the store", action="store.lost", error=str(mapped)
                        )
                    lost, wait_s = True, _WAIT_S
                else:
                    lost = False
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._stopping.wait()
        finally:
            if pool is not None:
                pool.terminate()

    async def look(self, pool: asyncpg.Pool) -> list[Decided]:
        """Note what went out, then decide what is due. Raises `StoreError`."""
        async with pool.acquire() as connection:
            await note_deliveries(connection, _ACTOR)
            decided = await escalate(connection, self._links)
        for one in decided:
            self.stored += len(one.calls)
            _log.info(
                "silence led on",
                action=f"escalation.{one.outcome}",
                incident_id=str(one.rung.incident_id),
                authority_id=one.rung.authority_id,
                step=one.rung.step,
                whom=one.rung.whom,
            )
        return decided
