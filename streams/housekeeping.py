"""Once a day: what the store holds for a time only goes when its time is over (docs/running.md)."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog

from commands.keep_house import KeepHouse, keep_house
from db.errors import store_error
from db.house import BEGIN, Place
from db.pool import connect
from domain.clock import utc_now
from streams.settings import StorageSettings

_log = structlog.get_logger(__name__)
_ACTOR = "housekeeping"
_NAME = "whistle housekeeping"
_LEAST = timedelta(days=2)
"""The watch and the console look back a day: whatever is set, they find it."""
_GRACE = timedelta(days=1)  # a reading just in time may still refer to a picture of its first day
_STATEMENT_S = 600.0
_CLOSE_S = 5.0


class Housekeeping:
    """Drops what is older than `retention` (readings: than their own) in batches of a transaction.

    Several workers may do so at once: none waits for what another one is dropping.
    """

    def __init__(
        self,
        url: str,
        retention: timedelta,
        settings: StorageSettings | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._url = url
        self._retention = max(retention, _LEAST)
        self._settings = settings or StorageSettings()
        self._readings = max(self._settings.reading_retention, self._retention + _GRACE)
        self._now = now
        self._done: date | None = None

    async def run(self) -> Counter[str]:
        """Everything that is due; table → rows that went. Raises `StoreError`; go on later."""
        now = self._now()
        total: Counter[str] = Counter()
        connection = await connect(self._url, application=_NAME, statement_timeout_s=_STATEMENT_S)
        try:
            place: Place = BEGIN
            more = True
            while more:
                command = KeepHouse(
                    minutes_before=_before(now, self._retention),
                    readings_before=_before(now, self._readings),
                    images_before=_before(now, self._retention + _GRACE),
                    sent_before=_before(now, self._settings.outbox_sent),
                    unsent_before=_before(now, self._settings.outbox_unsent),
                    at=now,
                    images_from=place,
                )
                kept = await keep_house(connection, _ACTOR, command)
                total.update(kept.gone)
                more, place = kept.more, kept.images_from
        finally:
            await connection.close(timeout=_CLOSE_S)
        if total:
            _log.info("store tidied", action="house.kept", **total)
        if total["outbox_unsent"]:
            _log.warning(
                "messages dropped that nobody was told",
                action="outbox.expired",
                messages=total["outbox_unsent"],
                after_days=self._settings.outbox_unsent_days,
            )
        return total

    async def attempt(self) -> None:
        """`run` once a UTC day, beside other work: what is wrong here stops nobody from storing."""
        day = self._now().astimezone(UTC).date()
        if day == self._done:
            return
        try:
            await self.run()
        except Exception as error:
            mapped = store_error(error)
            if mapped is not None and mapped.retriable:
                raise
            _log.exception("old rows stay", action="house.failed", error=str(error))
        self._done = day


def _before(now: datetime, age: timedelta) -> datetime:
    """`age` ago, or the beginning of time."""
    begin = datetime.min.replace(tzinfo=UTC)
    return now - age if now - begin > age else begin
