"""Notices in a real store on their way to servers that stand for messengers."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from ingest_process import settled
from mail_server import Mailbox
from notices_out import Clock, contact, notice
from outbox_process import QUICK, OutboxProcess, all_sent
from robots import Call, Robots

from db.outbox import add_messages
from db.people import contact as contact_of
from domain.contacts import Contact
from domain.notices import notice_message
from streams.notify.desk import StoreDesk
from streams.notify.people import PeopleChannel
from streams.outbox.outbox import Outbox
from streams.settings import KafkaSettings, NotifySettings

NO_BROKER = KafkaSettings(kafka_bootstrap="")
SHARES = {
    **{f"webhook-{n}": 6 for n in range(1, 5)},
    "wecom-1": 3,
    "dingtalk-1": 3,
    "feishu-1": 6,
    "smtp-1": 7,
    "board-1": 7,
}
"""Notices to each contact in a turn."""
SENT = "select count(*) from outbox where sent_at is not null"


async def put_contact(store: asyncpg.Connection, one: Contact) -> None:
    """As the register has it."""
    await store.execute(
        "insert into contact (contact_id, authority_id, officer_id, kind, address, secret,"
        " valid_from, recorded_from) values ($1, $2, $3, $4, $5, $6, now(), now())",
        *(one.contact_id, one.authority_id, one.officer_id, one.kind, one.address, one.secret),
    )


async def write(store: asyncpg.Connection, to: str, *numbers: int) -> None:
    """Notices of these numbers for a contact, as a command writes them."""
    channel = await store.fetchval("select kind from contact where contact_id = $1", to)
    said = [notice_message(channel, to, notice(number)) for number in numbers]
    async with store.transaction():
        await add_messages(store, said)


@asynccontextmanager
async def sending(
    url: str, kinds: Sequence[type[PeopleChannel]], notify: NotifySettings, clock: Clock
) -> AsyncIterator[Outbox]:
    """An outbox with these channels in this loop."""
    made = [one(StoreDesk(url, one.name, contact_of), notify, clock) for one in kinds]
    outbox = Outbox(url, made, QUICK)
    running = asyncio.create_task(outbox.run())
    try:
        yield outbox
        outbox.stop()
        async with asyncio.timeout(60):
            await running
    finally:
        running.cancel()
        await asyncio.wait([running])


async def until_rows(store: asyncpg.Connection, condition: str, count: int) -> None:
    """Wait until so many rows of the outbox are so."""
    query = f"select count(*) from outbox where {condition}"  # noqa: S608 - of a test
    await settled(store, query, lambda now: now >= count)


class Delta:
    """Contacts by every messenger, and where what is sent to them arrives."""

    def __init__(self, store: asyncpg.Connection, there: Robots, mails: Mailbox) -> None:
        self.store, self.there, self.mails = store, there, mails
        self.written: dict[str, list[int]] = defaultdict(list)
        self._number = 0

    async def register(self, shares: dict[str, int]) -> None:
        """A contact for each name (`webhook-1`: by webhook), told so many of each turn."""
        self.shares = shares
        for name in shares:
            kind = name.partition("-")[0]
            address = {"smtp": f"{name}@office.example", "board": "kunshan-env"}.get(kind)
            secret = "loud" if kind in {"dingtalk", "feishu", "webhook"} else None
            if secret:
                self.there.secrets[name] = secret
            address = address or self.there.url(kind, name)
            await put_contact(self.store, contact(kind, address, secret, name))

    async def happen(self) -> int:
        """A turn: everybody is told something; how many notices that is."""
        for place in range(max(self.shares.values())):
            for name, share in self.shares.items():
                if place < share:
                    self._number += 1
                    self.written[name].append(self._number)
                    await write(self.store, name, self._number)
        return sum(self.shares.values())

    def process(self, url: str) -> OutboxProcess:
        """`whistle outbox` without a broker, with this mail server."""
        return OutboxProcess(
            url,
            NO_BROKER,
            WHISTLE_NOTIFY_SMTP_HOST="127.0.0.1",
            WHISTLE_NOTIFY_SMTP_PORT=str(self.mails.port),
            WHISTLE_NOTIFY_SMTP_SECURITY="none",
            WHISTLE_NOTIFY_SMTP_FROM="whistle@delta.example",
            WHISTLE_NOTIFY_RETRY_FIRST_S="0.05",
            WHISTLE_NOTIFY_ATTEMPT_S="5",
        )

    async def check(self) -> tuple[int, int]:
        """All is sent and has arrived, each contact's in order; (messages, how many repeats).

        A repeat has the key or the links that its first time had.
        """
        rows = await self.store.fetch("select destination, message_id, sent_at from outbox")
        assert all(row["sent_at"] for row in rows)
        again = 0
        for name, numbers in self.written.items():
            arrived = await self._arrived(name)
            first = list(dict.fromkeys(arrived))
            assert first == numbers, name
            again += len(arrived) - len(numbers)
        assert self.there.wrong == []
        bodies = defaultdict(set)
        for call in self.there.taken:
            bodies[call.name, call.key].add(_said(call))
        assert {len(one) for one in bodies.values()} == {1}  # a key stands for one text
        return len(rows), again

    async def _arrived(self, name: str) -> list[int]:
        kind = name.partition("-")[0]
        if kind == "board":
            rows = await self.store.fetch(
                "select message_id from board_message where contact_id = $1 order by posted_at",
                name,
            )
            found = [int(row["message_id"].removeprefix("notice/n")) for row in rows]
            assert max(Counter(found).values()) == 1
            return found
        if kind == "smtp":
            own = [
                str(one["Message-ID"])
                for one in self.mails.mails
                if str(one["To"]) == f"{name}@office.example"
            ]
            return [int(one.partition("@")[0].removeprefix("<notice/n")) for one in own]
        if kind == "webhook":
            return [int(one.key.removeprefix("notice/n")) for one in self.there.of(name)]
        return [number for one in self.there.of(name) for number in _links(one)]


def _links(call: Call) -> list[int]:
    return [int(part[:24]) for part in call.text.split("https://ack.example/a/")[1:]]


def _said(call: Call) -> str:
    return call.raw.decode() if call.kind == "webhook" else call.text


async def killed_while_they_go(
    store: asyncpg.Connection, url: str, kills: int, delta: Delta
) -> None:
    """SIGKILL of the sender again and again; at the end all is there, repeats by their keys."""
    for turn in range(kills + 1):
        async with delta.process(url) as run:
            await delta.happen()
            sent = await store.fetchval(SENT)
            unsent = await store.fetchval("select count(*) from outbox") - sent
            goal = sent + 1 + turn * 7 % max(1, unsent // 2)
            if turn < kills:
                await settled(store, SENT, lambda now, at=goal: now >= at)
                await run.kill()
            else:
                await all_sent(store, 240)
                assert await run.terminate() == 0, run.errors.decode()
            assert b"loud" not in run.errors
            assert b"office.example" not in run.errors
    messages, again = await delta.check()
    calls = len(delta.there.calls)
    print(f"{messages} notices, {kills} kills, {again} arrived twice, {calls} calls")
    assert again < messages
