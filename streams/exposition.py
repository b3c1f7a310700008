"""What a process without a page says of itself: /metrics, /healthz/live and /healthz/ready."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from domain.errors import InvalidInput

_log = structlog.get_logger(__name__)
_HEAD_S = 5.0
_HEAD_BYTES = 8192
_CONNECTIONS = 32
_JSON = "application/json"
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Not Allowed", 503: "Unavailable"}

Ready = Callable[[], tuple[bool, Mapping[str, Any]]]
"""Whether the process does its work now, and what there is to say about it."""


@asynccontextmanager
async def exposed(
    host: str, port: int, registry: CollectorRegistry, ready: Ready
) -> AsyncIterator[tuple[str, int]]:
    """Answer at this address while inside; yields the real one. Raises `InvalidInput`.

    Live is who answers at all: the same loop does the work. A connection has one answer and some
    seconds for its question.
    """
    busy = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal busy
        busy += 1
        try:
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
                if busy <= _CONNECTIONS:
                    async with asyncio.timeout(_HEAD_S):
                        head = await reader.readuntil(b"\r\n\r\n")
                        writer.write(_answer(head, registry, ready))
                        await writer.drain()
        finally:
            busy -= 1
            writer.close()

    try:
        server = await asyncio.start_server(serve, host, port, limit=_HEAD_BYTES)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput("--metrics", f"{host}:{port}: {reason}") from error
    async with server:
        address = server.sockets[0].getsockname()[:2]
        _log.info("metrics", action="metrics.listen", host=address[0], port=address[1])
        yield address


def _answer(head: bytes, registry: CollectorRegistry, ready: Ready) -> bytes:
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        return _response(400, "text/plain", b"")
    method, path = words[0], words[1].split(b"?", 1)[0]
    if method not in {b"GET", b"HEAD"}:
        return _response(405, "text/plain", b"")
    status, kind, body = 404, "text/plain", b""
    if path == b"/metrics":
        status, kind, body = 200, CONTENT_TYPE_LATEST, generate_latest(registry)
    elif path == b"/healthz/live":
        status, kind, body = 200, _JSON, b'{"live": true}'
    elif path == b"/healthz/ready":
        can, said = ready()
        status, kind = 200 if can else 503, _JSON
        body = json.dumps({"ready": can, **said}, ensure_ascii=False).encode()
    return _response(status, kind, b"" if method == b"HEAD" else body)


def _response(status: int, kind: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
