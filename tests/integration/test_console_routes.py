"""The live and health routes over a real store, asked as a browser asks."""

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import asyncpg
import httpx
import pytest
from console_parts import MMSI, console_of, coordinator, hear
from starlette.applications import Starlette

from dashboard import pictures
from dashboard.api.health import health_routes
from dashboard.api.live import live_routes
from dashboard.bodies import Bodies, Body, Maker
from dashboard.console import Console
from db.image import Image, add_image
from domain.clock import utc_now

BEAT = """
insert into feed_status (feed_id, connected, last_sentence_at, last_fix_at, recorded_at)
values ('ais', true, clock_timestamp(), clock_timestamp(), clock_timestamp())
"""


@pytest.fixture
async def console(pool: asyncpg.Pool, request: pytest.FixtureRequest) -> Console:
    """A console whose machine's clock differs from the store's by seconds."""
    await hear(pool)
    bodies = Bodies({"vessels": pictures.vessels})
    ahead = timedelta(seconds=getattr(request, "param", 0))
    return console_of(coordinator(pool, bodies, lambda: utc_now() + ahead), bodies)


@pytest.fixture
async def client(console: Console) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[*health_routes(console), *live_routes(console)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as asked:
        yield asked


def tick(console: Console) -> int:
    assert console.bodies.newest is not None
    return console.bodies.newest.tick


@pytest.mark.parametrize("console", [-90, 90], ids=["slow", "fast"], indirect=True)
async def test_alive_at_once_and_ready_with_the_first_picture(
    console: Console, client: httpx.AsyncClient
) -> None:
    assert (await client.get("/healthz")).status_code == 200
    early = await client.get("/readyz")
    assert early.status_code == 503
    assert early.json()["snapshot_age_s"] is None
    await console.coordinator.step()
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")


@pytest.mark.parametrize("console", [0, -90, 90], ids=["same", "slow", "fast"], indirect=True)
async def test_ages_are_told_by_the_store_s_clock_alone(
    console: Console, client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await pool.execute(BEAT)
    before = await pool.fetchval("select extract(epoch from clock_timestamp())::float8")
    await console.coordinator.step()
    pulse = (await client.get("/live/pulse.json")).json()
    after = await pool.fetchval("select extract(epoch from clock_timestamp())::float8")
    (feed,) = pulse["feeds"]
    assert feed["seen"] <= before <= pulse["taken_at"] <= after
    assert pulse["taken_at"] <= pulse["now"] <= after + 1


async def test_a_feed_that_has_ended_says_since_when(
    console: Console, client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await pool.execute(BEAT)
    for ended in (False, True):
        if ended:
            await pool.execute("update feed_status set ended_at = clock_timestamp()")
        await console.coordinator.step()
        pulse = (await client.get("/live/pulse.json")).json()
        (feed,) = pulse["feeds"]
        assert (feed["ended"] is not None) == ended
    assert feed["seen"] <= feed["ended"] <= pulse["taken_at"]


async def test_not_ready_while_no_picture_can_be_taken(
    console: Console, client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await console.coordinator.step()
    await pool.execute("alter table vessel_latest rename to vessel_gone")
    await console.coordinator.step()
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)
    assert (await client.get("/healthz")).status_code == 200


async def test_a_tick_that_is_not_kept_is_gone(console: Console, client: httpx.AsyncClient) -> None:
    await console.coordinator.step()
    for asked in (tick(console) + 1, 0, "", "x", "9" * 30):
        assert (await client.get(f"/live/vessels.json?tick={asked}")).status_code == 410, asked


async def test_the_same_bytes_for_every_viewer(console: Console, client: httpx.AsyncClient) -> None:
    await console.coordinator.step()
    asked = [await client.get(f"/live/vessels.json?tick={tick(console)}") for _ in range(3)]
    assert {answer.content for answer in asked} == {asked[0].content}
    assert asked[0].json()["features"][0]["properties"]["mmsi"] == MMSI


@pytest.mark.parametrize("path", ["vessel/{}.html", "track/{}.json", "chosen/{}.json"])
async def test_a_number_that_no_vessel_has_is_unknown(
    console: Console, client: httpx.AsyncClient, path: str
) -> None:
    await console.coordinator.step()
    for mmsi in (10**9, 10**30):
        answer = await client.get(f"/live/{path.format(mmsi)}?tick={tick(console)}")
        assert answer.status_code == 404
    answer = await client.get(f"/live/{path.format(MMSI)}?tick={tick(console)}")
    assert answer.status_code == 200


async def test_a_drawer_while_the_database_is_away(
    console: Console,
    client: httpx.AsyncClient,
    pool: asyncpg.Pool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await console.coordinator.step()

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(asyncpg.Pool, "acquire", refuse)
    for path in ("vessel/{}.html", "track/{}.json"):
        answer = await client.get(f"/live/{path.format(MMSI)}?tick={tick(console)}")
        assert answer.status_code == 503


async def test_nothing_is_kept_for_numbers_that_are_not_in_the_picture(
    console: Console, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.coordinator.step()
    asked: list[str] = []
    get = Bodies.get

    def spied(self: Bodies, tick: int, name: str, make: Maker) -> Body | None:
        asked.append(name)
        return get(self, tick, name, make)

    monkeypatch.setattr(Bodies, "get", spied)
    for mmsi in (1, 2, MMSI):
        answer = await client.get(f"/live/chosen/{mmsi}.json?tick={tick(console)}")
        assert len(answer.json()["features"]) == (mmsi == MMSI)
    assert asked == [f"chosen-{MMSI}"]
    assert (await client.get("/live/chosen/1.json?tick=1")).status_code == 410


@pytest.mark.parametrize(
    "changed",
    [
        lambda name: name + "%0d%0a",
        lambda name: name + "%20",
        lambda name: name[:32] + "%20" + name[32:],
        str.upper,
        lambda name: name + "00",
        lambda name: name[:62],
        lambda name: "zz" + name[2:],
    ],
    ids=["line end", "blank behind", "blank within", "capitals", "longer", "shorter", "no hex"],
)
async def test_a_picture_is_named_by_its_hash_and_nothing_else(
    pool: asyncpg.Pool, client: httpx.AsyncClient, changed: Callable[[str], str]
) -> None:
    jpeg = b"\xff\xd8\xff\xe0 a barge at the gate"
    hashed = hashlib.sha256(jpeg).hexdigest()
    async with pool.acquire() as connection:
        await add_image(connection, Image(bytes.fromhex(hashed), "image/jpeg", 4, 3, jpeg, jpeg))
    exact = await client.get(f"/live/image/{hashed}")
    assert (exact.content, exact.headers["etag"]) == (jpeg, f'"{hashed[:24]}"')
    answer = await client.get(f"/live/image/{changed(hashed)}")
    assert answer.status_code == 404
    assert "etag" not in answer.headers
