"""Notices from the store to messengers: late or visibly dead, never lost, none for another."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from mail_server import Mailbox, mailbox
from notices_out import NOON, Clock, contact, notice
from notices_store import (
    SENT,
    SHARES,
    Delta,
    killed_while_they_go,
    put_contact,
    sending,
    until_rows,
    write,
)
from outbox_process import all_sent, until
from robots import Robots, robots
from structlog.testing import capture_logs

from db.board import board_messages
from db.people import contact as contact_of
from db.robot import robot_of
from domain.contacts import ContactKind
from streams.notify.board import BoardChannel
from streams.notify.desk import StoreDesk
from streams.notify.dingtalk import DingTalkChannel
from streams.notify.limit import Limit
from streams.notify.webhook import WebhookChannel
from streams.notify.wecom import WeComChannel
from streams.settings import NotifySettings

QUICK = NotifySettings(notify_attempt_s=0.4, notify_retry_first_s=0.02, notify_retry_most_s=0.1)
HURRY = "update outbox set due_at = now() where sent_at is null and dead_at is null"


@pytest.fixture
async def store(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection:
        yield connection


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def there(clock: Clock) -> AsyncIterator[Robots]:
    async with robots(clock) as made:
        yield made


@pytest.fixture
async def mails() -> AsyncIterator[Mailbox]:
    async with mailbox() as made:
        yield made


async def robot(store: asyncpg.Connection, there: Robots, kind: str, name: str) -> None:
    await put_contact(store, contact(kind, there.url(kind, name), name=name))


async def test_a_bad_day_of_one_messenger_is_nobody_elses(
    store: asyncpg.Connection, database_url: str, there: Robots, clock: Clock
) -> None:
    """Every trouble that WeCom can have, one after the other; DingTalk and the board go on."""
    troubles = ["over", "busy", "silent", "reset", "drip", "garbage", "500", "redirect", "429"]
    for kind in ("wecom", "dingtalk"):
        await robot(store, there, kind, kind)
    await put_contact(store, contact("board", "kunshan-env", name="board"))
    there.mode["wecom"] = [*troubles]
    kinds = [WeComChannel, DingTalkChannel, BoardChannel]
    with capture_logs() as said:
        async with sending(database_url, kinds, QUICK, clock) as outbox:
            for number in range(1, 6):
                for place, name in enumerate(("wecom", "dingtalk", "board")):
                    await write(store, name, number * 10 + place)
            await until_rows(store, "channel <> 'wecom' and sent_at is not null", 10)
            assert there.of("wecom") == []
            while len(there.of("wecom")) == 0 or await store.fetchval(SENT) < 15:
                await store.execute(HURRY)  # and a robot that is blocked is let in again
                clock.forward(100)
                await asyncio.sleep(0.05)
            assert all(one.away is None for one in outbox.senders)
    rows = await store.fetch("select * from outbox where channel = 'wecom' order by outbox_id")
    assert all(row["sent_at"] for row in rows)
    assert rows[0]["attempts"] > len(troubles)
    text = "\n".join(one.text for one in there.of("wecom"))
    assert all(notice(n * 10).answer_link in text for n in range(1, 6))
    shown = json.dumps(said, default=str, ensure_ascii=False)
    assert "127.0.0.1" not in shown
    assert "key=" not in shown
    posted = await board_messages(store, ["kunshan-env"], 10)
    assert {one.notice.number for one in posted} == {notice(n * 10 + 2).number for n in range(1, 6)}
    assert {one.notice.mobiles for one in posted} == {()}
    assert await board_messages(store, ["nobody"], 10) == []


async def test_a_dead_end_holds_up_nobody_of_its_channel(
    store: asyncpg.Connection, database_url: str, there: Robots, clock: Clock
) -> None:
    for name in ("dead", "alive"):
        await robot(store, there, "webhook", name)
    there.mode["dead"] = "silent"
    patient = NotifySettings(notify_attempt_s=60)
    async with sending(database_url, [WebhookChannel], patient, clock):
        await write(store, "dead", *range(1, 251))  # more than are taken at once
        await until(lambda: len(there.calls) == 1)
        await write(store, "alive", *range(300, 330))
        await until_rows(store, "destination = 'alive' and sent_at is not null", 30)
        assert await store.fetchval("select sum(attempts) from outbox where sent_at is null") == 0
    assert [one.name for one in there.calls].count("dead") == 1
    assert [one.key for one in there.of("alive")] == [f"notice/n{n:04}" for n in range(300, 330)]


async def test_dead_is_seen_and_can_be_sent_again(
    store: asyncpg.Connection, database_url: str, there: Robots, clock: Clock
) -> None:
    await robot(store, there, "wecom", "loud-key")
    await robot(store, there, "webhook", "worn")
    there.mode |= {"loud-key": "bad_key", "worn": "500"}
    notify = NotifySettings(notify_attempts=4, notify_retry_first_s=0.02, notify_retry_most_s=0.05)
    kinds = [WeComChannel, WebhookChannel]
    async with sending(database_url, kinds, notify, clock):
        await write(store, "loud-key", 1)
        await write(store, "worn", 2)
        await until_rows(store, "dead_at is not null", 2)

        def ask(*words: str) -> list[dict[str, object]]:
            command = [sys.executable, "-m", "ops.cli", "outbox", *words]
            environ = {**os.environ, "DATABASE_URL": database_url}
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
            return [json.loads(line) for line in done.stdout.splitlines()]

        dead = {one["destination"]: one for one in await asyncio.to_thread(ask, "list", "--dead")}
        assert dead["loud-key"]["attempts"] == 1
        assert "93000" in str(dead["loud-key"]["failure"])
        assert dead["worn"]["attempts"] == 4
        assert "given up after 4 attempts" in str(dead["worn"]["failure"])
        there.mode.clear()
        await asyncio.to_thread(ask, "resend", "--dead")
        await all_sent(store)
    assert sorted(one.key for one in there.taken) == ["notice/n0001", "notice/n0002"]


async def test_whom_the_register_no_longer_has(
    store: asyncpg.Connection, database_url: str, there: Robots, clock: Clock
) -> None:
    """The contact is asked for when it is sent to, not when the message was written."""
    await robot(store, there, "webhook", "moved")
    await robot(store, there, "webhook", "gone")
    await write(store, "moved", 1)
    await write(store, "gone", 2)
    await store.execute("update contact set address = $1 where contact_id = 'moved'",
                        there.url("webhook", "new-place"))  # fmt: skip
    await store.execute("update contact set valid_to = now() where contact_id = 'gone'")
    async with sending(database_url, [WebhookChannel], QUICK, clock):
        await until_rows(store, "dead_at is not null", 1)
        await until_rows(store, "sent_at is not null", 1)
    assert [one.name for one in there.taken] == ["new-place"]
    failure = await store.fetchval("select failure from outbox where dead_at is not null")
    assert failure == "the contact is not in the register any more"


async def test_a_limit_outlives_the_sender(store: asyncpg.Connection, database_url: str) -> None:
    limits = (Limit(most=3, seconds=60, near=3),)
    name = robot_of("wecom", "https://robot.example/send?key=loud")
    for _ in range(3):
        desk = StoreDesk(database_url, "wecom", contact_of)
        assert (await desk.reserve(name, limits, NOON)).wait_s == 0
        await desk.close()
    desk = StoreDesk(database_url, "wecom", contact_of)
    assert (await desk.reserve(name, limits, NOON + timedelta(seconds=59))).wait_s == 2
    assert (await desk.reserve(name, limits, NOON + timedelta(seconds=61))).wait_s == 0
    await desk.block(name, NOON + timedelta(seconds=700))
    later = NOON + timedelta(seconds=200)
    waits = await asyncio.gather(*(desk.reserve(name, limits, later) for _ in range(5)))
    assert {one.wait_s for one in waits} == {500}
    assert await desk.contact("nobody") is None
    await desk.close()
    assert "loud" not in str(await store.fetch("select robot::text from robot_use"))


async def test_a_store_that_is_away_is_waited_for(
    store: asyncpg.Connection, database_url: str, there: Robots, clock: Clock
) -> None:
    """The sessions are cut under the sender, and under the desk."""
    await robot(store, there, "wecom", "robot")
    async with sending(database_url, [WeComChannel], QUICK, clock) as outbox:
        await write(store, "robot", 1)
        await all_sent(store)
        await store.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name like 'whistle outbox%' and datname = current_database()"
        )
        await write(store, "robot", 2)
        await all_sent(store)
        await until(lambda: outbox.senders[0].store_up)
    assert [one.key for one in there.taken][-1] == "notice/n0002"


async def test_sigkill_loses_no_notice(
    store: asyncpg.Connection, database_url: str, mails: Mailbox
) -> None:
    async with robots() as there:
        delta = Delta(store, there, mails)
        await delta.register(SHARES)
        await delta.happen()
        await killed_while_they_go(store, database_url, 2, delta)


async def test_embedded_without_anything_set(
    store: asyncpg.Connection, database_url: str, mails: Mailbox
) -> None:
    """No broker, no messenger, no network: the board is there, and what cannot go says why."""
    async with robots() as there:
        delta = Delta(store, there, mails)
        await delta.register({"board-1": 3})
        await put_contact(store, contact("sms", "13800001234", name="sms-1"))
        async with delta.process(database_url) as run:
            await delta.happen()
            await write(store, "sms-1", 100)
            await until_rows(store, "sent_at is not null", 3)
            await until_rows(store, "dead_at is not null", 1)
            told = await run.said("/metrics", lambda status, _: status == 200)
            assert 'whistle_outbox_sent_total{channel="board"} 3.0' in told
            assert 'channel="kafka"' not in told
            ready = json.loads(await run.said("/healthz/ready", lambda status, _: status == 200))
            assert set(ready) == {"ready", *(str(kind) for kind in ContactKind)}
            assert await run.terminate() == 0
