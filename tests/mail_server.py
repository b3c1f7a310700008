"""A mail server on loopback that takes mail, or does not, as told."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "whistle", "loud-password"
RCPT = {"no_user": "550 5.1.1 <{address}> unknown", "greylisted": "450 4.2.0 {address} again"}
DATA = {"refused": "554 5.7.1 no mail from {address}", "full": "452 4.2.2 {address} is full"}
ODD = ("silent", "reset")


@dataclass
class Mailbox:
    """`mails`: what was taken over; `to`: for whom. `mode`: a list is gone through."""

    mails: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    mode: list[str] = field(default_factory=list)
    asked: int = 0
    secure: list[bool] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked += 1
        said = RCPT.get(self.mode[0]) if self.mode else None
        if said is not None:
            self.mode.pop(0)
            return said.format(address=address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        mode = self.mode.pop(0) if self.mode else ""
        if mode == "silent":
            await asyncio.Event().wait()
        if mode == "reset":
            server.transport.abort()
            await asyncio.Event().wait()
        if mode in DATA:
            return DATA[mode].format(address=envelope.mail_from)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.to += envelope.rcpt_tos
        self.secure.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 2.0.0 queued"

    @property
    def keys(self) -> list[str]:
        """Idempotency keys of what was taken over."""
        return [str(one["Message-ID"]) for one in self.mails]


def _login(
    _server: SMTP, _session: Session, _envelope: Envelope, how: str, data: Any
) -> AuthResult:
    if not isinstance(data, LoginPassword):
        return AuthResult(success=False, handled=False)
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mailbox(
    security: str = "none", tls: ssl.SSLContext | None = None, *, login: bool = False
) -> AsyncIterator[Mailbox]:
    """It listens at a free port while inside; with `login` only who gives `PASSWORD` is heard."""
    made = Mailbox()
    loop = asyncio.get_running_loop()
    served: list[SMTP] = []

    def serve() -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # of a sign-in without STARTTLS
            one = SMTP(
                made,
                hostname="mail.example",
                tls_context=tls if security == "starttls" else None,
                require_starttls=security == "starttls",
                authenticator=_login,
                auth_required=login,
                auth_require_tls=security == "starttls",  # it knows no other TLS
                loop=loop,
            )
        served.append(one)
        return one

    implicit = tls if security == "tls" else None
    server = await loop.create_server(serve, "127.0.0.1", 0, ssl=implicit)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for one in served:
            if one.transport is not None:
                one.transport.abort()
            if one._handler_coroutine is not None:
                one._handler_coroutine.cancel()
                await asyncio.wait([one._handler_coroutine])
        await server.wait_closed()
