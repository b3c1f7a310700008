"""What the door heard and refused, per device: kept in memory, written once a second."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import structlog

from db.checkpoint import UNKNOWN, Contact, RefusalKey, add_contacts, add_refusals
from db.errors import StoreError
from db.pool import transaction

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Heard:
    contact_at: datetime | None = None
    reading_at: datetime | None = None
    refused: int = 0
    clock_ahead_s: float | None = None


class Ledger:
    """Contacts and refusals since the last `write`; there are never more devices than points."""

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}
        self._refused: Counter[RefusalKey] = Counter()
        self._failing = False

    def heard(self, device: str, at: datetime, *, clock_ahead_s: float | None = None) -> None:
        """A request that the device's token proved."""
        known = self._heard.setdefault(device, _Heard())
        known.contact_at = at
        if clock_ahead_s is not None:
            known.clock_ahead_s = clock_ahead_s

    def taken(self, device: str, at: datetime) -> None:
        """A reading of the device stands in the store."""
        self._heard.setdefault(device, _Heard()).reading_at = at

    def refused(self, device: str | None, at: datetime, code: str) -> None:
        """A refusal; `None`: nobody knows of which device."""
        if device is not None:
            self._heard.setdefault(device, _Heard()).refused += 1
        self._refused[device or UNKNOWN, at.replace(second=0, microsecond=0), code] += 1

    async def write(self, pool: asyncpg.Pool) -> bool:
        """Write what is new; while the store is away it is kept. Whether all is written."""
        heard, self._heard = self._heard, {}
        counts, self._refused = self._refused, Counter()
        if not heard and not counts:
            return True
        try:
            async with transaction(pool) as connection:
                await add_contacts(
                    connection,
                    [
                        Contact(
                            name, one.contact_at, one.reading_at, one.refused, one.clock_ahead_s
                        )
                        for name, one in heard.items()
                    ],
                )
                await add_refusals(connection, counts)
        except StoreError as error:
            self._keep(heard, counts)
            if not self._failing:
                _log.warning("contacts wait", action="door.contacts_wait", error=str(error))
            self._failing = True
            return False
        self._failing = False
        return True

    def _keep(self, heard: dict[str, _Heard], counts: Counter[RefusalKey]) -> None:
        self._refused += counts
        for name, old in heard.items():
            new = self._heard.setdefault(name, _Heard())
            new.contact_at = new.contact_at or old.contact_at
            new.reading_at = new.reading_at or old.reading_at
            new.refused += old.refused
            if new.clock_ahead_s is None:
                new.clock_ahead_s = old.clock_ahead_s
