"""Readings by Kafka: the store holds what it holds when they come by HTTP, and refuses the same."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
from door_process import Knock, passage, prepare, sighting
from kafka_broker import installation
from kafka_traffic import Sent, producing, send, taken, worker, working

from db import event
from db.pool import create_pool
from domain.clock import utc_now

READINGS = """select reading_id, checkpoint_id, system, source_key, content_hash, t, direction,
    entering, draught_m, draught_error_m, length_m, beam_m, plate, claimed_mmsi, ship_class,
    confidence, laden_raw, image_hash, payload from reading order by 1"""


def by_kafka(system: str, body: Mapping[str, Any]) -> Sent:
    name = str(body.get("gate") or body.get("point"))
    value = json.dumps({"v": 1, "system": system, "body": body}, ensure_ascii=False)
    return "checkpoint.readings", name.encode(), value.encode()


async def test_by_kafka_as_by_http(
    bootstrap: str, pool: asyncpg.Pool, second_url: str, knock: Knock
) -> None:
    at = utc_now() - timedelta(minutes=5)
    passages = [passage("wj-1", f"{number:04}", at) for number in range(5)]
    sightings = [sighting("js-01", f"{number:04}", at) for number in range(5)]
    for body in passages:
        answer: httpx.Response = await knock("wj-1").post("/v1/wujiang/passages", body)
        assert answer.status_code == 200
    for body in sightings:
        assert (await knock("js-01").post("/v1/jiashan/sightings", body)).status_code == 200
    async with pool.acquire() as store:
        by_http = await store.fetch(READINGS)
    settings = installation(bootstrap)
    sent = [by_kafka("wujiang", one) for one in passages]
    sent += [by_kafka("jiashan", one) for one in sightings]
    async with other_store(second_url) as store, producing(settings) as producer:
        count = await send(settings, producer, sent)
        async with working(worker(second_url, settings)):
            await taken(store, count)
            assert await store.fetch(READINGS) == by_http
            count += await send(settings, producer, sent[:3])
            await taken(store, count)
            assert await store.fetch(READINGS) == by_http
        assert await event.verify_all(store) == {}
        counts = await store.fetch(
            "select outcome, sum(n)::int from feed_count group by 1 order by 1"
        )
        assert [tuple(row) for row in counts] == [("duplicate", 3), ("reading", 10)]
        heard = await store.fetch(
            "select checkpoint_id from checkpoint_status where last_reading_at notnull order by 1"
        )
        assert [row[0] for row in heard] == ["js-01", "wj-1"]


async def test_what_the_door_refuses_is_refused_and_kept(bootstrap: str, second_url: str) -> None:
    settings = installation(bootstrap)
    good = passage("wj-1", "1")
    bad = {
        "contradiction": ("wujiang", {**good, "direction": "back"}),
        "checkpoint_id": ("wujiang", passage("wj-77", "1")),
        "expected a point of wujiang": ("wujiang", passage("js-01", "1")),
        "time_future": ("wujiang", passage("wj-1", "2", utc_now() + timedelta(hours=1))),
        "expected no such field": ("wujiang", passage("wj-1", "3", colour="red")),
        "id: expected no such field": ("wujiang", sighting("js-01", "4")),
        "zero character": ("wujiang", passage("wj-1", "\0")),
        "system": ("shanghai", good),
    }
    sent = [by_kafka("wujiang", good), *(by_kafka(*one) for one in bad.values())]
    async with other_store(second_url) as store, producing(settings) as producer:
        count = await send(settings, producer, sent)
        async with working(worker(second_url, settings)):
            await taken(store, count)
        rows = await store.fetch("select detail, raw from rejected_message")
        assert await store.fetchval("select count(*) from reading") == 1
    assert len(rows) == len(bad)
    for word in bad:
        assert sum(word in row["detail"] for row in rows) >= 1, (word, [r["detail"] for r in rows])
    assert all(row["raw"].startswith(b"{") for row in rows)


@asynccontextmanager
async def other_store(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A store with the same points on its register."""
    async with await create_pool(url) as pool:
        await prepare(pool)
        async with pool.acquire() as connection:
            yield connection
