"""The gate 门禁: nobody who is not signed in gets past the forms, by page, data or WebSocket.

Walls get past with their token, to what a wall shows and nothing else. Who is signed out while a
page is open loses its connection.
"""

import asyncio
from typing import Final
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.console import Console
from dashboard.i18n import language
from dashboard.people import People, Person
from dashboard.sign_in import COOKIE, DISPLAY_COOKIE, NEXT_MOST, spoken
from db.display import Display
from db.errors import StoreError

OPEN: Final = frozenset(
    {
        "/sign-in",
        "/sign-in/demo",
        "/sign-out",
        "/password",
        "/display",
        "/healthz",
        "/readyz",
        "/favicon.png",
    }
)
"""The forms, which look for themselves, and what a proxy asks whether the process lives."""
_OPEN_FILES: Final = "/assets/"
_ONE_TAP: Final = "/a/"
"""Open: a link of its own lets in, to one call and nothing else (`dashboard.ack`)."""
_OWN_MAPS: Final = "/assets/map/"
"""Not open: an installation's own layers."""
SHOWN: Final = (
    "/assets/",
    "/static/",
    "/component/",
    "/_stcore/bidi-components/",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/stream",
    "/live/pulse.json",
    "/live/vessels.json",
    "/live/steady/",
    "/live/pane/wall-",
)
"""Beginnings of what a wall asks for."""
LOOK_EVERY_S: Final = 5.0
"""Between two looks whether who opened a WebSocket is still signed in."""
UNKNOWN: Final = 4401
"""Code by which such a WebSocket is closed, after HTTP's 401."""


def gated(console: Console) -> list[Middleware]:
    """The gate as the application takes it."""
    return [Middleware(Gate, people=console.people)]


class Gate:
    """ASGI middleware before everything else."""

    def __init__(self, app: ASGIApp, people: People, look_every_s: float = LOOK_EVERY_S) -> None:
        self._app = app
        self._people = people
        self._look_every_s = look_every_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        try:
            person, display = await self._who(asked)
        except StoreError:
            await _refuse(scope, receive, send, _away())
            return
        answer = _beyond(scope, person, display)
        if answer is not None:
            await _refuse(scope, receive, send, answer)
        elif scope["type"] == "websocket":
            await self._while_known(asked, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _who(self, asked: HTTPConnection) -> tuple[Person | None, Display | None]:
        person = await self._people.person(asked.cookies.get(COOKIE))
        if person is not None:
            return person, None
        return None, await self._people.display(asked.cookies.get(DISPLAY_COOKIE))

    async def _still(self, asked: HTTPConnection) -> bool:
        try:
            return any(await self._who(asked))
        except StoreError:
            return True  # nothing new is shown while the store is away, and the page says so

    async def _while_known(self, asked: HTTPConnection, receive: Receive, send: Send) -> None:
        """Let a WebSocket live as long as who opened it is known."""
        over = asyncio.Event()

        async def watch() -> None:
            known = True
            while known:
                await asyncio.sleep(self._look_every_s)
                known = await self._still(asked)
            over.set()
            await send({"type": "websocket.close", "code": UNKNOWN})

        async def send_on(message: Message) -> None:
            if not over.is_set():
                await send(message)

        watching: asyncio.Task[None] | None = None

        async def receive_or_end() -> Message:
            nonlocal watching
            message = await _first(receive, over)
            if message["type"] == "websocket.connect" and watching is None:
                watching = asyncio.create_task(watch(), name="gate")
            return message

        try:
            await self._app(asked.scope, receive_or_end, send_on)
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.wait({watching})


def is_open(path: str) -> bool:
    """Whether anybody may ask for it."""
    files = path.startswith(_OPEN_FILES) and not path.startswith(_OWN_MAPS)
    return path in OPEN or files or path.startswith(_ONE_TAP)


def _beyond(scope: Scope, person: Person | None, display: Display | None) -> Response | None:
    """Why somebody gets no further, as an answer; `None`: he does."""
    path, asked = scope["path"], QueryParams(scope.get("query_string", b""))
    http = scope["type"] == "http"
    page = http and path == "/" and scope["method"] in {"GET", "HEAD"}
    lang = language(asked.get("lang"))
    if person is not None:
        if not person.account.must_change:
            return None
        return _on(spoken("/password", lang)) if page else _no("password")
    if display is not None:
        if page:
            wall = f"/?view=wall&screen={quote(display.screen)}"
            shown = asked.get("view") == "wall" and asked.get("screen") == display.screen
            return None if shown else _on(spoken(wall, lang))
        reads = not http or scope["method"] in {"GET", "HEAD"}
        return None if reads and path.startswith(SHOWN) else _no("wall")
    if not page:
        return _no("sign_in")
    wanted = f"/?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "/"
    onward = {"next": wanted} if len(wanted) <= NEXT_MOST else {}
    return _on(f"/sign-in?{urlencode({'lang': lang, **onward})}")


async def _first(receive: Receive, over: asyncio.Event) -> Message:
    """The next message, or the end."""
    coming, ending = asyncio.ensure_future(receive()), asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
        if coming.done():
            return coming.result()
        return {"type": "websocket.disconnect", "code": UNKNOWN, "reason": ""}
    finally:
        coming.cancel()
        ending.cancel()


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": UNKNOWN})
        return
    await answer(scope, receive, send)


def _on(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


def _no(code: str) -> Response:
    return JSONResponse({"error": code}, 401, {"cache-control": "no-store"})


def _away() -> Response:
    return JSONResponse({"error": "database away"}, 503, {"cache-control": "no-store"})
