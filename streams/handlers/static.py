"""Identity and voyage data: a new version of the vessel when a message says something new."""

from collections.abc import Sequence
from datetime import datetime

from db.pool import Connection
from db.vessel import Known, add_identities, current_identities
from domain.vessels import Identity, merged
from streams.contracts.messages import Message, StaticMessage
from streams.handlers.work import Tally

_REMEMBERED = 50_000  # vessels; beyond, all are read again on demand


class StaticHandler:
    """Writes `vessel`. Remembers what each vessel said last, since most messages repeat it."""

    def __init__(self) -> None:
        self._known: dict[int, Known | None] = {}
        self._versions: list[Identity] = []
        self._current: dict[int, Known] = {}

    async def prepare(
        self, connection: Connection, messages: Sequence[Message], tally: Tally
    ) -> None:
        self._versions, self._current = [], {}
        reports = [message for message in messages if isinstance(message, StaticMessage)]
        if not reports:
            return
        missing = sorted({one.report.mmsi for one in reports} - self._known.keys())
        if missing:
            stored = await current_identities(connection, missing)
            self._known.update({mmsi: stored.get(mmsi) for mmsi in missing})
        tally.add_all(reports, "static")
        latest: dict[int, Identity] = {}
        for message in reports:
            mmsi = message.report.mmsi
            stored_one = self._known[mmsi]
            before = latest.get(mmsi) or (stored_one[0] if stored_one else None)
            version = merged(before, message.report)
            if version is not None:
                latest[mmsi] = version
                self._versions.append(version)

    async def write(self, connection: Connection, recorded_at: datetime) -> None:
        if self._versions:
            concerned = {version.mmsi for version in self._versions}
            known = {mmsi: entry for mmsi in concerned if (entry := self._known[mmsi]) is not None}
            self._current = await add_identities(connection, self._versions, known, recorded_at)

    def commit(self) -> None:
        self._known.update(self._current)
        self._versions, self._current = [], {}
        if len(self._known) > _REMEMBERED:
            self._known.clear()

    def forget(self) -> None:
        self._known.clear()
        self._versions, self._current = [], {}
