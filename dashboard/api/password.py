"""A password of one's own, and a wall's token: the other two forms before the console."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commands.sign_in import Place
from dashboard.api.asked import asked_lang
from dashboard.api.form import form_of, html, onward, refusal, retry
from dashboard.console import Console
from dashboard.i18n import Language, words
from dashboard.people import Person
from dashboard.sign_in import (
    DISPLAY_COOKIE,
    WALL_COOKIE_S,
    local_path,
    place_of,
    set_cookie,
    signed_in,
    spoken,
)
from dashboard.sign_in_page import display_page, password_page, sign_in_page
from domain.errors import InvalidInput, WhistleError
from domain.sign_in import SignInRefused

PAUSE_S: Final = 1.0
"""After a wrong one: who has a cookie, or none, is not to try many quickly."""


def password_routes(console: Console) -> list[Route]:
    """The routes over one console's people."""
    people = console.people

    async def show(request: Request) -> Response:
        lang, next_path = asked_lang(request), local_path(request.query_params.get("next"))
        try:
            person = await signed_in(console, request)
        except WhistleError as error:
            status, fault = refusal(error, lang)
            return html(sign_in_page(lang, next_path, fault), status)
        if person is None:
            return onward(spoken("/sign-in", lang))
        return html(_page(person, lang, next_path))

    async def change(request: Request) -> Response:
        lang = asked_lang(request)
        try:
            said = await form_of(console, request)
            person = await signed_in(console, request)
        except (WhistleError, TimeoutError) as error:
            status, fault = refusal(error, lang)
            return html(sign_in_page(lang, "/", fault), status)
        if person is None:
            return onward(spoken("/sign-in", lang))
        next_path = local_path(said.get("next"))
        try:
            await _change(person, said, place_of(request))
        except (WhistleError, TimeoutError) as error:
            status, fault = _refusal(error, lang)
            return retry(html(_page(person, lang, next_path, fault), status), error)
        return onward(spoken(next_path, lang))

    async def _change(person: Person, said: Mapping[str, str], place: Place) -> None:
        if said.get("new", "") != said.get("again", ""):
            raise InvalidInput("again", "the same as new")
        try:
            old, new = said.get("old", ""), said.get("new", "")
            await people.change_password(person, old, new, place)
        except SignInRefused:
            await asyncio.sleep(PAUSE_S)
            raise

    async def hang(request: Request) -> Response:
        return html(display_page(asked_lang(request)))

    async def light(request: Request) -> Response:
        lang = asked_lang(request)
        try:
            token = (await form_of(console, request)).get("token", "").strip()
            known = await people.display(token)
        except (WhistleError, TimeoutError) as error:
            status, fault = refusal(error, lang)
            return html(display_page(lang, fault), status)
        if known is None:
            await asyncio.sleep(PAUSE_S)
            fault = words(lang).gettext("No screen has this token.")
            return html(display_page(lang, fault), 401)
        done = onward(spoken(f"/?view=wall&screen={quote(known.screen)}", lang))
        set_cookie(done, request, DISPLAY_COOKIE, token, WALL_COOKIE_S)
        return done

    return [
        Route("/password", show, methods=["GET"]),
        Route("/password", change, methods=["POST"]),
        Route("/display", hang, methods=["GET"]),
        Route("/display", light, methods=["POST"]),
    ]


def _page(person: Person, lang: Language, next_path: str, fault: str | None = None) -> str:
    account = person.account
    return password_page(lang, next_path, account.login, fault, must=account.must_change)


def _refusal(error: Exception, lang: Language) -> tuple[int, str]:
    _ = words(lang).gettext
    if isinstance(error, SignInRefused):
        return 422, _("The present password is another one.")
    if isinstance(error, InvalidInput) and error.field == "again":
        return 422, _("The new password was typed in two ways.")
    if isinstance(error, InvalidInput):
        return 422, _("Choose a longer one, and not the login or the present one.")
    return refusal(error, lang)
