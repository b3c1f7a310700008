"""The one-tap page behind a real socket, over a store in which somebody was called."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from re import findall

import asyncpg
import httpx
from sign_in_parts import served
from starlette.applications import Starlette

from dashboard.ack.desk import AnswerDesk
from dashboard.ack.routes import Limits, ack_routes
from domain.answer_links import AnswerLink, signed
from domain.clock import utc_now
from domain.musters import Call

KEY = bytes(range(32))


def desk_of(store: asyncpg.Pool) -> AnswerDesk:
    async def pool() -> asyncpg.Pool:
        return store

    return AnswerDesk(pool, KEY)


@asynccontextmanager
async def telephone(
    store: asyncpg.Pool, limits: Limits | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that keeps cookies, if any were set, and follows nothing by itself."""
    app = Starlette(routes=ack_routes(desk_of(store), limits))
    async with (
        served(app, forwarded_allow_ips="127.0.0.1") as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        yield client


def path_of(call: Call, *, number: int | None = None, lasts: timedelta = timedelta(hours=1)) -> str:
    link = AnswerLink(call.call_id, utc_now() + lasts, number or call.link_number)
    return f"/a/{signed(KEY, link)}"


def form_id(page: str) -> str:
    """The id that all forms of a page have."""
    (found,) = set(findall(r'name="id" value="([0-9a-f-]{36})"', page))
    return str(found)


async def tap(client: httpx.AsyncClient, path: str, said: str, **more: str) -> httpx.Response:
    """Open the page and press a button."""
    page = (await client.get(path)).text
    return await client.post(path, data={"said": said, "id": form_id(page), **more})


TABLES = (
    "muster_call",
    "incident",
    "incident_part",
    "event",
    "command_done",
    "outbox",
    "escalation",
)


async def everything(store: asyncpg.Pool) -> list[list[asyncpg.Record]]:
    """All that an answer could change, as it stands."""
    async with store.acquire() as connection:
        return [await connection.fetch(f"select * from {one} order by 1") for one in TABLES]  # noqa: S608
