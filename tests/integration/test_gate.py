"""The gate before an application, by real sockets: who gets past it, to what, and until when."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from sign_in_parts import OPERATOR, Clock, entrance_of, knocking, make_duty, served
from signed_in import cookie_of, wall_cookie
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from commands.change_account import DisableAccount, disable_account
from commands.issue_display import RevokeDisplay, revoke_display
from dashboard.console import Console
from dashboard.gate import OPEN, UNKNOWN, Gate, gated
from dashboard.sign_in import COOKIE, DISPLAY_COOKIE
from db.account import accounts
from db.display import displays
from domain.actors import Role

pytestmark = pytest.mark.usefixtures("cheap")

BEHIND = [
    "/?view=wall",
    "/live/pulse.json",
    "/live/alert/7.html",
    "/permits/table.html",
    "/permits/export.csv",
    "/assets/map/districts.json",
    "/static/index.js",
    "/_stcore/host-config",
    "//sign-in",
    "/sign-in/../live/pulse.json",
    "/Sign-In",
    "/healthz/x",
]


async def seen(request: Request) -> PlainTextResponse:
    return PlainTextResponse("seen")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for said in socket.iter_text():
        await socket.send_text(said)


@pytest.fixture
async def address(entrance: Console) -> AsyncIterator[str]:
    """An application that shows everything to everybody, behind the gate."""
    methods = ["GET", "POST", "PUT"]
    routes = [
        WebSocketRoute("/_stcore/stream", echo),
        Route("/{rest:path}", seen, methods=methods),
    ]
    gate = Gate(Starlette(routes=routes), entrance.people, look_every_s=0.02)
    async with served(gate) as where:
        yield where


def client(address: str, **cookies: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, cookies=cookies)


def socket_at(address: str, cookie: str | None = None) -> connect:
    headers = None if cookie is None else {"cookie": cookie}
    return connect(
        address.replace("http", "ws") + "/_stcore/stream", additional_headers=headers, proxy=None
    )


@pytest.mark.parametrize("cookie", [None, "x", "x" * 5000, "\u00e9"])
async def test_who_is_not_signed_in_sees_the_forms_only(address: str, cookie: str | None) -> None:
    headers = {} if cookie is None else {"cookie": f"{COOKIE}={cookie}".encode()}
    async with client(address) as stranger:
        for path in BEHIND:
            answer = await stranger.get(address + path, headers=headers)
            page = path.startswith("/?")
            assert answer.status_code == (303 if page else 401), path
            assert "seen" not in answer.text
        for path in (*OPEN, "/assets/sign_in.css"):
            assert (await stranger.get(path, headers=headers)).text == "seen"
        assert (await stranger.post("/", headers=headers)).status_code == 401
        asked = await stranger.get("/?alert=7&lang=en", headers=headers)
        onward = "/sign-in?lang=en&next=%2F%3Falert%3D7%26lang%3Den"
        assert asked.headers["location"] == onward
        long = await stranger.get("/?a=" + "b" * 600, headers=headers)
        assert long.headers["location"] == "/sign-in?lang=zh"
    with pytest.raises(InvalidStatus) as refused:
        async with socket_at(address):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("role", list(Role))
async def test_whoever_is_signed_in_gets_past(
    address: str, pool: asyncpg.Pool, clock: Clock, role: Role
) -> None:
    async with pool.acquire() as store:
        token = await cookie_of(store, role, "310118", at=clock())
    async with client(address, whistle_session=token) as inside:
        for path in BEHIND:
            assert (await inside.get(path)).text == "seen"
        assert (await inside.post("/permits/new")).text == "seen"
    async with socket_at(address, f"{COOKIE}={token}") as link:
        await link.send("hello")
        assert await link.recv() == "hello"


async def test_a_given_password_has_to_be_changed_first(
    address: str, entrance: Console, pool: asyncpg.Pool, clock: Clock
) -> None:
    password = await make_duty(pool, clock)
    async with knocking(entrance) as browser:
        await browser.post("/sign-in", data={"login": "duty", "password": password})
        token = browser.cookies[COOKIE]
        async with client(address, whistle_session=token) as inside:
            page = await inside.get("/?lang=en")
            assert (page.status_code, page.headers["location"]) == (303, "/password?lang=en")
            assert (await inside.get("/live/pulse.json")).status_code == 401
            new = "a sentence of my own"
            form = {"old": password, "new": new, "again": new}
            assert (await browser.post("/password", data=form)).status_code == 303
            assert (await inside.get("/live/pulse.json")).text == "seen"


async def test_a_wall_sees_a_wall(address: str, pool: asyncpg.Pool, clock: Clock) -> None:
    async with pool.acquire() as store:
        token = await wall_cookie(store, "三楼 A", clock())
    async with client(address, whistle_display=token) as wall:
        for path in ("/", "/?view=live", "/?view=wall&screen=B", "/?page=permits"):
            answer = await wall.get(path)
            assert answer.status_code == 303
        assert answer.headers["location"] == "/?view=wall&screen=%E4%B8%89%E6%A5%BC+A"
        shown = (
            "/?view=wall&screen=三楼 A",
            "/live/pulse.json",
            "/live/vessels.json?tick=1",
            "/live/pane/wall-alerts.html",
            "/static/a.js",
        )
        for path in shown:
            assert (await wall.get(path)).text == "seen", path
        hidden = (
            "/live/alert/7.html",
            "/live/vessel/413000001.html",
            "/live/pane/alerts.html",
            "/live/image/00",
            "/permits/table.html",
            "/permits/export.csv",
            "/_stcore/upload_file/a/b",
            "/_stcore/metrics",
            "/media/x",
        )
        for path in hidden:
            assert (await wall.get(path)).status_code == 401, path
        for path in ("/permits/new", "/live/pulse.json", "/?view=wall&screen=三楼 A"):
            assert (await wall.post(path)).status_code == 401
    async with client(address, whistle_session=token) as wrong:
        assert (await wrong.get("/live/pulse.json")).status_code == 401


@pytest.mark.parametrize("of", ["person", "wall"])
async def test_an_open_connection_ends_with_the_right_to_it(
    address: str, pool: asyncpg.Pool, clock: Clock, of: str
) -> None:
    async with pool.acquire() as store:
        if of == "person":
            cookie = f"{COOKIE}={await cookie_of(store, at=clock())}"
        else:
            cookie = f"{DISPLAY_COOKIE}={await wall_cookie(store, at=clock())}"
        async with socket_at(address, cookie) as link:
            await link.send("hello")
            assert await link.recv() == "hello"
            if of == "person":
                (account,) = await accounts(store)
                await disable_account(store, OPERATOR, DisableAccount(account.login, clock()))
            else:
                (display,) = await displays(store)
                await revoke_display(store, OPERATOR, RevokeDisplay(display.display_id, clock()))
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(link.recv(), 30)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == UNKNOWN


async def test_a_connection_outlives_the_store(
    address: str, pool: asyncpg.Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pool.acquire() as store:
        token = await cookie_of(store, at=clock())
    async with client(address, whistle_session=token) as inside, client(address) as stranger:
        assert (await inside.get("/live/pulse.json")).text == "seen"
        async with socket_at(address, f"{COOKIE}={token}") as link:
            refused = asyncio.Event()

            def refuse(*_: object, **__: object) -> None:
                refused.set()
                raise ConnectionRefusedError("nobody listens")

            monkeypatch.setattr(asyncpg.Pool, "acquire", refuse)
            await refused.wait()
            assert (await inside.get("/live/pulse.json")).text == "seen"
            stranger.cookies.set(COOKIE, "another")
            assert (await stranger.get("/live/pulse.json")).status_code == 503
            await link.send("hello")
            assert await link.recv() == "hello"


async def test_the_application_takes_it(pool: asyncpg.Pool, clock: Clock) -> None:
    console = entrance_of(pool, clock)
    app = Starlette(routes=[Route("/live/pulse.json", seen)], middleware=gated(console))
    async with served(app) as where, client(where) as stranger:
        assert (await stranger.get("/live/pulse.json")).status_code == 401
