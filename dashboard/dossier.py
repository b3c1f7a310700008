"""Everything the drawer shows of one vessel, read when somebody looks at it, shared for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from dashboard.coordinator import Coordinator
from dashboard.gate_reading import HISTORY, READINGS, GateReading, band, gate_reading
from dashboard.reading import passage, to_vessel
from dashboard.snapshot import Passage, Vessel
from dashboard.tails import pieces
from db.alert_file import read_hull, read_readings
from db.errors import mapped_errors
from db.pool import Connection
from db.receiver import last_fix, silence
from db.snapshot import (
    read_track,
    read_vessel,
    read_vessel_crossings,
    read_vessel_flags,
)
from domain.draught import Limits
from domain.positions import UNTRUSTED, FixFlag
from domain.silence import Silence

TRACK: Final = timedelta(hours=2)
FLAGS: Final = timedelta(hours=24)
CROSSINGS: Final = 12
KEPT: Final = 64
READ_TIMEOUT_S: Final = 4.0
"""Waiting for a turn included."""
AT_ONCE: Final = 2
"""Connections that drawers may hold at once, so that the picture always finds one."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One vessel: newest fix, declared identity, track, crossings, flags of a day, readings.

    The track is (lon, lat) in pieces, broken where the fixes leap. `limits`: the hull's band
    between light and laden.
    """

    vessel: Vessel
    declared: Mapping[str, Any]
    track: tuple[tuple[tuple[float, float], ...], ...]
    crossings: tuple[Passage, ...]
    flags: Mapping[FixFlag, int]
    silence: Silence | None = None
    """Of a vessel that counts as lost: whose silence it is."""
    readings: tuple[GateReading, ...] = ()
    limits: Limits | None = None


class Dossiers:
    """Dossiers by vessel and age: viewers who look at the same vessel share one read."""

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator
        self.turns = asyncio.Semaphore(AT_ONCE)
        self._held: OrderedDict[tuple[int, int], asyncio.Task[Dossier | None]] = OrderedDict()

    async def get(self, mmsi: int, tick: int) -> Dossier | None:
        """The dossier as of `tick`, `None` for a vessel never heard. Raises `StoreError`."""
        key = (mmsi, tick)
        task = self._held.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.create_task(self._read(mmsi))
            self._held[key] = task
            while len(self._held) > KEPT:
                self._held.popitem(last=False)
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Read anew whatever is asked for next."""
        self._held.clear()

    async def _read(self, mmsi: int) -> Dossier | None:
        now = self._coordinator.now()
        pool = await self._coordinator.pool()
        async with (
            mapped_errors(),
            asyncio.timeout(READ_TIMEOUT_S),
            self.turns,
            pool.acquire() as connection,
        ):
            row = await read_vessel(connection, mmsi)
            if row is None:
                return None
            track = await read_track(connection, mmsi, now - TRACK)
            crossings = await read_vessel_crossings(connection, mmsi, CROSSINGS)
            counted = await read_vessel_flags(connection, mmsi, now - FLAGS)
            told = (
                await _silence(connection, mmsi, now)
                if to_vessel(row).lost(now.timestamp())
                else None
            )
            seen = await read_readings(
                connection, mmsi=mmsi, ids=[], since=now - HISTORY, count=READINGS
            )
            limits = band(await read_hull(connection, mmsi), row) if seen else None
        flags: dict[FixFlag, int] = {}
        for found in counted:
            for flag in FixFlag(found["flags"]):
                flags[flag] = flags.get(flag, 0) + found["n"]
        return Dossier(
            vessel=to_vessel(row),
            declared=dict(row),
            track=pieces((f["t"], f["lon"], f["lat"]) for f in track if not f["flags"] & UNTRUSTED),
            crossings=tuple(passage(found) for found in crossings),
            flags=flags,
            silence=told,
            readings=tuple(gate_reading(each, limits) for each in seen),
            limits=limits,
        )


async def _silence(connection: Connection, mmsi: int, now: datetime) -> Silence | None:
    fix = await last_fix(connection, mmsi)
    return None if fix is None else await silence(connection, fix, now)
