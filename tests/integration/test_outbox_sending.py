"""From the outbox to a real broker: in order per key, with whatever breaks in between."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from ingest_process import settled
from kafka_broker import installation
from outbox_process import (
    QUICK,
    TOPICS,
    OutboxProcess,
    all_sent,
    in_order,
    log_of,
    sending,
    until,
    with_topics,
)
from outgoing_events import MINUTE, NOON, bare_message, cross, crossing, louder, suspect
from relay_process import beside
from store_proxy import Proxy
from structlog.testing import capture_logs

from db.outbox import Waiting, mark_sent, take
from ops.broker import Broker
from streams.kafka.client import options, topic_name
from streams.kafka.topics import create
from streams.outbox.kafka import KafkaChannel
from streams.settings import KafkaSettings

CROSSINGS = "whistle.crossings"
SENT = "select count(*) from outbox where sent_at is not null"


@pytest.fixture
async def store(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection:
        yield connection


@pytest.fixture
async def kafka(bootstrap: str) -> KafkaSettings:
    return await with_topics(bootstrap)


async def happen(store: asyncpg.Connection, turn: int, vessels: int = 4) -> list[str]:
    """Each vessel crosses a border and its alert goes on; the ids of the crossings."""
    found = [crossing(number, turn) for number in range(vessels)]
    await cross(store, *found)
    for number in range(vessels):
        more = louder(36 + turn) if turn else {}
        await suspect(store, number, **more, last_at=NOON + turn * MINUTE)
    return [f"crossing/{one.crossing_id}" for one in found]


async def test_everything_arrives_once_in_order_and_an_absent_reader_catches_up(
    store: asyncpg.Connection, database_url: str, kafka: KafkaSettings
) -> None:
    first = [one for turn in range(3) for one in await happen(store, turn)]

    async def read(count: int) -> set[str]:
        """What a reader of a group finds since it last was here."""
        names = [topic_name(kafka, one.name) for one in TOPICS]
        consumer = AIOKafkaConsumer(
            *names, **options(kafka), group_id="reader", auto_offset_reset="earliest",
            enable_auto_commit=False,
        )  # fmt: skip
        await consumer.start()
        found: list[str] = []
        try:
            async with asyncio.timeout(30):
                while len(found) < count:
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += [json.loads(one.value)["id"] for one in records]
            await consumer.commit()
        finally:
            await consumer.stop()
        assert len(found) == count
        return set(found)

    async with sending(database_url, kafka) as outbox:
        await all_sent(store)
        assert set(first) <= await read(24)
        second = [one for turn in range(3, 5) for one in await happen(store, turn)]
        await all_sent(store)
        late = await read(16)
        assert set(second) <= late
        assert late.isdisjoint(first)
    assert outbox.stored == 40
    assert await in_order(store, await log_of(kafka, *second)) == 0
    assert not await store.fetchval("select count(*) from outbox where attempts <> 1")


async def limited_topic(kafka: KafkaSettings, name: str, most: int) -> None:
    """A topic whose broker takes no record of more than `most` bytes."""
    admin = AIOKafkaAdminClient(**options(kafka))
    await admin.start()
    try:
        limit = {"max.message.bytes": str(most)}
        await admin.create_topics([NewTopic(topic_name(kafka, name), 1, 1, topic_configs=limit)])
    finally:
        await admin.close()


async def test_what_can_never_be_sent_is_given_up_and_what_follows_goes_on(
    store: asyncpg.Connection, database_url: str, kafka: KafkaSettings, broker: Broker
) -> None:
    await limited_topic(kafka, "narrow", 1000)
    ids = await happen(store, 0)
    huge = await bare_message(store, CROSSINGS, "1", "huge", b" " * 1_100_000)
    wide = await bare_message(store, "narrow", "1", "wide", b" " * 2000)
    for number in range(5):
        await bare_message(store, "narrow", "1", f"after {number}", b" " * 300)
        await bare_message(store, "narrow", f"{number + 2}", f"beside {number}", b" " * 300)
    lost = await bare_message(store, "nowhere", "1", "lost")
    behind = await bare_message(store, "nowhere", "1", "behind")
    with capture_logs() as said:
        async with sending(database_url, kafka) as outbox:
            await until(lambda: outbox.senders[0].sent >= 18)
            ids += await happen(store, 1)
            await until(lambda: outbox.senders[0].sent >= 26)
            assert outbox.senders[0].away is None
    rows = {row["message_id"]: row for row in await store.fetch("select * from outbox")}
    assert (rows["huge"]["dead_at"], rows["wide"]["dead_at"]) != (None, None)
    assert "1100" in rows["huge"]["failure"]
    assert "MessageSizeTooLarge" in rows["wide"]["failure"]
    assert all(rows[f"after {number}"]["sent_at"] for number in range(5))
    assert rows["lost"]["sent_at"] is rows["lost"]["dead_at"] is None
    assert "whistle topics create" in rows["lost"]["failure"]
    assert rows["lost"]["due_at"] > rows["lost"]["created_at"]
    assert rows["behind"]["attempts"] == 0
    assert {one["message_id"] for one in said if one["action"] == "outbox.dead"} == {"huge", "wide"}
    assert len([one for one in said if one["action"] == "outbox.later"]) == 1

    def ask(*words: str) -> tuple[list[dict[str, object]], str]:
        command = [sys.executable, "-m", "ops.cli", "outbox", *words]
        environ = {**os.environ, "DATABASE_URL": database_url}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    waiting, _ = await asyncio.to_thread(ask, "list")
    assert [one["outbox_id"] for one in waiting] == [huge, wide, lost, behind]
    dead, _ = await asyncio.to_thread(ask, "list", "--dead")
    assert [one["message_id"] for one in dead] == ["huge", "wide"]
    assert dead[0]["bytes"] == 1_100_000
    _, told = await asyncio.to_thread(ask, "resend", "--dead")
    assert told == "2 messages are due again\n"
    again = await store.fetchrow("select * from outbox where outbox_id = $1", wide)
    assert again is not None
    assert (again["dead_at"], again["failure"], again["attempts"]) == (None, None, 0)
    payload = await store.fetchval("select payload from event where stream_kind = 'outbox'")
    assert json.loads(payload) == {"ids": [huge, wide]}


async def test_a_topic_that_comes_late_gets_what_waited(
    store: asyncpg.Connection, database_url: str, bootstrap: str
) -> None:
    kafka = installation(bootstrap)
    ids = await happen(store, 0)
    async with sending(database_url, kafka) as outbox:
        await until(lambda: outbox.senders[0].put_off >= 8)
        await create(kafka, TOPICS)
        await store.execute("update outbox set due_at = now()")
        await all_sent(store)
    assert await in_order(store, await log_of(kafka, *ids)) == 0


async def test_the_broker_dies_in_the_middle(
    store: asyncpg.Connection, database_url: str, broker: Broker
) -> None:
    kafka = await with_topics(broker.bootstrap)
    with capture_logs() as said:
        async with sending(database_url, kafka) as outbox:
            sender = outbox.senders[0]
            await happen(store, 0)
            await until(lambda: sender.sent >= 4)
            await beside(broker.kill)
            ids = await happen(store, 1)
            await until(lambda: sender.away is not None)
            assert outbox.ready()[0] is False
            starting = asyncio.create_task(beside(broker.start))
            ids += await happen(store, 2)
            await starting
            await all_sent(store)
            assert outbox.ready()[0] is True
    log = await log_of(kafka, *ids)
    await in_order(store, log)
    actions = [one["action"] for one in said]
    assert (actions.count("outbox.away"), actions.count("outbox.back")) == (1, 1)


async def test_the_store_is_away(
    store: asyncpg.Connection, database_url: str, kafka: KafkaSettings
) -> None:
    wire = Proxy(database_url)
    await wire.mend()
    with capture_logs() as said:
        async with sending(wire.url, kafka) as outbox:
            ids = await happen(store, 0)
            await all_sent(store)
            await wire.cut()
            await until(lambda: not outbox.senders[0].store_up)
            assert outbox.ready()[0] is False
            ids += await happen(store, 1)
            await wire.mend()
            await all_sent(store)
        await wire.cut()
    assert await in_order(store, await log_of(kafka, *ids)) == 0
    actions = [one["action"] for one in said]
    assert (actions.count("store.lost"), actions.count("store.recovered")) == (1, 1)


async def test_of_two_one_sends_and_the_other_takes_over(
    store: asyncpg.Connection, database_url: str, kafka: KafkaSettings
) -> None:
    """The one that sends loses its session, then is frozen; nothing comes out of order."""
    async with sending(database_url, kafka) as here:
        mine = here.senders[0]
        await until(lambda: mine.sending)
        async with OutboxProcess(database_url, kafka) as there:
            standing_by = await there.said("/healthz/ready", lambda status, _: status == 200)
            assert json.loads(standing_by)["kafka"]["sending"] is False
            ids = await happen(store, 0)
            await all_sent(store)
            assert mine.sent == 8
            here.stop()
            await until(lambda: not mine.sending)
            await there.said("/healthz/ready", lambda _, body: '"sending": true' in body)
            ids += await happen(store, 1)
            await all_sent(store)
            there.process.send_signal(signal.SIGSTOP)  # its connections stay open
            ids += await happen(store, 2)
            async with sending(database_url, kafka) as third:
                await all_sent(store)
                assert third.senders[0].sent > 0
                there.process.send_signal(signal.SIGCONT)
                ids += await happen(store, 3)
                await there.said("/healthz/ready", lambda _, body: '"sending": false' in body)
                await all_sent(store)
                told = await there.said("/metrics", lambda status, _: status == 200)
                assert 'whistle_outbox_sending{channel="kafka"} 0.0' in told
                assert 'whistle_outbox_sent_total{channel="kafka"} 8.0' in told
            assert await there.terminate() == 0
    assert await in_order(store, await log_of(kafka, *ids)) <= 8


async def test_an_old_owner_that_wakes_up_sends_only_repeats(
    store: asyncpg.Connection, database_url: str, kafka: KafkaSettings
) -> None:
    """Three send what they took at different times, without any lock, all at once."""
    clients = [KafkaChannel(kafka) for _ in range(3)]
    works = []
    told: Counter[str] = Counter()

    async def send(client: KafkaChannel, messages: list[Waiting]) -> None:
        await client.send(messages, lambda one, _: told.update([one.message_id]))

    try:
        for turn, client in enumerate(clients):
            ids = await happen(store, turn, vessels=3)
            messages = await take(store, "kafka", 200)
            works.append(asyncio.create_task(send(client, messages)))
            await until(lambda n=turn: len(told) > n)  # the others begin while it is at it
        await asyncio.gather(*works)
        await mark_sent(store, [one.outbox_id for one in messages])
    finally:
        for client in clients:
            await client.close()
    assert await in_order(store, await log_of(kafka, *ids)) == told.total() - 18 > 0


async def killed_while_rows_come(
    store: asyncpg.Connection, database_url: str, kafka: KafkaSettings, kills: int
) -> None:
    """SIGKILL of the sender again and again; at the end all is there, first seen in order."""
    ids: list[str] = []
    for turn in range(kills + 1):
        async with OutboxProcess(database_url, kafka) as run:
            ids += await happen(store, turn, vessels=20)
            sent = await store.fetchval(SENT)
            await settled(store, SENT, lambda now, at=sent + turn * 7 % 30: now > at)
            if turn < kills:
                await run.kill()
            else:
                await all_sent(store)
                assert await run.terminate() == 0, run.errors.decode()
    again = await in_order(store, await log_of(kafka, *ids))
    print(f"{len(ids) * 2} messages, {kills} kills, {again} sent twice")
    assert again <= kills * 40  # of each key one is on its way


async def test_sigkill_loses_nothing(
    store: asyncpg.Connection, database_url: str, kafka: KafkaSettings
) -> None:
    await killed_while_rows_come(store, database_url, kafka, kills=2)


@pytest.mark.faults
async def test_ten_times_sigkill_loses_nothing(
    store: asyncpg.Connection, database_url: str, kafka: KafkaSettings
) -> None:
    await killed_while_rows_come(store, database_url, kafka, kills=10)


async def test_a_stop_leaves_the_rest_in_the_store(
    store: asyncpg.Connection, database_url: str
) -> None:
    """With a broker that was never there, a stop waits for nothing."""
    kafka = KafkaSettings(kafka_bootstrap="127.0.0.1:9")
    await happen(store, 0)
    with capture_logs() as said:
        async with sending(database_url, kafka) as outbox:
            await until(lambda: outbox.senders[0].away is not None)
            await asyncio.sleep(QUICK.outbox_takeover_s)  # and keeps its place meanwhile
            assert outbox.senders[0].sending
    assert await store.fetchval("select count(*) from outbox where sent_at is null") == 8
    assert [one["action"] for one in said] == ["outbox.sending", "outbox.away"]
