"""The live data of the Live page: one body per tick and language, shared by every viewer."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard import pictures
from dashboard.api.alerts import alert_routes
from dashboard.api.answer import BRIEF, away, gone, html, missing, send
from dashboard.api.asked import asked_lang, asked_tick
from dashboard.bodies import Body, pack_json
from dashboard.channel import broker_lost_at
from dashboard.console import Console
from dashboard.panels import (
    alerts,
    crossings,
    drawer,
    feeds,
    wall,
    wall_feeds,
    wall_lists,
    wall_news,
)
from dashboard.snapshot import Snapshot
from dashboard.watched import unwatched
from db.errors import StoreError

MAX_MMSI = 999_999_999
"""ITU-R M.585: nine digits."""
NOBODY = pack_json(pictures.features([]))
"""A chosen vessel that is not in the picture; not kept, or the caller would set our memory."""


def live_routes(console: Console) -> list[Route]:
    """The routes over one console's bodies."""
    bodies, atlas = console.bodies, console.atlas

    def answer(request: Request, name: str, make: Callable[[Snapshot], Body]) -> Response:
        body = bodies.get(asked_tick(request), name, make)
        return gone() if body is None else send(request, body, BRIEF)

    async def vessels(request: Request) -> Response:
        return answer(request, "vessels", pictures.vessels)

    async def steady(request: Request) -> Response:
        """Tails, rings, the newest crossing's words: addressed by content."""
        body = bodies.by_content(request.path_params["key"])
        return gone() if body is None else send(request, body, BRIEF)

    async def chosen(request: Request) -> Response:
        mmsi = request.path_params["mmsi"]
        if mmsi > MAX_MMSI:
            return missing("vessel")
        found = bodies.snapshot(asked_tick(request))
        if found is not None and found.vessel(mmsi) is None:
            return send(request, NOBODY, BRIEF)
        return answer(request, f"chosen-{mmsi}", lambda s: pictures.chosen(s, mmsi))

    async def pane(request: Request) -> Response:
        lang = asked_lang(request)
        makers: dict[str, Callable[[Snapshot], str]] = {
            alerts.NAME: lambda s: alerts.body(s, lang, atlas.gazetteer),
            crossings.NAME: lambda s: crossings.body(s, lang, atlas.gazetteer),
            feeds.NAME: lambda s: feeds.body(s, lang),
            wall.ALERTS: lambda s: wall_lists.alerts(s, lang, atlas.gazetteer),
            wall.CROSSINGS: lambda s: wall_lists.crossings(s, lang, atlas.gazetteer),
            wall.FEEDS: lambda s: wall_feeds.body(s, lang),
            wall.NEWS: lambda s: wall_news.body(s, lang, atlas.gazetteer),
        }
        name = request.path_params["name"]
        make = makers.get(name)
        if make is None:
            return missing("pane")
        return answer(
            request,
            f"pane-{name}-{lang}",
            lambda s: html(make(s)),
        )

    async def drawer_of(request: Request) -> Response:
        mmsi, lang, tick = request.path_params["mmsi"], asked_lang(request), asked_tick(request)
        if mmsi > MAX_MMSI:
            return missing("vessel")
        found = bodies.snapshot(tick)
        if found is None:
            return gone()
        try:
            dossier = await console.dossiers.get(mmsi, bodies.slow_tick)
        except (StoreError, TimeoutError):
            return away()
        if dossier is None:
            return send(request, html(drawer.unknown(mmsi, lang)), BRIEF)
        vessel = found.vessel(mmsi) or dossier.vessel
        about = tuple(alert for alert in found.alerts if alert.mmsi == mmsi)
        made = drawer.body(dossier, vessel, found.taken_at, lang, atlas.gazetteer, about=about)
        return send(request, html(made), BRIEF)

    async def track(request: Request) -> Response:
        mmsi, tick = request.path_params["mmsi"], asked_tick(request)
        if mmsi > MAX_MMSI:
            return missing("vessel")
        found = bodies.snapshot(tick)
        if found is None:
            return gone()
        try:
            dossier = await console.dossiers.get(mmsi, bodies.slow_tick)
        except (StoreError, TimeoutError):
            return away()
        return send(request, pictures.track(*(dossier.track if dossier else ())), BRIEF)

    async def pulse(request: Request) -> Response:
        """Whether to trust the picture: asked for every second, never kept."""
        return JSONResponse(pulse_of(console), headers={"cache-control": "no-store"})

    return [
        Route("/live/vessels.json", vessels),
        Route("/live/steady/{key}.json", steady),
        Route("/live/chosen/{mmsi:int}.json", chosen),
        Route("/live/vessel/{mmsi:int}.html", drawer_of),
        Route("/live/track/{mmsi:int}.json", track),
        Route("/live/pane/{name}.html", pane),
        Route("/live/pulse.json", pulse),
        *alert_routes(console),
    ]


def pulse_of(console: Console) -> dict[str, object]:
    """The moment by the store's clock, the newest tick, how each source and the database do."""
    newest = console.bodies.newest
    return {
        "now": console.coordinator.now().timestamp(),
        "tick": newest.tick if newest else 0,
        "taken_at": newest.taken_at if newest else None,
        "away_since": console.coordinator.failing_since,
        "vessels": len(newest.vessels) if newest else 0,
        "alerts": newest.open_alerts if newest else 0,
        "alerts_hour": newest.alerts_hour if newest else 0,
        "watched_at": newest.watched_at if newest else None,
        "unwatched": newest is not None and unwatched(newest),
        "broker_lost_at": broker_lost_at(newest) if newest else None,
        "crossings_today": newest.crossings_today if newest else 0,
        "heartbeat_s": console.settings.silent_s,
        "feeds": [
            {
                "id": feed.feed_id,
                "connected": feed.connected,
                "seen": feed.recorded_at,
                "last": feed.last_sentence_at,
                "ended": feed.ended_at,
                "silent_after": feed.silent_after_s,
                "deaf": [
                    {"station": one.station, "since": one.since} for one in feed.dead_receivers
                ],
            }
            for feed in (newest.feeds if newest else ())
        ],
    }
