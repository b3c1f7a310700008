"""The door for checkpoints, over real HTTP into a real store: taken, refused by name, counted."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from door_process import Device, Knock, counted, open_door, passage, photo, said

from commands.issue_token import IssueToken, RevokeTokens, issue_token, revoke_point_tokens
from db.checkpoint import health
from db.reading import readings_after
from domain.checkpoints import Direction, Entering, Health
from domain.clock import utc_now


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
    pool: asyncpg.Pool, database_url: str, device_tokens: dict[str, str]
) -> None:
    async with (
        open_door(database_url, door_burst=100) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        gate = Device(client, "wj-1", device_tokens["wj-1"])
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
    pool: asyncpg.Pool, knock: Knock, device_tokens: dict[str, str]
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
