"""Pictures at the door, over real HTTP: stored once by hash, and what is no picture refused."""

import io
from collections.abc import AsyncIterator
from hashlib import sha256

import asyncpg
import httpx
from door_process import Device, Knock, counted, open_door, photo, said
from PIL import Image

from db.image import image, thumbnail


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


async def test_a_device_may_leave_only_so_many_new_pictures_a_day(
    pool: asyncpg.Pool, database_url: str, device_tokens: dict[str, str]
) -> None:
    first, second = photo(), photo(700, 480)
    mib = (len(first) + len(second) - 1) / 2**20
    async with (
        open_door(database_url, door_image_daily_mib=mib) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        gate, other = (Device(client, name, device_tokens[name]) for name in ("wj-1", "wj-2"))
        assert (await gate.post("/v1/images", first)).status_code == 200
        assert (await gate.post("/v1/images", first)).status_code == 200  # takes no more room
        refused = await gate.post("/v1/images", second)
        assert said(refused) == (429, "image.quota", "image")
        assert 0 < int(refused.headers["retry-after"]) <= 86_401
        await counted(pool, "wj-1", "image.quota")
        assert await pool.fetchval("select count(*) from image") == 1
        assert (await gate.passes(image=sha256(first).hexdigest())).status_code == 200
        assert (await other.post("/v1/images", second)).status_code == 200  # a quota of its own
    assert dict(await pool.fetch("select checkpoint_id, bytes from checkpoint_upload")) == {
        "wj-1": len(first),
        "wj-2": len(second),
    }
    # counted in the store: another process of the door, or a start anew, counts on
    async with (
        open_door(database_url, door_image_daily_mib=mib) as address,
        httpx.AsyncClient(base_url=address) as client,
    ):
        gate = Device(client, "wj-1", device_tokens["wj-1"])
        third = photo(720, 480)
        assert said(await gate.post("/v1/images", third)) == (429, "image.quota", "image")
        await pool.execute("update checkpoint_upload set day = day - 1")
        assert (await gate.post("/v1/images", third)).status_code == 200
