"""E-mail against a mail server that takes it, or does not."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from mail_server import PASSWORD, USER, Mailbox, mailbox
from notices_out import Clock, MemoryDesk, answer, contact, notice, own_certificate, told, waiting

from domain.errors import InvalidInput
from domain.notices import payload_of, subject_of, text_of
from streams.notify.smtp import SmtpChannel, message_id
from streams.outbox.channel import Later, Refused, Sent
from streams.settings import NotifySettings

ADDRESS = "loud.duty@office.example"


def channel_to(there: Mailbox, **settings: object) -> SmtpChannel:
    """With one contact `c-1` at the desk."""
    made = {
        "notify_smtp_host": "127.0.0.1",
        "notify_smtp_port": there.port,
        "notify_smtp_security": "none",
        "notify_smtp_from": "whistle@delta.example",
        "notify_attempt_s": 5,
    }
    desk = MemoryDesk({"c-1": contact("smtp", ADDRESS)})
    return SmtpChannel(desk, NotifySettings(**{**made, **settings}), Clock())  # type: ignore[arg-type]


@pytest.fixture
async def there() -> AsyncIterator[Mailbox]:
    async with mailbox() as made:
        yield made


async def test_a_mail_is_taken_over(there: Mailbox) -> None:
    channel = channel_to(there)
    for _ in range(2):
        assert await answer(channel) == Sent()
    first, again = there.mails
    assert first.as_bytes() == again.as_bytes()
    assert there.to == [ADDRESS, ADDRESS]
    assert there.keys == ["<notice/n0001@delta.example>"] * 2
    assert first["Subject"] == subject_of(notice())
    assert first["To"] == ADDRESS
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content().replace("\r\n", "\n").rstrip() == text_of(notice(), 20_000)
    await channel.close()


MEANT = [
    ("no_user", Refused, "refuses the recipient (550)"),
    ("greylisted", Later, "refuses the recipient (450)"),
    ("refused", Refused, "refuses the message (554)"),
    ("full", Later, "refuses the message (452)"),
    ("silent", Later, "no answer within 0.4 s"),
    ("reset", Later, "broke off"),
]


@pytest.mark.parametrize(("mode", "outcome", "words"), MEANT)
async def test_what_an_answer_means(there: Mailbox, mode: str, outcome: type, words: str) -> None:
    channel = channel_to(there, notify_attempt_s=0.4 if mode == "silent" else 5)
    there.mode = [mode]
    said = await answer(channel)
    assert isinstance(said, outcome), said
    assert words in said.why  # type: ignore[attr-defined]
    assert not re.search(r"loud|office|delta", repr(said))
    assert there.mails == []
    assert await answer(channel_to(there)) == Sent()


async def test_nobody_there_and_none_set(there: Mailbox) -> None:
    said = await answer(channel_to(there, notify_smtp_port=9))
    assert isinstance(said, Later)
    assert "nobody answers" in said.why
    said = await answer(channel_to(there, notify_smtp_host=""))
    assert isinstance(said, Refused)
    assert "WHISTLE_NOTIFY_SMTP_HOST" in said.why


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_in_confidence_with_a_password(tmp_path: Path, security: str) -> None:
    tls, certificate = own_certificate(tmp_path)
    async with mailbox(security, tls, login=True) as there:
        how = {"notify_smtp_security": security, "notify_smtp_user": USER}
        right = {**how, "notify_ca_file": certificate, "notify_smtp_password": PASSWORD}
        said = await answer(channel_to(there, **{**right, "notify_smtp_password": "wrong"}))
        assert isinstance(said, Later)
        assert said.why == "the mail server does not accept user and password (535)"
        said = await answer(channel_to(there, **{**right, "notify_ca_file": None}))
        assert isinstance(said, Later)
        assert there.mails == []
        assert await answer(channel_to(there, **right)) == Sent()
        assert there.secure == [True]


async def test_it_is_not_sent_in_the_open_when_that_was_not_meant(there: Mailbox) -> None:
    for security in ("tls", "starttls"):
        said = await answer(channel_to(there, notify_smtp_security=security))
        assert isinstance(said, Later), said
    assert there.mails == []


async def test_through_a_proxy(there: Mailbox) -> None:
    asked: list[bytes] = []

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if b"Basic" not in asked[-1]:
            writer.write(b"HTTP/1.1 407 No\r\n\r\n")
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", there.port)
        writer.write(b"HTTP/1.1 200 Connected\r\nvia: x\r\n\r\n")

        async def pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            while data := await source.read(1024):
                to.write(data)
            to.close()

        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        proxy = f"http://loud:p%40ss@127.0.0.1:{port}"
        named = {"notify_smtp_host": "mail.invalid", "notify_smtp_port": 2525}
        assert await answer(channel_to(there, **named, notify_smtp_proxy=proxy)) == Sent()
        assert asked[0].startswith(b"CONNECT mail.invalid:2525 HTTP/1.1\r\n")
        assert b"bG91ZDpwQHNz" in asked[0]
        proxy = f"http://127.0.0.1:{port}"
        said = await answer(channel_to(there, **named, notify_smtp_proxy=proxy))
        assert isinstance(said, Later)
        assert said.why == "the proxy does not connect us"
    with pytest.raises(InvalidInput, match="WHISTLE_NOTIFY_SMTP_PROXY"):
        channel_to(there, notify_smtp_proxy="https://127.0.0.1:1")


async def test_a_name_writes_no_header(there: Mailbox) -> None:
    evil = replace(notice(), title="甲\r\nBcc: all@office.example", number="1\nX: y")
    channel = channel_to(there)
    message = waiting(payload=payload_of(evil))
    assert [said for _, said in await told(channel, message)] == [Sent()]
    (mail,) = there.mails
    assert mail["Bcc"] is mail["X"] is None
    assert there.to == [ADDRESS]


def test_a_message_id_has_only_what_it_may_have() -> None:
    assert message_id("notice/6c1f", "h.example") == "<notice/6c1f@h.example>"
    assert message_id("a b<>@\n..号", "h") == "<a%20b%3C%3E%40%0A%2E.%E5%8F%B7@h>"
