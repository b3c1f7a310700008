"""The door itself: who knocks, how often, what is taken, and what everyone is told."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import asyncpg
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from commands.take_reading import (
    ContradictingReading,
    ImplausibleReading,
    TakeReading,
    take_reading,
)
from db.errors import RefusedRow, StoreError, mapped_errors
from db.image import add_image, charge
from db.pool import Connection
from domain.checkpoints import Bounds, Checkpoint, Reading, System
from domain.errors import InvalidInput
from streams.settings import DoorSettings, StreamSettings
from streams.sources.http.body import read_body
from streams.sources.http.contract import original, parse
from streams.sources.http.heartbeat import Heartbeat
from streams.sources.http.images import check_image
from streams.sources.http.ledger import Ledger
from streams.sources.http.rate import RateLimit
from streams.sources.http.refusal import Refused, away, too_fast, too_much
from streams.sources.http.register import DeviceRegister, check_valid

_log = structlog.get_logger(__name__)
_DECODERS: Final = 2
"""Images decoded at once, by all devices; one device never has more than one of them."""
_HELD_S: Final = 0.25
_MOST_HELD: Final = 64
"""Refusals for haste held back at once and device; more would be a way to hold connections."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One system's shape: a body as a `Reading`, and its fields in the device's words."""

    system: System
    read: Callable[[bytes], Reading]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request whose token holds: for which point it speaks, and when it arrived."""

    checkpoint_id: str
    at: datetime


Work = Callable[[Request, Visit], Awaitable[Response]]


class Door:
    """Answers every request of one process; `now` is our clock, `seconds` a steady one."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
        settings: DoorSettings | None = None,
        believed: StreamSettings | None = None,
    ) -> None:
        self.settings = settings or DoorSettings()
        believed = believed or StreamSettings()
        self._bounds = Bounds(believed.time_tolerance, believed.retention)
        self._pool = pool
        self._now = now
        self._register = DeviceRegister(pool, self.settings.door_register_s, seconds)
        self._limit = RateLimit(self.settings.door_rate_per_s, self.settings.door_burst, seconds)
        self._ledger = Ledger()
        self._decoding = asyncio.Semaphore(_DECODERS)
        self._uploading: set[str] = set()
        self._held: Counter[str] = Counter()
        self._away = False

    async def answer(self, request: Request, work: Work) -> Response:
        """Let the device in and do `work`; a refusal is counted and told."""
        at = self._now()
        device: str | None = None
        try:
            async with asyncio.timeout(self.settings.door_store_s):
                token = await self._register.device(request.headers.get("authorization"))
            device = token.checkpoint_id
            check_valid(token, at)
            self._ledger.heard(device, at)
            wait_s = self._limit.wait_s(device)
            if wait_s:
                await self._hold(device)
                rate = f"{self.settings.door_rate_per_s:g} requests a second"
                raise too_fast(wait_s, f"expected at most {rate}")
            return await work(request, Visit(device, at))
        except Refused as refused:
            return self._refuse(device, at, refused)
        except RefusedRow as error:
            _log.error("row refused", action="door.row_refused", device=device, error=str(error))
            expected = "expected what the store can hold"
            return self._refuse(device, at, Refused(422, "body.refused", "body", expected))
        except (StoreError, TimeoutError) as error:
            self._store_is(str(error) or type(error).__name__)
            return self._refuse(device, at, away())

    async def _hold(self, device: str) -> None:
        """Let a device that floods wait for its refusal: the others get the time it would take."""
        if self._held[device] < _MOST_HELD:
            self._held[device] += 1
            try:
                await asyncio.sleep(_HELD_S)
            finally:
                self._held[device] -= 1

    def _store_is(self, away_by: str | None) -> None:
        """Say once that the store is away, and once that it is back."""
        if away_by is not None and not self._away:
            _log.warning("store away", action="door.store_away", error=away_by)
        if away_by is None and self._away:
            _log.info("store back", action="door.store_back")
        self._away = away_by is not None

    def _refuse(self, device: str | None, at: datetime, refused: Refused) -> Response:
        self._ledger.refused(device, at, refused.reason)
        return refused.answer()

    async def reading(self, request: Request, visit: Visit, adapter: Adapter) -> Response:
        """Take a passage or sighting; the same one again gets the same answer."""
        body = await self._json(request)
        reading = adapter.read(body)
        names = adapter.fields
        await self._own_point(visit, reading.checkpoint_id, names["checkpoint_id"], adapter.system)
        try:
            async with self._connection() as one:
                taken = await take_reading(
                    one,
                    f"checkpoint:{visit.checkpoint_id}",
                    TakeReading(reading, original(body), visit.at, self._bounds),
                )
        except ImplausibleReading as error:
            field = names.get(error.field, error.field)
            raise Refused(422, error.reason, field, error.expected) from None
        except InvalidInput as error:
            field = names.get(error.field, error.field)
            raise Refused(422, "field.wrong", field, error.expected) from None
        except ContradictingReading as error:
            raise Refused(
                409, error.code, names["source_key"], f"expected the same: {error}"
            ) from None
        self._ledger.taken(visit.checkpoint_id, visit.at)
        return JSONResponse(
            {
                "reading_id": str(taken.reading_id),
                "checkpoint_id": reading.checkpoint_id,
                "source_key": reading.source_key,
                "recorded_at": taken.recorded_at.isoformat(),
            }
        )

    async def image(self, request: Request, visit: Visit) -> Response:
        """Store a picture; the answer's `image` is what a reading refers to."""
        device = visit.checkpoint_id
        if device in self._uploading:
            raise too_fast(1, "expected one image at a time")
        self._uploading.add(device)
        try:
            most, seconds = self.settings.image_bytes, self.settings.door_body_s
            content = await read_body(request, most, "image", seconds)
            async with self._decoding:
                image = await asyncio.to_thread(check_image, content, self.settings.image_pixels)
            async with self._connection() as one, one.transaction():
                if await add_image(one, image):  # sent again it takes no room
                    await self._charge(one, visit, len(content))
        finally:
            self._uploading.discard(device)
        return JSONResponse(
            {
                "image": image.image_hash.hex(),
                "media_type": image.media_type,
                "width": image.width,
                "height": image.height,
            }
        )

    async def _charge(self, connection: Connection, visit: Visit, size: int) -> None:
        """Count a new picture to its device's UTC day; raises `Refused` beyond the quota."""
        at, most = visit.at.astimezone(UTC), self.settings.image_daily_bytes
        if not await charge(connection, visit.checkpoint_id, at.date(), size, most):
            expected = f"expected at most {self.settings.door_image_daily_mib:g} MiB a UTC day"
            raise too_much(at, f"{expected}; post the reading without its image")

    async def heartbeat(self, request: Request, visit: Visit) -> Response:
        """A sign of life; the answer tells the device how far its clock is off."""
        said = parse(await self._json(request), Heartbeat)
        point = await self._own_point(visit, said.point, "point", None)
        ahead_s = (said.sent_at - visit.at).total_seconds()
        self._ledger.heard(visit.checkpoint_id, visit.at, clock_ahead_s=ahead_s)
        return JSONResponse(
            {
                "checkpoint_id": visit.checkpoint_id,
                "received_at": visit.at.isoformat(),
                "clock_ahead_s": round(ahead_s, 3),
                "every_s": point.every_s,
            }
        )

    async def keep_writing(self) -> None:
        """Write contacts and refusals until cancelled."""
        while True:
            await asyncio.sleep(self.settings.door_beat_s)
            await self._ledger.write(self._pool)

    async def write(self) -> None:
        """Write what was heard so far, as a stop does."""
        await self._ledger.write(self._pool)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection for as long as a device may be kept waiting; raises `StoreError`."""
        async with (
            mapped_errors(),
            asyncio.timeout(self.settings.door_store_s),
            self._pool.acquire() as connection,
        ):
            yield connection
        self._store_is(None)

    async def _json(self, request: Request) -> bytes:
        return await read_body(request, self.settings.body_bytes, "body", self.settings.door_body_s)

    async def _own_point(
        self, visit: Visit, name: str, field: str, system: System | None
    ) -> Checkpoint:
        point = await self._register.point(name)
        if point is None:
            raise Refused(404, "point.unknown", field, "expected a registered checkpoint")
        if name != visit.checkpoint_id:
            expected = f"expected {visit.checkpoint_id}, for which the token was issued"
            raise Refused(403, "point.not_yours", field, expected)
        if system is not None and point.system != system:
            expected = f"expected a point of {system}, this one belongs to {point.system}"
            raise Refused(403, "point.wrong_system", field, expected)
        return point
