"""The door under hard use: a flood, a stop in the middle, a store that is away, the half-silent."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from door_process import Device, DoorProcess, counted, open_door, photo, said
from ingest_process import free_port

from domain.clock import utc_now


async def test_one_device_that_floods_does_not_hurt_the_others(
    pool: asyncpg.Pool, database_url: str, device_tokens: dict[str, str]
) -> None:
    """1 000 readings at once from one gate; every point of Jiashan is heard meanwhile."""
    async with DoorProcess(database_url, free_port()) as door:
        await door.listening()
        limits = httpx.Limits(max_connections=64)
        async with (
            httpx.AsyncClient(base_url=door.address, limits=limits, timeout=60) as flood,
            httpx.AsyncClient(base_url=door.address, timeout=60) as calm,
        ):
            wild = Device(flood, "wj-1", device_tokens["wj-1"])
            storm = asyncio.gather(*(wild.passes(str(n)) for n in range(1000)))
            heard = [
                await Device(calm, point, device_tokens[point]).sees()
                for point in device_tokens
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
    pool: asyncpg.Pool, database_url: str, device_tokens: dict[str, str]
) -> None:
    async with DoorProcess(database_url, free_port()) as door:
        await door.listening()
        async with httpx.AsyncClient(base_url=door.address, timeout=30) as client:
            device = Device(client, "wj-1", device_tokens["wj-1"])
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


@pytest.mark.parametrize("remembered_s", [0, 60])
async def test_a_store_that_is_away_is_said_so(
    cluster: Any,
    pool: asyncpg.Pool,
    database_url: str,
    device_tokens: dict[str, str],
    remembered_s: float,
) -> None:
    at = utc_now()
    name = await pool.fetchval("select current_database()")
    admin = await asyncpg.connect(cluster.url("postgres"))
    try:
        async with (
            open_door(database_url, door_register_s=remembered_s) as address,
            httpx.AsyncClient(base_url=address) as client,
        ):
            gate = Device(client, "wj-1", device_tokens["wj-1"])
            assert (await gate.passes("1", at=at)).status_code == 200
            await admin.execute(f"alter database {name} allow_connections false")
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name
            )
            for answer in (await gate.passes("2", at=at), await gate.post("/v1/images", photo())):
                assert said(answer) == (503, "store.away", "store")
                assert int(answer.headers["retry-after"]) >= 1
            await admin.execute(f"alter database {name} allow_connections true")
            assert (await gate.passes("2", at=at)).status_code == 200
            await counted(pool, "wj-1" if remembered_s else "unknown", "store.away", 2)
    finally:
        await admin.close()


@pytest.mark.parametrize("begun", [b"", b"POST /v1/heartbeats HTTP/1.1\r\nHost: door\r\n"])
async def test_who_says_nothing_is_hung_up_on(
    database_url: str, device_tokens: dict[str, str], begun: bytes
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
            device = Device(client, "wj-1", device_tokens["wj-1"])
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
