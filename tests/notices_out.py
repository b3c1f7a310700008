"""Notices on their way: a desk without a store, channels on it, and what was told of each."""

import asyncio
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.outbox import Waiting
from db.robot import RobotUse
from domain.contacts import Contact, ContactKind
from domain.notices import Notice, NoticeKind, message_id_of, payload_of
from streams.notify.limit import Limit, Turn, turn, used
from streams.outbox.channel import Answer, Channel

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def notice(number: int = 1, **changes: Any) -> Notice:
    """The notice of this number; its link is its own."""
    made = Notice(
        notice_id=f"n{number:04}",
        incident_id="0f1e2d3c-0000-4000-8000-000000000001",
        number=f"2026-1120-{number:02}",
        title="疑似无证渣土船出境",
        what="两艘满载驳船离开青浦，未见转移审批",
        where="太浦河，金泽站下游 1.3 km",
        lon=120.9583,
        lat=31.0266,
        link="https://console.example/Incidents",
        why=("船名不在名录", "夜间出境"),
        told=("吴江区生态环境局",),
        answer_link=f"https://ack.example/a/{number:024}",
        lang="zh",
        kind=NoticeKind.ALARM,
        mobiles=("13800000000",),
    )
    return replace(made, **changes)


def waiting(number: int = 1, contact_id: str = "c-1", **changes: Any) -> Waiting:
    """A notice as the sender takes it."""
    said = notice(number)
    made = Waiting(
        outbox_id=number,
        destination=contact_id,
        ordering_key=contact_id,
        message_id=message_id_of(said),
        payload=payload_of(said),
        content_type="application/json",
        created_at=NOON,
    )
    return replace(made, **changes)


def contact(kind: str, address: str, secret: str | None = None, name: str = "c-1") -> Contact:
    return Contact(name, "kunshan-env", None, ContactKind(kind), address, secret)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class MemoryDesk:
    """What `StoreDesk` does, without a store; tests/integration holds that to this."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    uses: dict[bytes, RobotUse] = field(default_factory=dict)

    async def contact(self, contact_id: str) -> Contact | None:
        return self.contacts.get(contact_id)

    async def reserve(self, robot: bytes, limits: Sequence[Limit], now: datetime) -> Turn:
        use = self.uses.get(robot, RobotUse())
        found = turn(use, limits, now)
        if found.wait_s <= 0:
            self.uses[robot] = used(use, limits, now)
        return found

    async def block(self, robot: bytes, until: datetime) -> None:
        self.uses[robot] = RobotUse(self.uses[robot].used_at, until)

    async def post(self, contact: Contact, message: Waiting, notice: Notice) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        pass


Told = list[tuple[Waiting, Answer]]


async def told(channel: Channel, *messages: Waiting) -> Told:
    """What the channel tells of each of these messages."""
    found: Told = []
    async with asyncio.timeout(30):
        await channel.send(messages, lambda one, answer: found.append((one, answer)))
    return found


async def answer(channel: Channel, message: Waiting | None = None) -> Answer:
    """What it tells of one message."""
    ((_, said),) = await told(channel, message or waiting())
    return said


def own_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side for 127.0.0.1, and the file of the certificate that nobody else knows."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *made, *subject, *files], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls, certificate
