"""Whoever sends the sign-in page what no browser of ours would: refused, shown harmless."""

import asyncpg
import httpx
import pytest
from sign_in_parts import OPERATOR, Clock, enter

from commands.add_account import AddAccount, add_account
from dashboard.sign_in import COOKIE
from domain.actors import Role

pytestmark = pytest.mark.usefixtures("cheap")

HOSTILE = [
    "d" * 10_000,
    "duty\x00",
    "duty\r\nset-cookie: x=y",
    "' or 1=1; drop table account; --",
    '"><script>alert(1)</script>',
    "\u202eytud",
    "",
    "%00",
    "{{7*7}}",
]


@pytest.mark.parametrize("login", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_logins_are_refused_and_shown_harmless(
    browser: httpx.AsyncClient, pool: asyncpg.Pool, login: str
) -> None:
    answer = await enter(browser, login, login[:100], next="//evil.example/")
    assert answer.status_code == 401
    assert "<script" not in answer.text
    assert "evil.example" not in answer.text
    assert "set-cookie" not in answer.headers
    assert await pool.fetchval("select count(*) from account") == 0


async def test_what_is_no_form_of_ours(browser: httpx.AsyncClient, password: str) -> None:
    form = {"login": "duty", "password": password}
    origin = str(browser.base_url).rstrip("/")

    async def status(headers: dict[str, str], content: bytes | None = None) -> int:
        sent = {"data": form} if content is None else {"content": content}
        return (await browser.post("/sign-in", headers=headers, **sent)).status_code

    assert await status({"origin": "https://evil.example"}) == 403
    assert await status({"origin": "null"}) == 403
    assert await status({"origin": "http://["}) == 403
    assert await status({"origin": ""}) == 403
    assert await status({"sec-fetch-site": "cross-site", "origin": origin}) == 403
    assert await status({"sec-fetch-site": "same-site"}) == 403
    assert await status({"content-type": "application/json"}, b'{"login": "duty"}') == 415
    assert await status({"content-type": "text/plain"}, b"login=duty") == 415
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert await status(kind, b"password=" + b"x" * 20_000) == 413
    assert await status(kind, b"&".join(b"a=1" for _ in range(50))) == 400
    assert await status(kind, b"\xff\xfe&&&=;") == 401
    assert (await browser.post("/sign-out", headers={"origin": "null"})).status_code == 403
    assert browser.cookies.get(COOKIE) is None
    assert await status({"origin": origin}) == 303
    assert await status({"sec-fetch-site": "same-origin", "origin": "null"}) == 303
    assert (await browser.get("/sign-out")).status_code == 405


@pytest.mark.parametrize(
    "next_path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/a\r\nset-cookie: x=y",
        "/ " * 10,
        "/" + "a" * 600,
        "/?" + "a&" * 300,
        "evil",
    ],
)
async def test_the_way_on_stays_here(
    browser: httpx.AsyncClient, pool: asyncpg.Pool, clock: Clock, next_path: str
) -> None:
    async with pool.acquire() as connection:
        demo = AddAccount("demo-viewer", "演示", Role.VIEWER, clock(), demo=True)
        await add_account(connection, OPERATOR, demo)
    form = {"login": "demo-viewer", "next": next_path}
    answer = await browser.post("/sign-in/demo", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "x=y" not in str(answer.headers)


async def test_many_words_in_the_way_on(
    browser: httpx.AsyncClient, pool: asyncpg.Pool, clock: Clock
) -> None:
    async with pool.acquire() as connection:
        demo = AddAccount("demo-viewer", "演示", Role.VIEWER, clock(), demo=True)
        await add_account(connection, OPERATOR, demo)
    form = {"login": "demo-viewer", "next": "/?" + "&".join(["a="] * 100)}
    answer = await browser.post("/sign-in/demo?lang=en", data=form)
    assert (answer.status_code, answer.headers["location"].count("a=")) == (303, 100)
