"""Cookies and addresses of signing in: who asks, whether a form is ours, where to go next."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from commands.sign_in import Place
from dashboard.console import Console, running
from dashboard.i18n import DEFAULT, Language
from dashboard.people import Person
from db.errors import StoreError
from domain.actors import Actor

COOKIE: Final = "whistle_session"
DISPLAY_COOKIE: Final = "whistle_display"
FORM: Final = "application/x-www-form-urlencoded"
NEXT_MOST: Final = 500
WALL_COOKIE_S: Final = 400 * 86_400
"""As long as browsers keep one; the token is taken back in the store."""


async def signed_in(console: Console, asked: HTTPConnection) -> Person | None:
    """Who sends the request; `None`: nobody who is signed in. Raises `StoreError`."""
    return await console.people.person(asked.cookies.get(COOKIE))


async def person(console: Console, asked: HTTPConnection) -> Actor | None:
    """The same as who acts, for a route that has a command carried out. Raises `StoreError`."""
    found = await signed_in(console, asked)
    return None if found is None else found.actor


def person_of(cookies: Mapping[str, str]) -> Actor | None:
    """Who looks at a page, from `st.context.cookies`; blocks the script's thread.

    Raises `StoreError`. The cookies are those of the connection's begin: whoever signs out and in
    again without leaving the page is asked for by the cookie that he came with.
    """
    console = running()
    found = None if console is None else console.people.person_now(cookies.get(COOKIE))
    return None if found is None else found.actor


def only_shows(cookies: Mapping[str, str]) -> str | None:
    """The screen of a wall's connection, which may run nothing but the wall; `None`: a person's.

    Blocks the script's thread. Where the store does not answer, whoever has a wall's cookie counts
    as a wall.
    """
    console = running()
    if console is None or not cookies.get(DISPLAY_COOKIE):
        return None
    try:
        if console.people.person_now(cookies.get(COOKIE)) is not None:
            return None
        display = console.people.display_now(cookies[DISPLAY_COOKIE])
    except (StoreError, TimeoutError):
        return ""
    return None if display is None else display.screen


def from_here(asked: HTTPConnection, origins: list[str]) -> bool:
    """Whether one of our own pages sent it, or no browser at all.

    A browser says so by itself in `Sec-Fetch-Site`, where the page came by https or from loopback;
    else the origin has to be the server's, or one of `origins`.
    """
    fetched = asked.headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched == "same-origin"
    origin = asked.headers.get("origin")
    if origin is None:
        return True
    host = origin.partition("://")[2]
    return origin in origins or (bool(host) and host == asked.headers.get("host"))


def local_path(said: str | None) -> str:
    """Where to go next, if it is a path of this server and no other; else the first page."""
    if not said or len(said) > NEXT_MOST or not said.isascii() or not said.isprintable():
        return "/"
    if not said.startswith("/") or said.startswith(("//", "/\\")) or "\\" in said or " " in said:
        return "/"
    part = urlsplit(said)
    return "/" if part.scheme or part.netloc else said


def spoken(path: str, lang: Language) -> str:
    """The same path in a language."""
    part = urlsplit(path)
    query = [pair for pair in parse_qsl(part.query, keep_blank_values=True) if pair[0] != "lang"]
    if lang != DEFAULT:
        query.append(("lang", lang))
    return part.path + (f"?{urlencode(query)}" if query else "")


def place_of(asked: HTTPConnection) -> Place:
    """From where it came, as the server knows it."""
    address = asked.client.host if asked.client else ""
    return Place(address, asked.headers.get("user-agent", ""))


def set_cookie(answer: Response, asked: HTTPConnection, name: str, token: str, age_s: int) -> None:
    """Give the browser a token that no script reads and no foreign page sends along with a form."""
    answer.set_cookie(
        name,
        token,
        max_age=age_s,
        path="/",
        secure=asked.url.scheme in {"https", "wss"},
        httponly=True,
        samesite="lax",
    )
