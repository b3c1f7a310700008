"""Incidents over HTTP: who knows and who comes, and nothing from outside as markup."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import httpx
import pytest
from console_parts import console_of, coordinator
from mustering import CONTROLLER, NAMES, furnish, muster, opened, say, up
from starlette.applications import Starlette

from commands.change_incident import Aim, retract_incident
from commands.note_deliveries import note_deliveries
from dashboard.api.incidents import incident_routes
from dashboard.bodies import Bodies
from domain.musters import Answer

HOSTILE = "<img src=x onerror=alert(1)>'\""


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await furnish(connection)
    return pool


@pytest.fixture
async def client(store: asyncpg.Pool) -> AsyncIterator[httpx.AsyncClient]:
    bodies = Bodies({})
    app = Starlette(routes=incident_routes(console_of(coordinator(store, bodies), bodies)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as asked:
        yield asked


async def text(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_nothing_is_said_to_be_nothing(client: httpx.AsyncClient) -> None:
    assert "目前没有未结事件" in await text(client, "/incidents/list.html")
    assert "No open incidents" in await text(client, "/incidents/list.html?lang=en")
    assert "没有这起事件" in await text(client, f"/incidents/{uuid4()}.html")


async def test_each_authority_stands_in_a_row_of_its_own(
    store: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    incident, calls = await muster(store)
    await say(store, calls["ks-env"], Answer.ACKNOWLEDGED)
    await store.execute(
        """update outbox set dead_at = clock_timestamp(), failure = '93000: bad key'
        where destination = 'wj-robot'"""
    )
    async with store.acquire() as connection:
        await note_deliveries(connection, "watch")
    page = await text(client, f"/incidents/{incident.incident_id}.html")
    stands = {one: page.split(f'data-authority="{one}" data-standing="')[1] for one in NAMES}
    assert {one: said.partition('"')[0] for one, said in stands.items()} == {
        "ks-env": "acknowledged",
        "qp-env": "acknowledged",
        "wj-env": "unreached",
    }
    assert "93000: bad key" in page
    assert "吹哨，已通知" in page
    english = await text(client, f"/incidents/{incident.incident_id}.html?lang=en")
    assert "the whistle: called" in english
    assert "Next, if silence lasts:" in english


async def test_what_silence_led_to_is_told(store: asyncpg.Pool, client: httpx.AsyncClient) -> None:
    incident, calls = await muster(store)
    await say(store, calls["wj-env"], Answer.DECLINED, reason="on another case")
    await up(store, 60)
    page = await text(client, f"/incidents/{incident.incident_id}.html?lang=en")
    assert "silence: the next was called" in page
    assert "ks-env 警员2" in page
    assert "on another case" in page
    assert ">watch<" not in page


async def test_the_list_holds_what_is_open_or_all(
    store: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    async with store.acquire() as connection:
        stays = await opened(connection, title="stays")
        gone = await opened(connection, title="gone")
        aim = Aim(uuid4(), gone.incident_id, gone.revision)
        await retract_incident(connection, CONTROLLER, aim, "it was a ferry")
    page = await text(client, "/incidents/list.html")
    assert stays.number in page
    assert gone.number not in page
    assert gone.number in await text(client, "/incidents/list.html?look=all")


async def test_names_and_words_from_outside_are_text(
    store: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    incident, calls = await muster(
        store, title=HOSTILE, summary=HOSTILE, reporter=HOSTILE, subject=HOSTILE, why=(HOSTILE,)
    )
    await say(store, calls["ks-env"], Answer.DECLINED, reason=HOSTILE)
    for path in ("/incidents/list.html", f"/incidents/{incident.incident_id}.html"):
        page = await text(client, path)
        assert "<img" not in page
        assert "&lt;img" in page


async def test_a_page_that_has_it_is_told_so(
    store: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    incident, _ = await muster(store)
    path = f"/incidents/{incident.incident_id}.html"
    first = await client.get(path)
    again = await client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
