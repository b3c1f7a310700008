"""Group robots, webhooks and an SMS gateway on loopback, that behave as theirs are documented.

Each has its limits, counted by a clock that is given, checks signatures, and answers as told.
"""

import asyncio
import base64
import hmac
import json
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from domain.clock import utc_now

ODD = ("silent", "reset", "drip", "garbage", "endless", "500", "redirect", "429", "403")
"""What any of them may be told to do instead of answering."""
_CODES = {
    "wecom": {"busy": -1, "bad_type": 40008, "over": 45009, "bad_key": 93000, "unheard": 44444},
    "dingtalk": {"busy": -1, "blocked": 130101, "safety": 310000, "bad_key": 300001},
    "feishu": {"over": 11232, "signature": 19021, "bad_key": 19001, "bad_type": 9499},
}
_CODE_FIELD = {"wecom": "errcode", "dingtalk": "errcode", "feishu": "code"}
_HOUR_S = 3600


@dataclass(frozen=True)
class Call:
    """A request as it came, before anybody judged it."""

    kind: str
    name: str
    path: str
    headers: dict[str, str]
    body: Any
    raw: bytes
    at: datetime

    @property
    def key(self) -> str:
        """The idempotency key."""
        return self.headers["idempotency-key"]

    @property
    def text(self) -> str:
        body = self.body
        return str(body["content"]["text"] if self.kind == "feishu" else body["text"]["content"])


@dataclass
class Robots:
    """`calls`: all that came; `taken`: what was accepted. `mode`: by name, what to do; a list is
    gone through, then all is well. `secrets`: by name, checked when there."""

    clock: Callable[[], datetime] = utc_now
    calls: list[Call] = field(default_factory=list)
    taken: list[Call] = field(default_factory=list)
    mode: dict[str, str | list[str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"
    _uses: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    _blocked: dict[str, datetime] = field(default_factory=dict)

    def url(self, kind: str, name: str) -> str:
        """The address of a robot."""
        path = {
            "wecom": f"/cgi-bin/webhook/send?key={name}",
            "dingtalk": f"/robot/send?access_token={name}",
            "feishu": f"/open-apis/bot/v2/hook/{name}",
            "webhook": f"/in/{name}",
            "sms": f"/sms/{name}",
        }[kind]
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def of(self, name: str) -> list[Call]:
        return [one for one in self.taken if one.name == name]

    # ---- what each of them answers

    def judged(self, call: Call) -> tuple[int, Any]:
        """Status and body for a call that is not answered oddly."""
        mode = self._next_mode(call.name)
        if call.kind in _CODES:
            code = _CODES[call.kind].get(mode) if mode else self._code(call)
            if code == 0:
                self.taken.append(call)
            words = {"errmsg" if call.kind != "feishu" else "msg": f"no, {call.path}"}
            return 200, {_CODE_FIELD[call.kind]: code, **words}
        if call.kind == "sms" and mode in {"refuse", "again"}:
            reason = f"号码 {call.body['to']} 无效"
            return 200, {"accepted": False, "reason": reason, "again": mode == "again"}
        if not self._signed(call):
            return 401, {}
        if mode == "known":
            return 409, {}
        self.taken.append(call)
        return (202, {}) if call.kind == "webhook" else (200, {"accepted": True})

    def _next_mode(self, name: str) -> str:
        mode = self.mode.get(name, "")
        if isinstance(mode, list):
            return mode.pop(0) if mode else ""
        return mode

    def odd(self, name: str) -> str:
        """The odd thing to do with this call, if one is due."""
        mode = self.mode.get(name, "")
        coming = (mode[:1] or [""])[0] if isinstance(mode, list) else mode
        return self._next_mode(name) if coming in ODD else ""

    def _code(self, call: Call) -> int:
        return {"wecom": self._wecom, "dingtalk": self._dingtalk, "feishu": self._feishu}[
            call.kind
        ](call)

    def _wecom(self, call: Call) -> int:
        if len(call.body["text"]["content"].encode()) > 2048 or call.body["msgtype"] != "text":
            return 40058
        return 45009 if self._over(call, 20, 60) else 0

    def _dingtalk(self, call: Call) -> int:
        if self._blocked.get(call.name, call.at) > call.at:
            return 130101
        if not self._dingtalk_signed(call):
            return 310000
        if self._over(call, 20, 60):
            self._blocked[call.name] = call.at + timedelta(minutes=10)
            return 130101
        return 0

    def _feishu(self, call: Call) -> int:
        if not self._feishu_signed(call):
            return 19021
        return 11232 if self._over(call, 100, 60) or self._over(call, 5, 1, count=False) else 0

    def _over(self, call: Call, most: int, seconds: float, *, count: bool = True) -> bool:
        """Whether the robot was called more often; every call counts."""
        uses = self._uses[call.name]
        if count:
            uses.append(call.at)
        over = sum(call.at - one < timedelta(seconds=seconds) for one in uses) > most
        if over:
            self.wrong.append(f"{call.name} over {most} in {seconds:g} s")
        return over

    def _dingtalk_signed(self, call: Call) -> bool:
        secret = self.secrets.get(call.name)
        if secret is None:
            return True
        query = {name: one[0] for name, one in parse_qs(urlsplit(call.path).query).items()}
        fresh = abs(int(query["timestamp"]) / 1000 - call.at.timestamp()) < _HOUR_S
        said = f"{query['timestamp']}\n{secret}".encode()
        expected = base64.b64encode(hmac.new(secret.encode(), said, "sha256").digest()).decode()
        return fresh and query["sign"] == expected

    def _feishu_signed(self, call: Call) -> bool:
        secret = self.secrets.get(call.name)
        if secret is None:
            return True
        fresh = abs(int(call.body["timestamp"]) - call.at.timestamp()) < _HOUR_S
        key = f"{call.body['timestamp']}\n{secret}".encode()
        expected = base64.b64encode(hmac.new(key, digestmod="sha256").digest()).decode()
        return fresh and call.body["sign"] == expected

    def _signed(self, call: Call) -> bool:
        """As a reader of Standard Webhooks would check it."""
        secret = self.secrets.get(call.name)
        if secret is None:
            return True
        ident, at = call.headers["webhook-id"], call.headers["webhook-timestamp"]
        key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
        said = b".".join([ident.encode(), at.encode(), call.raw])
        expected = "v1," + base64.b64encode(hmac.new(key, said, "sha256").digest()).decode()
        return hmac.compare_digest(call.headers["webhook-signature"], expected)

    # ---- the wire

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        path = urlsplit(head[0].split()[1])
        headers = {
            name.lower(): value for name, _, value in (one.partition(": ") for one in head[1:])
        }
        raw = await reader.readexactly(int(headers["content-length"]))
        kind, name = _who(path.path, parse_qs(path.query))
        where = f"{path.path}?{path.query}"
        call = Call(kind, name, where, headers, json.loads(raw), raw, self.clock())
        self.calls.append(call)
        odd = self.odd(name)
        if odd:
            await _be_odd(odd, reader, writer)
            return
        status, said = self.judged(call)
        await _write(writer, status, json.dumps(said).encode())


def _who(path: str, query: dict[str, list[str]]) -> tuple[str, str]:
    if path == "/cgi-bin/webhook/send":
        return "wecom", query["key"][0]
    if path == "/robot/send":
        return "dingtalk", query["access_token"][0]
    kind, _, name = path.removeprefix("/open-apis/bot/v2").strip("/").partition("/")
    return {"hook": "feishu", "in": "webhook", "sms": "sms"}[kind], name


async def _write(writer: asyncio.StreamWriter, status: int, body: bytes, more: str = "") -> None:
    head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{more}connection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _be_odd(mode: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if mode == "silent":
        await reader.read()  # until the caller has had enough
    elif mode == "reset":
        writer.transport.abort()
    elif mode in {"drip", "endless"}:
        writer.write(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\n\r\n")
        piece = b" " if mode == "drip" else b" " * 10_000
        while not reader.at_eof():
            writer.write(piece)
            await writer.drain()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await reader.read(1)
    elif mode == "garbage":
        await _write(writer, 200, b"<html>captive portal</html>")
    elif mode == "redirect":
        await _write(writer, 302, b"", "location: http://127.0.0.1:9/elsewhere\r\n")
    elif mode == "429":
        await _write(writer, 429, b"", "retry-after: 77\r\n")
    else:
        await _write(writer, int(mode), b"")


@asynccontextmanager
async def robots(
    clock: Callable[[], datetime] = utc_now, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Robots]:
    """They answer at a free port while inside."""
    made = Robots(clock, scheme="https" if tls else "http")
    served: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.add(task)
        await made.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in served:
            task.cancel()
        if served:
            await asyncio.wait(served)
        await server.wait_closed()
