"""Incidents to look at: the list, and one with its muster and timeline."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.api.answer import away, html, send
from dashboard.api.asked import asked_lang
from dashboard.console import Console
from dashboard.incident_desk import called
from dashboard.panels import incident_file, incident_list
from db.errors import StoreError

FRESH = "no-cache"
"""Asked for again each time; who has it already is told so by its tag."""


def incident_routes(console: Console) -> list[Route]:
    """The routes over one console's desk."""
    desk = console.incidents

    async def cards(request: Request) -> Response:
        lang = asked_lang(request)
        try:
            found = await desk.incidents()
        except (StoreError, TimeoutError):
            return away()
        rows, names = found.rows, called(found.register, lang)
        if request.query_params.get("look") != "all":
            rows = tuple(row for row in rows if row.incident.open)
        return send(request, html(incident_list.cards(rows, names, lang)), FRESH)

    async def file(request: Request) -> Response:
        lang = asked_lang(request)
        try:
            found = await desk.file(request.path_params["incident"])
        except (StoreError, TimeoutError):
            return away()
        if found is None:
            return send(request, html(incident_file.unknown(lang)), FRESH)
        return send(request, html(incident_file.file(found, lang)), FRESH)

    return [
        Route("/incidents/list.html", cards),
        Route("/incidents/{incident:uuid}.html", file),
    ]
