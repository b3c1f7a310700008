"""The watch's sealing: every minute, with a key from a file, never in the way of the watching."""

import asyncio
from pathlib import Path
from typing import Final

import asyncpg
import structlog

from commands.seal_chains import Sealed, SealsGone, seal_chains
from db.errors import store_error
from db.pool import transaction
from domain.errors import WhistleError
from domain.seals import digest
from streams.seal_key import SealKey, remember, remembered
from streams.settings import SealSettings

_log = structlog.get_logger(__name__)
_LEFT_MOST: Final = 1000
"""Chains that do not hold and are left alone until the next start."""


class Sealer:
    """Seals what was recorded, when it is time. Without a key file it does nothing.

    `seals`: how many it made.
    """

    def __init__(self, settings: SealSettings | None = None) -> None:
        chosen = settings or SealSettings()
        self._file: Path | None = chosen.seal_key_file
        self._every_s = chosen.seal_every_s
        self._key: SealKey | None = None
        self._due = 0.0
        self._said = ""
        self._left: set[tuple[str, str]] = set()
        self.seals = 0

    async def turn(self, pool: asyncpg.Pool) -> Sealed | None:
        """Seal, if it is time; the next turn comes at once while there is more to do.

        A fault is told once and tried again at the next turn; only a store that is away is raised.
        """
        now = asyncio.get_running_loop().time()
        if self._file is None or now < self._due:
            return None
        self._due = now + self._every_s
        try:
            done = await self._seal(pool, self._file)
        except SealsGone as error:
            self._say("seal.gone", str(error))
        except WhistleError as error:
            if error.retriable:
                raise
            self._say("seal.failed", str(error))
        except Exception as error:
            mapped = store_error(error)
            if mapped is not None and mapped.retriable:
                raise
            self._say("seal.failed", f"{type(error).__name__}: {error}")
        else:
            self._said = ""
            if done is not None and done.more and done.seals:
                self._due = now
            return done
        return None

    async def _seal(self, pool: asyncpg.Pool, file: Path) -> Sealed | None:
        if self._key is None:
            self._key = SealKey.load(file)
        async with transaction(pool) as connection:
            done = await seal_chains(connection, self._key, known=remembered(file), but=self._left)
        if done is None:
            return None
        self._tell_broken(done)
        if done.seals and done.last is not None:
            self.seals += len(done.seals)
            last = digest(done.last)
            if not remember(file, done.last.number, last):
                _log.warning(
                    "the newest seal cannot be noted beside its key",
                    action="seal.unremembered",
                    file=str(file),
                )
            # the log is outside the store too: a seal named there cannot be cut off unseen
            _log.info(
                "chains sealed",
                action="seal.made",
                seals=len(done.seals),
                number=done.last.number,
                digest=last.hex(),
                key_id=self._key.key_id,
            )
        return done

    def _tell_broken(self, done: Sealed) -> None:
        if len(self._left) > _LEFT_MOST:
            self._left.clear()
        for name, faults in done.broken.items():
            self._left.add(name)
            _log.error(
                "a chain does not hold and is not sealed",
                action="seal.broken",
                stream_kind=name[0],
                stream_id=name[1],
                faults=faults,
            )

    def _say(self, action: str, fault: str) -> None:
        if fault != self._said:
            self._said = fault
            _log.error("nothing is sealed", action=action, error=fault)
