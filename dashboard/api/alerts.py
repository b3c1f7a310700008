"""The live data of one alert: its drawer, its place on the map, the picture a checkpoint took."""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard import alert_pictures
from dashboard.api.answer import BRIEF, FOREVER, away, gone, html, missing, send
from dashboard.api.asked import asked_lang, asked_tick
from dashboard.bodies import Body
from dashboard.console import Console
from dashboard.panels import alert_drawer
from db.errors import StoreError

MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""What a thumbnail may begin with; anything else is not sent as a picture."""
SHA256: Final = re.compile("[0-9a-f]{64}")
"""As `image.image_hash` is written; it goes into a header."""


def alert_routes(console: Console) -> list[Route]:
    """The routes over one console's bodies and its alert files."""
    bodies, atlas = console.bodies, console.atlas

    async def drawer(request: Request) -> Response:
        lang = asked_lang(request)
        found = bodies.snapshot(asked_tick(request))
        if found is None:
            return gone()
        alert_id = str(request.path_params["alert"])
        now = found.alert(alert_id)
        # what a person just did must show at once, so a change is a new key
        age = bodies.slow_tick if now is None else int(now.changed_at * 1000) + bodies.slow_tick
        try:
            file = await console.files.get(alert_id, age)
        except (StoreError, TimeoutError):
            return away()
        if file is None:
            return send(request, html(alert_drawer.unknown(lang)), BRIEF)
        return send(request, html(alert_drawer.body(file, found, lang, atlas.gazetteer)), BRIEF)

    async def spot(request: Request) -> Response:
        found = bodies.snapshot(asked_tick(request))
        alert = None if found is None else found.alert(str(request.path_params["alert"]))
        if alert is None:
            return gone()
        return send(
            request, alert_pictures.spot(alert, asked_lang(request), atlas.gazetteer), BRIEF
        )

    async def image(request: Request) -> Response:
        named = request.path_params["hash"]
        if not SHA256.fullmatch(named):
            return missing("image")
        try:
            data = await console.files.thumbnail(bytes.fromhex(named))
        except (StoreError, TimeoutError):
            return away()
        kind = None if data is None else media_type(data)
        if data is None or kind is None:
            return missing("image")
        return send(request, Body(data, kind, packed=False, etag=f'"{named[:24]}"'), FOREVER)

    return [
        Route("/live/alert/{alert:uuid}.html", drawer),
        Route("/live/alert-spot/{alert:uuid}.json", spot),
        Route("/live/image/{hash}", image),
    ]


def media_type(data: bytes) -> str | None:
    """The kind of a picture by its first bytes; `None` for what is none."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in MAGIC.items() if data.startswith(start)), None)
