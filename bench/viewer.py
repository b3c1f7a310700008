"""A simulated viewer: speaks Streamlit's own protocol and fetches what a browser would fetch.

It opens the page's websocket, runs the page once, obeys every `auto_rerun` with a fragment rerun at
its interval, and fetches what the map is told to show (vessels each tick, the steadier layers when
their address changes), the three panes of that tick, and the pulse twice a second.
"""

import asyncio
import re
import time
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

BODY = re.compile(rb"/live/vessels\.json\?tick=(\d+)")
STEADY = re.compile(rb"/live/steady/[\w-]+\.json")
RINGS = re.compile(rb"/live/steady/alerts-[\w-]+\.json")
CARD = re.compile(r'<article[^>]*\bdata-alert="([^"]+)"[^>]*\bdata-state="([^"]+)"')
PANES = ("alerts", "crossings", "feeds")
PULSE_EVERY_S = 0.5


@dataclass(slots=True)
class Seen:
    """What one viewer went through. Times are `time.monotonic()` seconds."""

    ticks: list[tuple[int, float]] = field(default_factory=list)
    """Each vessels tick, and when its body had arrived whole."""
    runs: list[float] = field(default_factory=list)
    """Seconds from asking for a fragment to its end."""
    bytes_in: int = 0
    failed: list[str] = field(default_factory=list)
    alerts: dict[int, int] = field(default_factory=dict)
    """How many alerts the rail showed at each tick at which the map's were compared with it."""
    unlike: list[int] = field(default_factory=list)
    """Ticks at which rail and map did not show the same alerts in the same states."""

    def gaps(self) -> list[float]:
        """Seconds between one new picture and the next."""
        times = [at for _, at in self.ticks]
        return [later - sooner for sooner, later in pairwise(times)]


class Viewer:
    """One open page."""

    def __init__(self, page: str, http: httpx.AsyncClient) -> None:
        self.page = page.rstrip("/")
        self.seen = Seen()
        self._http = http
        self._asked: dict[str, float] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._last_tick = 0
        self._steady: set[bytes] = set()
        self._rings: tuple[str, list[tuple[str, str]]] = ("", [])
        self._page_hash = ""

    async def watch(self, seconds: float) -> Seen:
        """Look at the page for `seconds`."""
        address = self.page.replace("http", "ws", 1) + "/_stcore/stream"
        async with connect(
            address, subprotocols=[Subprotocol("streamlit")], max_size=None
        ) as socket:
            await socket.send(_rerun(""))
            self._timers["pulse"] = asyncio.create_task(self._pulse())
            try:
                async with asyncio.timeout(seconds):
                    async for raw in socket:
                        assert isinstance(raw, bytes)
                        self.seen.bytes_in += len(raw)
                        await self._hear(socket, raw)
            except TimeoutError:
                pass
            finally:
                for timer in self._timers.values():
                    timer.cancel()
        return self.seen

    async def _hear(self, socket: ClientConnection, raw: bytes) -> None:
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page_hash = message.new_session.page_script_hash or self._page_hash
        elif kind == "auto_rerun":
            fragment = message.auto_rerun.fragment_id
            if fragment not in self._timers:
                self._timers[fragment] = asyncio.create_task(
                    self._repeat(socket, fragment, message.auto_rerun.interval)
                )
        elif kind == "script_finished" and self._asked:
            fragment = next(iter(self._asked))
            self.seen.runs.append(time.monotonic() - self._asked.pop(fragment))
        for path in set(STEADY.findall(raw)) - self._steady:
            self._steady.add(path)
            await self._get(path.decode())
        rings = RINGS.findall(raw)
        for found in BODY.findall(raw):
            if int(found) > self._last_tick:
                self._last_tick = int(found)
                await self._look(int(found), rings[-1].decode() if rings else None)

    async def _look(self, tick: int, rings: str | None) -> None:
        if await self._get(f"/live/vessels.json?tick={tick}"):
            self.seen.ticks.append((tick, time.monotonic()))
        rail = None
        for name in PANES:
            answer = await self._get(f"/live/pane/{name}.html?tick={tick}&lang=zh")
            rail = answer if name == "alerts" else rail
        if rail is not None and rings is not None:
            await self._compare(tick, rail.text, rings)

    async def _compare(self, tick: int, rail: str, path: str) -> None:
        """Whether the map is told to show what the rail of the same tick shows."""
        if path != self._rings[0]:  # named by its content: as a browser, fetched when it changes
            answer = await self._get(path)
            if answer is None:
                return
            marks = (each["properties"] for each in answer.json()["features"])
            self._rings = path, sorted((mark["alert"], mark["state"]) for mark in marks)
        cards = CARD.findall(rail)
        self.seen.alerts[tick] = len(cards)
        if sorted(cards) != self._rings[1]:
            self.seen.unlike.append(tick)

    async def _pulse(self) -> None:
        while True:
            await self._get("/live/pulse.json")
            await asyncio.sleep(PULSE_EVERY_S)

    async def _get(self, path: str) -> httpx.Response | None:
        """The answer; `None` for anything but a body."""
        try:
            answer = await self._http.get(f"{self.page}{path}")
        except (httpx.ReadError, httpx.RemoteProtocolError):
            # kept alive, closed by the server at that very moment: a browser asks again as well
            answer = await self._http.get(f"{self.page}{path}")
        if answer.status_code != httpx.codes.OK:
            self.seen.failed.append(f"{path}: {answer.status_code}")
        self.seen.bytes_in += len(answer.content)
        return answer if answer.status_code == httpx.codes.OK else None

    async def _repeat(self, socket: ClientConnection, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            self._asked.setdefault(fragment, time.monotonic())
            await socket.send(_rerun(self._page_hash, fragment))


def _rerun(page_hash: str, fragment: str = "") -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = ""
    message.rerun_script.page_script_hash = page_hash
    if fragment:
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = True
    return bytes(message.SerializeToString())
