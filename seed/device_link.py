"""The devices' side of the wire: readings, stills and signs of life over HTTP, with their tokens.

A device keeps its readings while the door is away, up to a limit, and sends them later in their
order; a sign of life that found nobody is gone.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 15.0
_KEPT = 500
_TIMEOUT_S = 10.0
_TRANSIENT = {401, 403, 408, 425, 429, 500, 502, 503, 504}
"""Answers after which the same may be sent again; a token may only be too new to be known."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to send: JSON to `path`, or with `body` once its still is there.

    `still` makes the JPEG, `body` the JSON from the hash that the door gave it.
    """

    point_id: str
    path: str
    body: Callable[[str | None], dict[str, Any]]
    still: Callable[[], bytes] | None = None
    keeps: bool = True


@dataclass(slots=True)
class Posted:
    """What became of it all: accepted, refused by name of the reason, given up."""

    accepted: int = 0
    dropped: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class DeviceLink:
    """All devices of one program. `tokens` is asked anew before every request.

    `offer` never blocks and keeps at most 500 parcels a device.
    """

    def __init__(
        self,
        base_url: str,
        tokens: Callable[[], Mapping[str, str]],
        points: Iterable[str],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.posted = Posted()
        self._base_url = base_url
        self._tokens = tokens
        self._transport = transport
        self._waiting: dict[str, deque[Parcel]] = {point: deque() for point in points}
        self._more = {point: asyncio.Event() for point in self._waiting}
        self._away = False
        self.idle = asyncio.Event()
        """Set while nothing is waiting to be sent."""
        self.idle.set()

    def offer(self, parcel: Parcel) -> None:
        """Send it as soon as the device's turn comes; the oldest are given up beyond the limit."""
        waiting = self._waiting[parcel.point_id]
        if not parcel.keeps and (self._away or len(waiting) > 1):
            self.posted.dropped += 1
            return
        if len(waiting) >= _KEPT:
            waiting.popleft()
            self.posted.dropped += 1
        waiting.append(parcel)
        self.idle.clear()
        self._more[parcel.point_id].set()

    @property
    def waiting(self) -> int:
        """Parcels that are not sent yet."""
        return sum(len(parcels) for parcels in self._waiting.values())

    async def run(self) -> None:
        """Send until cancelled, each device one thing after the other."""
        async with (
            httpx.AsyncClient(
                base_url=self._base_url,
                timeout=_TIMEOUT_S,
                transport=self._transport,
                trust_env=False,  # the door is near; no proxy stands between
            ) as client,
            asyncio.TaskGroup() as devices,
        ):
            for point in self._waiting:
                devices.create_task(self._device(client, point), name=f"device {point}")

    async def _device(self, client: httpx.AsyncClient, point: str) -> None:
        waiting, wait = self._waiting[point], _FIRST_WAIT_S
        while True:
            if not waiting:
                self._more[point].clear()
                await self._more[point].wait()
            parcel = waiting[0]
            try:
                again = await self._send(client, parcel)
            except httpx.TransportError as error:
                self._note_away(str(error) or type(error).__name__)
                again = _FIRST_WAIT_S
            if again is not None and parcel.keeps:
                wait = max(wait, again)
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT_S)
                continue
            wait = _FIRST_WAIT_S
            if again is not None:
                self.posted.dropped += 1
            if waiting and waiting[0] is parcel:
                waiting.popleft()
            if not self.waiting:
                self.idle.set()

    async def _send(self, client: httpx.AsyncClient, parcel: Parcel) -> float | None:
        """`None` when it is done with, else the seconds to wait at least before trying again."""
        headers = {"authorization": f"Bearer {self._tokens().get(parcel.point_id, '')}"}
        image = None
        if parcel.still is not None:
            jpeg = {**headers, "content-type": "image/jpeg"}
            answer = await client.post("/v1/images", content=parcel.still(), headers=jpeg)
            if answer.status_code in _TRANSIENT:
                return self._later(answer)
            if answer.is_success:
                image = str(answer.json()["image"])
            else:
                self._refused(parcel, answer)  # the reading is worth more than its picture
        answer = await client.post(parcel.path, json=parcel.body(image), headers=headers)
        if answer.status_code in _TRANSIENT:
            return self._later(answer)
        if answer.is_success:
            self.posted.accepted += 1
            if self._away:
                _log.info("door", action="devices.back")
            self._away = False
        else:
            self._refused(parcel, answer)
        return None

    def _later(self, answer: httpx.Response) -> float:
        if answer.status_code != 429:  # too fast is no trouble of the door
            self._note_away(f"{answer.status_code} {answer.text[:200]}")
        given = answer.headers.get("retry-after", "")
        return float(given) if given.isdigit() else _FIRST_WAIT_S

    def _refused(self, parcel: Parcel, answer: httpx.Response) -> None:
        self.posted.refused[f"{answer.status_code}"] += 1
        _log.warning(
            "refused",
            action="devices.refused",
            point=parcel.point_id,
            path=parcel.path,
            status=answer.status_code,
            why=answer.text[:200],
        )

    def _note_away(self, why: str) -> None:
        if not self._away:
            _log.warning("door", action="devices.no_door", why=why)
        self._away = True
