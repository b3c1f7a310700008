"""`/a/…`: looking changes nothing, since robots look at links too; answering takes a POST.

There is no cookie and no session: who holds the link may answer for whom it names, so that a form
from elsewhere could do nothing that its sender could not do alone. Tokens are never logged.
"""

import asyncio
from hashlib import sha256
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.ack.desk import AnswerDesk
from dashboard.ack.given import FORM, FORM_MOST, Given, given_of
from dashboard.ack.page import SCRIPT, answer_page, notice_page, policy, refused_page, script
from dashboard.ack.throttle import Throttle
from dashboard.i18n import Language, language, words
from db.errors import StoreError
from domain.answer_links import LinkRefused
from domain.clock import utc_now
from domain.errors import InvalidInput
from domain.musters import REASON_MOST, Answer
from domain.sign_in import counted, network

log = structlog.get_logger(__name__)

BODY_S: Final = 15.0
"""So long a form may take over a slow link."""
_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": "geolocation=(self), camera=(), microphone=()",
}


class Limits:
    """Per address generous, since thousands of telephones share one; per link not."""

    def __init__(self) -> None:
        self.address = Throttle(burst=120, per_s=4)
        self.link = Throttle(burst=30, per_s=0.5)

    def wait_s(self, request: Request, token: str) -> int:
        """0, or seconds after which to come again. A link that does not hold is counted alike."""
        host = counted(request.client.host if request.client else "")
        wait_s = self.address.wait_s(sha256(host.encode()).digest())
        return wait_s or self.link.wait_s(sha256(token.encode("utf-8", "replace")).digest())


def ack_routes(desk: AnswerDesk, limits: Limits | None = None) -> list[Route]:
    """The page, its answers and its script."""
    kept = limits or Limits()

    async def show(request: Request) -> Response:
        lang, token = _lang(request), request.path_params["token"]
        if wait_s := kept.wait_s(request, token):
            return _too_many(lang, wait_s)
        try:
            sheet = await desk.sheet(desk.link(token))
        except LinkRefused:
            return _refused(lang)
        except StoreError as error:
            return _away(lang, error)
        return _html(answer_page(sheet, lang, utc_now()))

    async def take(request: Request) -> Response:
        lang, token = _lang(request), request.path_params["token"]
        if wait_s := kept.wait_s(request, token):
            return _too_many(lang, wait_s)
        try:
            link = desk.link(token)
            try:
                given = await _given(request)
                call = await desk.answer(link, given)
            except InvalidInput as error:
                sheet = await desk.sheet(link)
                fault = _fault(error, lang)
                return _html(answer_page(sheet, lang, utc_now(), fault), 422)
        except LinkRefused:
            return _refused(lang)
        except StoreError as error:
            return _away(lang, error)
        log.info(
            "answered by link",
            action="ack.answered",
            call=str(call.call_id),
            answer=given.answer.value,
            network=network(request.client.host if request.client else ""),
        )
        if given.answer is Answer.SEEN:
            return Response(status_code=204, headers=_HEADERS)
        # relative, so that it holds behind every proxy
        return RedirectResponse(f"?lang={lang}", 303, _HEADERS)

    async def code(request: Request) -> Response:
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        headers["x-content-type-options"] = "nosniff"
        return Response(script(), headers=headers, media_type="text/javascript")

    return [
        Route(SCRIPT, code, methods=["GET"]),
        Route("/a/{token:path}", show, methods=["GET"]),
        Route("/a/{token:path}", take, methods=["POST"]),
    ]


async def _given(request: Request) -> Given:
    """The form that was sent. Raises `InvalidInput`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise InvalidInput("form", "a form of this page")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.stream():
                body += part
                if len(body) > FORM_MOST:
                    raise InvalidInput("form", f"at most {FORM_MOST} bytes")
    except (TimeoutError, ClientDisconnect) as error:
        raise InvalidInput("form", f"a whole form within {BODY_S:.0f} s") from error
    return given_of(bytes(body))


def _lang(request: Request) -> Language:
    return language(request.query_params.get("lang"))


def _fault(error: InvalidInput, lang: Language) -> str:
    _ = words(lang).gettext
    if error.field == "reason":
        return _("Say why, in at most {n} characters.").format(n=REASON_MOST)
    if error.field == "eta":
        return _("Say an arrival within the next 24 hours.")
    return _("This was not recorded. Please tap again.")


def _refused(lang: Language) -> Response:
    return _html(refused_page(lang), 404)


def _too_many(lang: Language, wait_s: int) -> Response:
    _ = words(lang).gettext
    said = _("Too many attempts. Try again in {n} s.").format(n=wait_s)
    return _html(notice_page(lang, said), 429, {"retry-after": str(wait_s)})


def _away(lang: Language, error: StoreError) -> Response:
    _ = words(lang).gettext
    log.warning("store away", action="ack.store", error=str(error), code=error.code)
    said = _("Nothing was recorded: the control room's system does not answer. Try again, or call.")
    return _html(notice_page(lang, said), 503, {"retry-after": "5"})


def _html(page: str, status: int = 200, more: dict[str, str] | None = None) -> Response:
    headers = {**_HEADERS, "content-security-policy": policy(), **(more or {})}
    return HTMLResponse(page, status, headers)
