"""The door for checkpoints, over real HTTP into a real store: taken, refused by name, counted."""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import httpx
import pytest
from door_process import Device, DoorProcess, open_door, passage, prepare
from ingest_process import free_port
from PIL import Image

from commands.issue_token import IssueToken, RevokeTokens, issue_token, revoke_point_tokens
from db.checkpoint import health, refusals
from db.image import image, thumbnail
from db.reading import readings_after
from domain.checkpoints import Direction, Entering, Health
from domain.clock import utc_now

Knock = Callable[..., Device]


@pytest.fixture
async def tokens(pool: asyncpg.Pool) -> dict[str, str]:
    return await prepare(pool)


@pytest.fixture
async def knock(database_url: str, tokens: dict[str, str]) -> AsyncIterator[Knock]:
    """Makes a device of a point (or with any token) at an open door."""
    async with open_door(database_url) as address, httpx.AsyncClient(base_url=address) as client:
        yield lambda point, token=None: Device(client, point, token or tokens[point])


def photo(width: int = 640, height: int = 480, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, kind)
    return out.getvalue()


async def counted(pool: asyncpg.Pool, device: str, code: str, n: int = 1) -> None:
    """Wait until the door has written that many refusals."""
    since = utc_now() - timedelta(hours=1)
    for _ in range(200):
        async with pool.acquire() as connection:
            found = (await refusals(connection, since)).get(device, {}).get(code, 0)
        if found >= n:
            assert found == n
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{device} {code}: {found}, not {n}")


def said(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert body["expected"]
    return answer.status_code, body["code"], body["field"]


async def test_a_passage_and_a_sighting_become_readings(pool: asyncpg.Pool, knock: Knock) -> None:
    at = utc_now()
    gate = knock("wj-1")
    picture = (await gate.post("/v1/images", photo())).json()["image"]
    first = await gate.passes(at=at, image=picture, load_state="重载")
    second = await knock("js-07").sees(at=at, movement="出浙")
    assert (first.status_code, second.status_code) == (200, 200), (first.text, second.text)
    async with pool.acquire() as connection:
        passed, seen = await readings_after(connection, 0)
    assert str(passed.reading_id) == first.json()["reading_id"]
    assert passed.reading.t == at
    assert (passed.reading.direction, passed.reading.entering) == (Direction.FORTH, None)
    assert (passed.reading.draught_m, passed.reading.draught_error_m) == (2.4, 0.1)
    assert (passed.reading.plate, passed.reading.laden_raw) == ("苏货0001", "重载")
    assert passed.reading.image_hash == bytes.fromhex(picture)
    assert (seen.reading.direction, seen.reading.entering) == (None, Entering.OUT)
    assert (seen.reading.confidence, seen.reading.ship_class) == (0.93, "货船")
    sent = await pool.fetchval("select payload from reading where checkpoint_id = 'wj-1'")
    assert sent == passage("wj-1", "0001", at, image=picture, load_state="重载")


async def test_the_same_again_gets_the_same_answer(pool: asyncpg.Pool, knock: Knock) -> None:
    gate, at = knock("wj-1"), utc_now()
    first = await gate.passes(at=at)
    again = await asyncio.gather(*(gate.passes(at=at) for _ in range(8)))
    assert first.status_code == 200
    assert {(one.status_code, one.text) for one in again} == {(200, first.text)}
    assert await pool.fetchval("select count(*) from reading") == 1
    assert await pool.fetchval("select count(*) from event where kind = 'reading.taken'") == 1


async def test_two_that_contradict_each_other(pool: asyncpg.Pool, knock: Knock) -> None:
    gate, at = knock("wj-1"), utc_now()
    assert (await gate.passes(at=at)).status_code == 200
    other = await gate.passes(at=at, draught={"value_m": 1.1})
    assert said(other) == (409, "reading.contradiction", "passage_no")
    assert await pool.fetchval("select draught_m from reading") == 2.4
    await counted(pool, "wj-1", "reading.contradiction")


REFUSED: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
    ({"at": utc_now() + timedelta(days=1)}, (422, "reading.time_future", "passed_at")),
    ({"at": utc_now() - timedelta(days=60)}, (422, "reading.time_expired", "passed_at")),
    ({"passed_at": "2026-11-23T10:00:00"}, (422, "field.wrong", "passed_at")),
    ({"passed_at": "yesterday"}, (422, "field.wrong", "passed_at")),
    ({"draught": {"value_m": -3}}, (422, "reading.range", "draught.value_m")),
    ({"draught": {"value_m": "deep"}}, (422, "field.wrong", "draught.value_m")),
    ({"draught": {"value_m": 2, "error_m": -1}}, (422, "reading.range", "draught.error_m")),
    ({"draught": {"error_m": 0.1}}, (422, "field.missing", "draught.value_m")),
    ({"direction": "sideways"}, (422, "field.wrong", "direction")),
    ({"direction": ...}, (422, "field.missing", "direction")),
    ({"colour": "red"}, (422, "field.unknown", "colour")),
    ({"hull": {"mmsi": 10**30}}, (422, "field.wrong", "hull.mmsi")),
    ({"hull": {"plate": "\x00"}}, (422, "reading.text", "hull.plate")),
    ({"load_state": "\ud800"}, (400, "body.json", "body")),
    ({"passage_no": ""}, (422, "reading.text", "passage_no")),
    ({"image": "ab"}, (422, "field.wrong", "image")),
    ({"image": "00" * 32}, (422, "field.wrong", "image")),
    ({"gate": "wj-99"}, (404, "point.unknown", "gate")),
    ({"gate": "wj-2"}, (403, "point.not_yours", "gate")),
]


async def test_every_refusal_names_its_field_and_is_counted(
    pool: asyncpg.Pool, database_url: str, tokens: dict[str, str]
) -> None:
    async with (
        open_door(database_url, door_burst=100) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        gate = Device(client, "wj-1", tokens["wj-1"])
        for change, answer in REFUSED:
            assert said(await gate.passes(**change)) == answer, change
        for code, n in Counter(code for _, (_, code, _) in REFUSED).items():
            await counted(pool, "wj-1", code, n)
        assert (await gate.passes()).status_code == 200
    assert await pool.fetchval("select count(*) from reading") == 1
    async with pool.acquire() as connection:
        (mine,) = [h for h in await health(connection) if h.checkpoint.checkpoint_id == "wj-1"]
    assert mine.refused == len(REFUSED)
    assert mine.at(utc_now()) is Health.ONLINE
    assert mine.last_reading_at is not None


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", (400, "body.json", "body")),
        (b"{", (400, "body.json", "body")),
        (b"\xff\xfe{}", (400, "body.json", "body")),
        (b"[]", (422, "field.wrong", "body")),
        (b"null", (422, "field.wrong", "body")),
        (b'{"draught": {"value_m": NaN}}', (400, "body.json", "body")),
        (b"[" * 60_000, (422, "field.wrong", "body")),
        (b" " * 70_000, (413, "body.too_large", "body")),
    ],
)
async def test_what_is_no_json(knock: Knock, body: bytes, answer: tuple[int, str, str]) -> None:
    assert said(await knock("wj-1").post("/v1/wujiang/passages", body)) == answer


async def test_a_jiashan_device_speaks_its_own_words(knock: Knock) -> None:
    device = knock("js-01")
    assert said(await device.sees(confidence=1.5)) == (422, "reading.range", "confidence")
    assert said(await device.sees(movement="in")) == (422, "field.wrong", "movement")
    wide = {"class": "货船", "width_m": 900}
    assert said(await device.sees(ship=wide)) == (422, "reading.range", "ship.width_m")
    assert said(await device.passes()) == (403, "point.wrong_system", "gate")


async def test_tokens_that_do_not_count(
    pool: asyncpg.Pool, knock: Knock, tokens: dict[str, str]
) -> None:
    strange = await knock("wj-1", "whistle_nobody").passes()
    assert said(strange) == (401, "token.unknown", "authorization")
    assert strange.headers["www-authenticate"] == "Bearer"
    bare = await knock("wj-1").client.post("/v1/wujiang/passages", json=passage("wj-1", "1"))
    assert said(bare) == (401, "token.missing", "authorization")
    async with pool.acquire() as connection:
        short = await issue_token(connection, "test", IssueToken("wj-1", timedelta(microseconds=1)))
        await revoke_point_tokens(connection, "test", RevokeTokens("wj-2", utc_now()))
    expired = await knock("wj-1", short.token).passes()
    assert said(expired) == (401, "token.expired", "authorization")
    revoked = await knock("wj-2").passes()
    assert said(revoked) == (401, "token.revoked", "authorization")
    assert (await knock("wj-1").passes()).status_code == 200
    await counted(pool, "unknown", "token.unknown")
    await counted(pool, "unknown", "token.missing")
    await counted(pool, "wj-1", "token.expired")
    await counted(pool, "wj-2", "token.revoked")
    async with pool.acquire() as connection:
        found = {h.checkpoint.checkpoint_id: h for h in await health(connection)}
    assert found["wj-2"].last_contact_at is None, "a token that is taken back proves nothing"


async def test_images_are_stored_once_by_hash(pool: asyncpg.Pool, knock: Knock) -> None:
    gate, content = knock("wj-1"), photo(kind="PNG")
    first = await gate.post("/v1/images", content, headers={"content-type": "text/html"})
    again = await gate.post("/v1/images", content)
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert first.json() == {
        "image": sha256(content).hexdigest(),
        "media_type": "image/png",
        "width": 640,
        "height": 480,
    }
    async with pool.acquire() as connection:
        stored = await image(connection, sha256(content).digest())
        small = await thumbnail(connection, sha256(content).digest())
    assert stored is not None
    assert stored.content == content
    assert small is not None
    assert Image.open(io.BytesIO(small)).size == (320, 240)


async def stream(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield bytes(65536)


async def test_images_that_are_none(pool: asyncpg.Pool, knock: Knock) -> None:
    gate = knock("wj-1")
    huge = bytes(40 * 1024 * 1024)
    for body, answer in {
        b"<script>alert(1)</script>": (415, "image.type", "image"),
        b"#!/bin/sh\necho": (415, "image.type", "image"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>": (415, "image.type", "image"),
        b"\xff\xd8\xff<script>": (422, "image.broken", "image"),
        photo()[:-900]: (422, "image.broken", "image"),
        photo(6000, 6000, "PNG"): (422, "image.size", "image"),
        huge: (413, "body.too_large", "image"),
    }.items():
        named = await gate.post("/v1/images", body, headers={"content-type": "image/jpeg"})
        assert said(named) == answer, body[:20]
    # without a declared length: the limit is found while reading
    headers = {"authorization": f"Bearer {gate.token}"}
    streamed = await gate.client.post("/v1/images", content=stream(20 << 20), headers=headers)
    assert said(streamed) == (413, "body.too_large", "image")
    await counted(pool, "wj-1", "body.too_large", 2)
    assert await pool.fetchval("select count(*) from image") == 0
    assert (await gate.post("/v1/images", photo())).status_code == 200


async def test_a_heartbeat_tells_the_clock(pool: asyncpg.Pool, knock: Knock) -> None:
    device = knock("js-19")
    ahead = (utc_now() + timedelta(seconds=20)).isoformat()
    answer = await device.post("/v1/heartbeats", {"point": "js-19", "sent_at": ahead})
    assert answer.status_code == 200, answer.text
    assert answer.json()["clock_ahead_s"] == pytest.approx(20, abs=2)
    assert answer.json()["every_s"] == 60
    strange = await device.post("/v1/heartbeats", {"point": "js-18", "sent_at": ahead})
    assert said(strange) == (403, "point.not_yours", "point")
    await counted(pool, "js-19", "point.not_yours")
    async with pool.acquire() as connection:
        found = {h.checkpoint.checkpoint_id: h for h in await health(connection)}
    assert found["js-19"].at(utc_now()) is Health.ONLINE
    assert found["js-19"].clock_ahead_s == pytest.approx(20, abs=2)
    assert found["js-19"].last_reading_at is None
    assert found["js-18"].at(utc_now()) is Health.SILENT


async def test_one_device_that_floods_does_not_hurt_the_others(
    pool: asyncpg.Pool, database_url: str, tokens: dict[str, str]
) -> None:
    """1 000 readings at once from one gate; every point of Jiashan is heard meanwhile."""
    async with DoorProcess(database_url, free_port()) as door:
        await door.listening()
        limits = httpx.Limits(max_connections=64)
        async with (
            httpx.AsyncClient(base_url=door.address, limits=limits, timeout=60) as flood,
            httpx.AsyncClient(base_url=door.address, timeout=60) as calm,
        ):
            wild = Device(flood, "wj-1", tokens["wj-1"])
            storm = asyncio.gather(*(wild.passes(str(n)) for n in range(1000)))
            heard = [
                await Device(calm, point, tokens[point]).sees()
                for point in tokens
                if point.startswith("js")
            ]
            answers = await storm
        assert {one.status_code for one in heard} == {200}
        assert len(heard) == 19
        told = Counter(one.status_code for one in answers)
        assert told.keys() == {200, 429}
        refused = [one for one in answers if one.status_code == 429]
        assert {said(one) for one in refused} == {(429, "rate.exceeded", "rate")}
        assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
        await counted(pool, "wj-1", "rate.exceeded", told[429])
        assert await door.terminate() == 0, door.errors.decode()
    stored = await pool.fetchval("select count(*) from reading where checkpoint_id = 'wj-1'")
    assert stored == told[200]


async def test_what_is_being_answered_ends_before_the_stop(
    pool: asyncpg.Pool, database_url: str, tokens: dict[str, str]
) -> None:
    async with DoorProcess(database_url, free_port()) as door:
        await door.listening()
        async with httpx.AsyncClient(base_url=door.address, timeout=30) as client:
            device = Device(client, "wj-1", tokens["wj-1"])
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            other = await pool.acquire()
            locked = other.transaction()
            await locked.start()
            await other.execute("lock table reading in exclusive mode")
            waiting = asyncio.create_task(device.passes())
            for _ in range(500):
                if await pool.fetchval("select count(*) from pg_locks where not granted"):
                    break
                await asyncio.sleep(0.02)
            stopping = asyncio.create_task(door.terminate())
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
                except OSError:
                    break
                writer.close()
                await asyncio.sleep(0.02)
            await locked.rollback()
            await pool.release(other)
            assert (await waiting).status_code == 200
            assert await stopping == 0, door.errors.decode()
    assert await pool.fetchval("select count(*) from reading") == 1
    status = "select last_reading_at is not null from checkpoint_status where checkpoint_id = $1"
    assert await pool.fetchval(status, "wj-1")


async def test_a_store_that_is_away_is_said_so(
    cluster: Any, pool: asyncpg.Pool, knock: Knock
) -> None:
    gate, at = knock("wj-1"), utc_now()
    assert (await gate.passes("1", at=at)).status_code == 200
    name = await pool.fetchval("select current_database()")
    admin = await asyncpg.connect(cluster.url("postgres"))
    try:
        await admin.execute(f"alter database {name} allow_connections false")
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name
        )
        away = await gate.passes("2", at=at)
        assert said(away) == (503, "store.away", "store")
        assert int(away.headers["retry-after"]) >= 1
    finally:
        await admin.execute(f"alter database {name} allow_connections true")
        await admin.close()
    assert (await gate.passes("2", at=at)).status_code == 200


@pytest.mark.parametrize("begun", [b"", b"POST /v1/heartbeats HTTP/1.1\r\nHost: door\r\n"])
async def test_who_says_nothing_is_hung_up_on(
    database_url: str, tokens: dict[str, str], begun: bytes
) -> None:
    async with open_door(database_url, door_body_s=1.0) as address:
        port = int(address.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        async with httpx.AsyncClient(base_url=address) as client:
            device = Device(client, "wj-1", tokens["wj-1"])
            slow = await device.client.post(
                "/v1/wujiang/passages",
                content=trickle(),
                headers={"authorization": f"Bearer {device.token}"},
            )
            assert said(slow) == (408, "body.slow", "body")
            # longer than a head may take: between two requests a device may be quiet
            assert (await device.passes("1")).status_code == 200
            await asyncio.sleep(1.5)
            assert (await device.passes("2")).status_code == 200


async def trickle() -> AsyncIterator[bytes]:
    for _ in range(13):
        yield b" "
        await asyncio.sleep(0.1)


async def test_the_page_of_the_door(knock: Knock) -> None:
    client = knock("wj-1").client
    page = (await client.get("/openapi.json")).json()
    assert set(page["paths"]) == {
        "/v1/wujiang/passages",
        "/v1/jiashan/sightings",
        "/v1/heartbeats",
        "/v1/images",
    }
    assert {"Passage", "Draught", "Hull", "Sighting", "Ship", "Heartbeat", "Refusal"} <= set(
        page["components"]["schemas"]
    )
    text = str(page)
    assert "#/$defs" not in text
    assert said(await client.get("/v1/heartbeats"))[:2] == (405, "method.unknown")
    assert said(await client.get("/docs"))[:2] == (404, "path.unknown")
