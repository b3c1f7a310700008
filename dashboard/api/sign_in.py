"""Signing in and out over HTML forms: no script is needed, no foreign page can do it."""

from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commands.sign_in import SignedIn
from dashboard.api.asked import asked_lang
from dashboard.api.form import check_origin, form_of, html, onward, refusal, retry
from dashboard.console import Console
from dashboard.i18n import Language
from dashboard.sign_in import COOKIE, local_path, place_of, set_cookie, spoken
from dashboard.sign_in_page import sign_in_page
from db.errors import StoreError
from domain.errors import WhistleError
from domain.sign_in import SignInRefused, network

log = structlog.get_logger(__name__)


def sign_in_routes(console: Console) -> list[Route]:
    """The routes over one console's people."""
    people, settings = console.people, console.settings

    async def entrance(
        lang: Language, next_path: str, fault: str | None = None, login: str = "", status: int = 200
    ) -> Response:
        demo = []
        if settings.demo_sign_in:
            try:
                demo = await people.demo_accounts()
            except StoreError as error:
                log.warning("no demo accounts", action="sign_in.demo", error=str(error))
        return html(sign_in_page(lang, next_path, fault, login, demo), status)

    async def show(request: Request) -> Response:
        return await entrance(asked_lang(request), local_path(request.query_params.get("next")))

    async def enter(request: Request, *, by_click: bool = False) -> Response:
        lang, next_path, login = asked_lang(request), "/", ""
        place = place_of(request)
        try:
            said = await form_of(console, request)
            next_path, login = local_path(said.get("next")), said.get("login", "")
            if not by_click:
                made = await people.sign_in(login, said.get("password", ""), place)
            elif settings.demo_sign_in:
                made = await people.sign_in_to_demo(login, place)
            else:
                raise SignInRefused("this is no demo")
        except (WhistleError, TimeoutError) as error:
            status, fault = refusal(error, lang)
            log.warning(
                "nobody signed in",
                action="sign_in.refused",
                code=getattr(error, "code", "timeout"),
                network=network(place.address),
            )
            return retry(await entrance(lang, next_path, fault, _shown(login), status), error)
        log.info("signed in", action="sign_in.done", account=str(made.account.account_id))
        done = onward(_after(made, next_path, lang))
        set_cookie(done, request, COOKIE, made.token, int(people.lifetime.most.total_seconds()))
        return done

    async def click(request: Request) -> Response:
        return await enter(request, by_click=True)

    async def leave(request: Request) -> Response:
        lang = asked_lang(request)
        try:
            check_origin(console, request)
            await people.sign_out(request.cookies.get(COOKIE, ""))
        except (WhistleError, TimeoutError) as error:
            status, fault = refusal(error, lang)
            return await entrance(lang, "/", fault, status=status)
        done = onward(spoken("/sign-in", lang))
        done.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return done

    return [
        Route("/sign-in", show, methods=["GET"]),
        Route("/sign-in", enter, methods=["POST"]),
        Route("/sign-in/demo", click, methods=["POST"]),
        Route("/sign-out", leave, methods=["POST"]),
    ]


def _after(made: SignedIn, next_path: str, lang: Language) -> str:
    """Where somebody goes who got in; who has a password of somebody else's, to change it."""
    path = spoken(next_path, lang)
    if not made.account.must_change:
        return path
    return f"/password?lang={lang}&next={quote(path, safe='')}"


def _shown(login: str) -> str:
    """What was typed, to be corrected; not what is no login at all."""
    return login if len(login) <= 64 and login.isprintable() else ""
