"""A worker in figures, and its health: live while the process is, ready while both sides answer."""

import asyncio

import asyncpg
import httpx
from ingest_process import free_port
from kafka_broker import installation
from kafka_traffic import good, producing, send, taken, with_bad_item, worker_process

from ops.broker import Broker


async def said(client: httpx.AsyncClient, status: int) -> dict[str, bool]:
    """What the worker says of its readiness once it answers with this status."""
    async with asyncio.timeout(60):
        while True:
            try:
                answer = await client.get("/healthz/ready")
                if answer.status_code == status:
                    return answer.json()
            except httpx.TransportError:
                pass  # not there yet
            await asyncio.sleep(0.05)


async def test_figures_and_health(broker: Broker, database_url: str, pool: asyncpg.Pool) -> None:
    settings = installation(broker.bootstrap)
    address = f"127.0.0.1:{free_port()}"
    async with (
        producing(settings) as producer,
        worker_process(database_url, settings, 100, "--metrics", address) as run,
        httpx.AsyncClient(base_url=f"http://{address}") as client,
    ):
        assert await said(client, 200) == {"ready": True, "store": True, "broker": True}
        count = await send(settings, producer, [good(1), good(2), with_bad_item(3)])
        async with pool.acquire() as store:
            await taken(store, count)
        async with asyncio.timeout(30):  # the store has it a moment before the figures
            while 'messages_total{outcome="position"} 3.0' not in (  # noqa: ASYNC110 - a page
                told := (await client.get("/metrics")).text
            ):
                await asyncio.sleep(0.05)
        assert 'whistle_ingest_messages_total{outcome="undecodable"} 1.0' in told
        assert 'whistle_stream_records_total{topic="vessel.positions"} 3.0' in told
        assert "whistle_stream_gaps_total 0.0" in told
        broker.kill()
        away = await said(client, 503)
        assert (away["store"], away["broker"]) == (True, False)
        assert (await client.get("/healthz/live")).status_code == 200
        broker.start()
        await said(client, 200)
        assert await run.terminate() == 0
