"""Everything the drawer shows of one alert, read when somebody looks at it, shared for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from dashboard.alert import Alert, parse_reasons
from dashboard.coordinator import Coordinator
from dashboard.gate_reading import HISTORY, READINGS, GateReading, band, gate_reading
from dashboard.reading import to_alert
from db.alert_file import (
    read_alert,
    read_declared,
    read_earlier,
    read_hull,
    read_readings,
    read_thumbnail,
)
from db.errors import mapped_errors
from db.permit import permits_for
from domain.draught import Limits, hull_limits
from domain.permits import Permit, PermitCheck, check

EARLIER: Final = 12
KEPT: Final = 64
READ_TIMEOUT_S: Final = 4.0
WASTE: Final = "spoil"
"""What the register is asked for: 渣土, the waste these alerts are about."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another alert about the same vessel."""

    alert_id: str
    state: str
    score: int
    level: str
    rules: tuple[str, ...]
    began_at: float


@dataclass(frozen=True, slots=True)
class AlertFile:
    """One alert with all that stands behind it. `hull`, `declared`: as the store says, or `None`.

    `check` is the register asked again for the moment the behaviour began; `None` without a vessel.
    """

    alert: Alert
    readings: tuple[GateReading, ...]
    limits: Limits | None
    hull: Mapping[str, Any] | None
    declared: Mapping[str, Any] | None
    permits: tuple[Permit, ...]
    check: PermitCheck | None
    earlier: tuple[Earlier, ...]


class AlertFiles:
    """Files by alert and age: viewers who look at the same alert share one read."""

    def __init__(self, coordinator: Coordinator, turns: asyncio.Semaphore) -> None:
        self._coordinator = coordinator
        self._turns = turns
        self._held: OrderedDict[tuple[str, int], asyncio.Task[AlertFile | None]] = OrderedDict()

    async def get(self, alert_id: str, tick: int) -> AlertFile | None:
        """The file as of `tick`, `None` for an alert that was never raised. Raises `StoreError`."""
        key = (alert_id, tick)
        task = self._held.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.create_task(self._read(UUID(alert_id)))
            self._held[key] = task
            while len(self._held) > KEPT:
                self._held.popitem(last=False)
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Read anew whatever is asked for next."""
        self._held.clear()

    async def thumbnail(self, image_hash: bytes) -> bytes | None:
        """A checkpoint's picture, small. Raises `StoreError`."""
        pool = await self._coordinator.pool()
        async with (
            mapped_errors(),
            asyncio.timeout(READ_TIMEOUT_S),
            self._turns,
            pool.acquire() as connection,
        ):
            return await read_thumbnail(connection, image_hash)

    async def _read(self, alert_id: UUID) -> AlertFile | None:
        now = self._coordinator.now()
        pool = await self._coordinator.pool()
        async with (
            mapped_errors(),
            asyncio.timeout(READ_TIMEOUT_S),
            self._turns,
            pool.acquire() as connection,
        ):
            row = await read_alert(connection, alert_id)
            if row is None:
                return None
            alert = to_alert(row)
            mmsi = alert.mmsi
            rows = await read_readings(
                connection, mmsi=mmsi, ids=_cited(alert), since=now - HISTORY, count=READINGS
            )
            if mmsi is None:
                return _without_vessel(alert, rows)
            at = datetime.fromtimestamp(alert.began_at, UTC)
            hull = await read_hull(connection, mmsi)
            declared = await read_declared(connection, mmsi)
            permits = (await permits_for(connection, [mmsi], at))[mmsi]
            earlier = await read_earlier(connection, mmsi, alert_id, EARLIER)
        limits = band(hull, declared)
        return AlertFile(
            alert=alert,
            readings=tuple(gate_reading(each, limits) for each in rows),
            limits=limits,
            hull=dict(hull) if hull else None,
            declared=dict(declared) if declared else None,
            permits=permits,
            check=check(
                permits,
                mmsi=mmsi,
                carrier_id=hull["carrier_id"] if hull else None,
                waste=WASTE,
                purpose=None,
                from_adcode=_fact(alert, "from"),
                to_adcode=_fact(alert, "to"),
                quantity_t=None,
                at=at,
            ),
            earlier=tuple(
                Earlier(
                    each["alert_id"],
                    each["state"],
                    each["score"],
                    each["level"],
                    tuple(reason.rule for reason in parse_reasons(each["reasons"])),
                    each["began_at"],
                )
                for each in earlier
            ),
        )


def _without_vessel(alert: Alert, rows: list[Any]) -> AlertFile:
    """A passage that nobody could name: its own size, as the checkpoint saw it, tells the band."""
    size = next((row for row in rows if row["length_m"] is not None), None)
    limits = None if size is None else hull_limits(size["length_m"], size["beam_m"])
    readings = tuple(gate_reading(each, limits) for each in rows)
    return AlertFile(alert, readings, limits, None, None, (), None, ())


def _cited(alert: Alert) -> list[UUID]:
    found: list[UUID] = []
    for reason in alert.reasons:
        for evidence in reason.evidence:
            if evidence.kind == "reading":
                try:
                    found.append(UUID(evidence.id))
                except ValueError:
                    continue
    return found


def _fact(alert: Alert, name: str) -> str | None:
    for reason in alert.reasons:
        if isinstance(said := reason.facts.get(name), str):
            return said
    return None
