"""Everything breaks in turn while messages stream in; each has its effect exactly once."""

import asyncio
import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from breaking import Trouble
from door_process import passage, prepare
from kafka_broker import installation
from kafka_traffic import (
    KEY,
    Sent,
    messages_of,
    producing,
    records_of,
    send,
    what_stands,
)
from killing import opened
from store_content import digests, ingest

from db.pool import create_pool
from domain.clock import utc_now
from ops.broker import Broker
from ops.cluster import Cluster
from seed.history import RECORDED_FROM, write_history
from streams.contracts.records import VESSELS
from streams.inputs import Input
from streams.sources.file import FileSource


async def test_what_breaks_once_breaks_nothing(
    broker: Broker, cluster: Cluster, database_url: str, second_url: str, tmp_path: Path
) -> None:
    await whatever_breaks(
        broker, cluster, database_url, second_url, tmp_path,
        barges=40, minutes=20, kills=2, broker_kills=1, store_restarts=1, cuts=1, frozen_s=1,
    )  # fmt: skip


@pytest.mark.faults
@pytest.mark.timeout(3600)
async def test_what_breaks_in_turn_breaks_nothing(
    broker: Broker, cluster: Cluster, database_url: str, second_url: str, tmp_path: Path
) -> None:
    await whatever_breaks(
        broker, cluster, database_url, second_url, tmp_path,
        barges=950, minutes=60, kills=30, broker_kills=5, store_restarts=5, cuts=5, frozen_s=20,
    )  # fmt: skip


async def whatever_breaks(
    broker: Broker,
    cluster: Cluster,
    database_url: str,
    second_url: str,
    folder: Path,
    *,
    barges: int,
    minutes: int,
    kills: int,
    broker_kills: int,
    store_restarts: int,
    cuts: int,
    frozen_s: float,
) -> None:
    """The recording by Kafka under all this equals the recording by a direct call without."""
    chance = random.Random(4)
    recording = folder / "day.nmea"
    write_history(
        recording, barges=barges, seed=9, until=RECORDED_FROM + minutes * 60,
        duration_s=minutes * 60,
    )  # fmt: skip
    async with opened(second_url) as store:
        await ingest(second_url, Input(FileSource(recording, feed_id="ais"), "file", None)).run()
        undisturbed = await what_stands(store)
    async with opened(database_url), await create_pool(database_url) as pool:
        await prepare(pool)
    settings = installation(broker.bootstrap, kafka_session_s=3)
    messages = messages_of(recording)
    sent = list(_mixed(messages, chance))
    async with producing(settings, patience_ms=120_000) as producer:
        sending = asyncio.create_task(send(settings, producer, sent))
        trouble = Trouble(
            broker, cluster, database_url, settings=settings, records=len(sent), chance=chance
        )
        await trouble.all(
            ["kill"] * kills
            + ["broker"] * broker_kills
            + ["store"] * store_restarts
            + ["freeze"]
            + ["cut"] * cuts,
            frozen_s,
        )
        assert await sending == len(sent)
        await trouble.quiet()
    async with opened(database_url) as store:
        found = await what_stands(store)
        bad = [row for row in found["rejected"] if row[0] == "kafka"]
        readings = await store.fetch("select source_key from reading order by 1")
    found["rejected"] = [row for row in found["rejected"] if row[0] != "kafka"]
    found["counts"] = [row for row in found["counts"] if row[0] == "ais"]
    print(
        f"\n{len(messages)} messages of vessels and receivers, {len(readings)} readings, "
        f"{len(bad)} bad records in {len(sent)} records; {trouble.done}"
    )
    assert sorted(row[5] for row in bad) == sorted(one[2] for one in sent if one[2][:4] == b"bad ")
    wanted = sorted(
        json.loads(one[2])["body"]["passage_no"] for one in sent if one[0] == "checkpoint.readings"
    )
    assert [row[0] for row in readings] == wanted
    assert digests(found) == digests(undisturbed)
    assert found == undisturbed


def _mixed(messages: list[Any], chance: random.Random) -> Iterator[Sent]:
    """The recording's records, and in between readings and bad ones, numbered."""
    at = utc_now() - timedelta(minutes=1)
    for number, record in enumerate(records_of(messages, together=10)):
        yield record
        if chance.random() < 0.05:
            body = passage(f"wj-{1 + number % 2}", f"{number:06}", at)
            told = {"v": 1, "system": "wujiang", "body": body}
            yield "checkpoint.readings", str(body["gate"]).encode(), json.dumps(told).encode()
        if chance.random() < 0.05:
            yield VESSELS.name, KEY, b"bad %06d" % number
