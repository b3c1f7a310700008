"""Signing in as a browser does: over a real socket, into a real store, with a clock of our own."""

import asyncio

import asyncpg
import httpx
import pytest
from sign_in_parts import OPERATOR, Clock, enter, entrance_of, known, served
from signed_in import cookie_of, wall_cookie
from starlette.applications import Starlette

from commands.add_account import AddAccount, add_account
from commands.change_account import DisableAccount, disable_account
from commands.issue_display import IssueDisplay, issue_display
from dashboard.api.asked import asked_lang
from dashboard.api.sign_in import sign_in_routes
from dashboard.console import Console
from dashboard.i18n import LANGUAGES, words
from dashboard.sign_in import (
    COOKIE,
    DISPLAY_COOKIE,
    only_shows,
    person,
    person_of,
    signed_in,
)
from db import event
from db.errors import StoreError
from domain.actors import Role

pytestmark = pytest.mark.usefixtures("cheap")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_page_needs_no_script_and_speaks(browser: httpx.AsyncClient, lang: str) -> None:
    answer = await browser.get("/sign-in", params={"lang": lang, "next": "/?page=permits"})
    assert answer.status_code == 200
    assert f"<h1>{words(lang).gettext('Sign in')}</h1>" in answer.text
    assert "<script" not in answer.text
    assert "page=permits" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert (await browser.get("/assets/sign_in.css")).status_code == 200


async def test_in_with_a_given_password_and_on_with_one_of_one_s_own(
    browser: httpx.AsyncClient, entrance: Console, password: str
) -> None:
    answer = await enter(browser, " Duty ", password, next="/?page=permits")
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/password")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{COOKIE}=")
    for said in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=604800"):
        assert said in cookie
    assert "Secure" not in cookie
    actor = await known(entrance, browser)
    assert actor is not None
    assert (actor.name, actor.role, actor.adcode) == ("李值班", Role.CONTROLLER, "310118")
    page = await browser.get(answer.headers["location"])
    assert "这是他人设置的初始密码" in page.text
    new = "一句只有我知道的话，很长"
    form = {"old": password, "new": new, "again": new, "next": "/?page=permits"}
    for wrong in ({"old": "x"}, {"again": "x"}, {"new": "x", "again": "x"}):
        assert (await browser.post("/password", data={**form, **wrong})).status_code == 422
    done = await browser.post("/password", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/?page=permits")
    out = await browser.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert await known(entrance, browser) is None
    again = await enter(browser, "duty", new, next="/?page=permits")
    assert (again.status_code, again.headers["location"]) == (303, "/?page=permits")


async def test_secure_where_the_page_came_by_https(
    browser: httpx.AsyncClient, password: str
) -> None:
    answer = await browser.post(
        "/sign-in",
        data={"login": "duty", "password": password},
        headers={"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"},
    )
    assert "Secure" in answer.headers["set-cookie"]


async def test_nothing_tells_which_part_was_wrong(
    browser: httpx.AsyncClient, pool: asyncpg.Pool, clock: Clock, password: str
) -> None:
    async with pool.acquire() as connection:
        gone = AddAccount("gone", "已离岗", Role.VIEWER, clock())
        closed = await add_account(connection, OPERATOR, gone)
        await disable_account(connection, OPERATOR, DisableAccount("gone", clock()))
    assert closed.password is not None
    pages = set()
    for login, said in (("duty", "wrong"), ("nobody", password), ("gone", closed.password)):
        answer = await enter(browser, login, said)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        pages.add(answer.text.replace(f'value="{login}"', ""))
    assert len(pages) == 1


async def test_failures_slow_down_and_the_clock_lets_in_again(
    browser: httpx.AsyncClient, clock: Clock, password: str
) -> None:
    for _ in range(6):
        assert (await enter(browser, "duty", "wrong")).status_code == 401
    early = await enter(browser, "duty", password)
    assert (early.status_code, early.headers["retry-after"]) == (429, "1")
    assert "1 秒" in early.text
    clock.later(seconds=1)
    assert (await enter(browser, "duty", "wrong")).status_code == 401
    assert (await enter(browser, "duty", password)).headers["retry-after"] == "2"
    clock.later(seconds=2)
    assert (await enter(browser, "duty", password)).status_code == 303


async def test_each_address_behind_a_proxy_is_counted_by_itself(
    browser: httpx.AsyncClient, password: str
) -> None:
    async def knock(address: str, login: str, said: str) -> int:
        form, headers = {"login": login, "password": said}, {"x-forwarded-for": address}
        return (await browser.post("/sign-in", data=form, headers=headers)).status_code

    for number in range(21):
        assert await knock("203.0.113.9", f"guess-{number}", "wrong") == 401
    assert await knock("203.0.113.9", "duty", password) == 429
    assert await knock("203.0.113.10", "duty", password) == 303


async def test_a_session_survives_another_process_and_ends_in_time(
    browser: httpx.AsyncClient, pool: asyncpg.Pool, clock: Clock, password: str
) -> None:
    await enter(browser, "duty", password)
    anew = entrance_of(pool, clock, demo=False)
    assert await known(anew, browser) is not None
    for _ in range(14):  # somebody who looks every eleven hours, for six days and ten hours
        clock.later(hours=11)
        assert await known(anew, browser) is not None
    clock.later(hours=11)
    assert await known(anew, browser) is not None
    clock.later(hours=4)  # 169 h: a week is over
    assert await known(anew, browser) is None
    await enter(browser, "duty", password)
    clock.later(hours=12)
    assert await known(anew, browser) is None


async def test_who_is_disabled_is_out(
    browser: httpx.AsyncClient, entrance: Console, pool: asyncpg.Pool, clock: Clock, password: str
) -> None:
    await enter(browser, "duty", password)
    async with pool.acquire() as connection:
        await disable_account(connection, OPERATOR, DisableAccount("duty", clock()))
    assert await known(entrance, browser) is None


async def test_who_looks_goes_on_looking_while_the_store_is_away(
    browser: httpx.AsyncClient, entrance: Console, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enter(browser, "duty", password)
    assert await known(entrance, browser) is not None

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(asyncpg.Pool, "acquire", refuse)
    assert await known(entrance, browser) is not None
    with pytest.raises(StoreError):
        await entrance.people.person("a token that nobody has asked about")
    assert (await enter(browser, "duty", password)).status_code == 503
    monkeypatch.setattr("dashboard.people.KEPT_S", 0)
    with pytest.raises(StoreError):
        await known(entrance, browser)


async def test_one_click_in_a_demo_only(
    browser: httpx.AsyncClient, entrance: Console, pool: asyncpg.Pool, clock: Clock, password: str
) -> None:
    async with pool.acquire() as connection:
        for role in Role:
            login = f"demo-{role}".replace("_", "-")
            await add_account(
                connection, OPERATOR, AddAccount(login, f"演示 {role}", role, clock(), demo=True)
            )
    page = (await browser.get("/sign-in")).text
    assert page.count('name="login"') == 1 + len(Role)
    assert (await browser.post("/sign-in/demo", data={"login": "duty"})).status_code == 401
    done = await browser.post("/sign-in/demo", data={"login": "demo-commander"})
    assert done.status_code == 303
    actor = await known(entrance, browser)
    assert actor is not None
    assert actor.role is Role.COMMANDER
    serious = entrance_of(pool, clock, demo=False)
    async with (
        served(Starlette(routes=sign_in_routes(serious))) as address,
        httpx.AsyncClient(base_url=address) as other,
    ):
        assert "demo-viewer" not in (await other.get("/sign-in")).text
        refused = await other.post("/sign-in/demo", data={"login": "demo-viewer"})
        assert (refused.status_code, other.cookies.get(COOKIE)) == (401, None)


async def test_a_wall_is_given_its_token(
    browser: httpx.AsyncClient, entrance: Console, pool: asyncpg.Pool, clock: Clock
) -> None:
    async with pool.acquire() as connection:
        issued = await issue_display(connection, OPERATOR, IssueDisplay("三楼 A", clock()))
    assert (await browser.get("/display")).status_code == 200
    assert (await browser.post("/display", data={"token": "x" * 43})).status_code == 401
    done = await browser.post("/display", data={"token": f" {issued.token}\n"})
    assert done.status_code == 303
    assert done.headers["location"].startswith("/?view=wall&screen=")
    assert "HttpOnly" in done.headers["set-cookie"]
    known_display = await entrance.people.display(browser.cookies.get(DISPLAY_COOKIE))
    assert known_display is not None
    assert known_display.screen == "三楼 A"
    assert await entrance.people.person(issued.token) is None


async def test_a_signed_in_request_has_a_person(entrance: Console, password: str) -> None:
    from starlette.requests import Request

    from commands.sign_in import Place

    made = await entrance.people.sign_in("duty", password, Place("127.0.0.1"))
    for cookie, name in ((made.token, "李值班"), ("x", None), ("x" * 300, None)):
        scope = {"type": "http", "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())]}
        request = Request({**scope, "query_string": b"lang=en", "path": "/", "method": "GET"})
        actor = await person(entrance, request)
        assert (actor.name if actor else None) == name
        assert (await signed_in(entrance, request) is None) == (name is None)
        assert asked_lang(request) == "en"


async def test_the_chain_tells_who_came_and_went(
    browser: httpx.AsyncClient, pool: asyncpg.Pool, password: str
) -> None:
    await enter(browser, "duty", password)
    await browser.post("/sign-out")
    async with pool.acquire() as connection:
        account_id = await connection.fetchval("select account_id::text from account")
        told = await event.stream(connection, "account", account_id)
        assert await event.verify_all(connection) == {}
    assert [one.kind for one in told] == [
        "account.added",
        "account.signed_in",
        "account.signed_out",
    ]
    assert told[1].payload == b'{"from":"127.0.0.0/24","how":"password"}'


async def test_a_script_knows_a_person_and_keeps_a_wall_to_its_wall(
    entrance: Console, pool: asyncpg.Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    entrance.coordinator.loop = asyncio.get_running_loop()
    monkeypatch.setattr("dashboard.console._running", entrance)
    async with pool.acquire() as store:
        inside = {COOKIE: await cookie_of(store, Role.COMMANDER, name="王指挥", at=clock())}
        wall = {DISPLAY_COOKIE: await wall_cookie(store, "三楼", clock())}

    async def told(cookies: dict[str, str]) -> tuple[str | None, str | None]:
        actor = await asyncio.to_thread(person_of, cookies)
        return actor and actor.name, await asyncio.to_thread(only_shows, cookies)

    assert await told({}) == (None, None)
    assert await told(inside) == ("王指挥", None)
    assert await told(wall) == (None, "三楼")
    assert await told(wall | inside) == ("王指挥", None)
    assert await told({COOKIE: wall[DISPLAY_COOKIE]}) == (None, None)

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(asyncpg.Pool, "acquire", refuse)
    assert await told(wall) == (None, "三楼")
    assert await asyncio.to_thread(only_shows, {DISPLAY_COOKIE: "another"}) == ""
