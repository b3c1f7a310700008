"""The permit register to look at: the table, one paper, its forms, the file."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.api.answer import away, html, send
from dashboard.api.asked import asked_lang
from dashboard.console import Console
from dashboard.i18n import Language
from dashboard.markup import Markup
from dashboard.panels import permit_file, permit_form, permit_table
from dashboard.paper_command import parsed
from dashboard.paper_search import LOOKS, ORDERS, PAGE, Wanted, of_id, search
from db.errors import StoreError
from domain.clock import SHANGHAI
from domain.permits import PERMIT_KINDS

FRESH = "no-cache"
"""Asked for again each time; who has it already is told so by its tag."""
TEXT_MOST = 200


def permit_routes(console: Console) -> list[Route]:
    """The routes over one console's desk."""
    desk, gazetteer = console.desk, console.atlas.gazetteer

    async def table(request: Request) -> Response:
        wanted, lang = asked_papers(request), asked_lang(request)
        try:
            papers = await desk.papers()
        except (StoreError, TimeoutError):
            return away()
        found, total = search(papers, wanted)
        return send(request, html(permit_table.table(found, total, wanted, lang, gazetteer)), FRESH)

    async def paper(request: Request) -> Response:
        lang = asked_lang(request)
        try:
            file = await desk.file(request.path_params["permit"])
        except (StoreError, TimeoutError):
            return away()
        if file is None:
            return send(request, html(permit_file.unknown(lang)), FRESH)
        return send(request, html(permit_file.file(file, lang, gazetteer)), FRESH)

    async def form(request: Request) -> Response:
        lang, asked = asked_lang(request), request.path_params["form"]
        try:
            made = await _form(asked, request.query_params.get("permit"), lang)
        except (StoreError, TimeoutError):
            return away()
        return send(request, html(made or permit_file.unknown(lang)), FRESH)

    async def _form(asked: str, permit: str | None, lang: Language) -> Markup | None:
        if asked == "import":
            return permit_form.bring_in(lang)
        if asked == "new":
            return permit_form.entry(None, await desk.carriers(), lang)
        permit_id = parsed(permit)
        found = None if permit_id is None else of_id(await desk.papers(), permit_id)
        if found is None:
            return None
        if asked == "edit":
            return permit_form.entry(found, await desk.carriers(), lang)
        return permit_form.withdrawal(found, lang) if asked == "withdraw" else None

    async def export(request: Request) -> Response:
        try:
            data = await desk.export(chinese=asked_lang(request) == "zh")
        except (StoreError, TimeoutError):
            return away()
        day = console.coordinator.now().astimezone(SHANGHAI)
        return Response(
            data,
            media_type="text/csv; charset=utf-8",
            headers={
                "cache-control": "no-store",
                "content-disposition": f'attachment; filename="permits-{day:%Y-%m-%d}.csv"',
            },
        )

    return [
        Route("/permits/table.html", table),
        Route("/permits/{permit:uuid}.html", paper),
        Route("/permits/form/{form}.html", form),
        Route("/permits/export.csv", export),
    ]


def asked_papers(request: Request) -> Wanted:
    """What the address asks for; anything absurd is as if it were not said."""
    said = request.query_params
    count = said.get("count", "")
    look, kind, order = said.get("look", "all"), said.get("kind", "all"), said.get("order", "")
    return Wanted(
        text=said.get("text", "")[:TEXT_MOST],
        kind=kind if kind in PERMIT_KINDS else "all",
        look=look if look in LOOKS else "all",
        order=order if order in ORDERS else "state",
        backwards=said.get("backwards") == "1",
        count=int(count) if count.isascii() and count.isdigit() and len(count) < 6 else PAGE,
    )
