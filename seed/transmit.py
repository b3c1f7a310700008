"""The radio side of the wire: sentences out over TCP, in real time, to whoever listens.

A radio does not wait: while nobody listens, or the listener reads too slowly, what is heard is lost
and counted. So nothing here grows without bound.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from seed.chorus import Heard

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 15.0
_CONNECT_TIMEOUT_S = 5.0
_FIRST_WORDS_S = 1.0
_BUFFER_LIMIT = 256 * 1024
_STALE_S = 10  # a machine that slept does not send its night afterwards

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Sent:
    """Lines since the start: handed to the socket, or dropped for want of a listener."""

    sent: int = 0
    dropped: int = 0
    connects: int = 0


class Link:
    """A TCP client that keeps trying: `offer` never blocks and never queues beyond 256 KiB."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.sent = Sent()
        self.connected = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None

    def offer(self, lines: list[bytes]) -> bool:
        """Hand over one second's lines; `False`, and counted, if there is nobody to take them."""
        writer = self._writer
        if (
            writer is None
            or writer.is_closing()
            or writer.transport.get_write_buffer_size() > _BUFFER_LIMIT
        ):
            self.sent.dropped += len(lines)
            return False
        writer.write(b"".join(lines))
        self.sent.sent += len(lines)
        return True

    async def run(self) -> None:
        """Connect, and connect again whenever the other side goes away, until cancelled."""
        wait, told = _FIRST_WAIT_S, False
        while True:
            try:
                async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                    reader, writer = await asyncio.open_connection(self.host, self.port)
            except (OSError, TimeoutError) as error:
                if not told:
                    _log.warning(
                        "connect", action="traffic.no_listener", to=self._to, why=str(error)
                    )
                    told = True
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT_S)
                continue
            wait, told = _FIRST_WAIT_S, False
            self.sent.connects += 1
            _log.info("connect", action="traffic.connected", to=self._to)
            self._writer = writer
            self.connected.set()
            try:
                await _until_closed(reader)
            finally:
                self._writer = None
                self.connected.clear()
                await _close(writer)
            _log.warning("connect", action="traffic.lost", to=self._to, dropped=self.sent.dropped)

    @property
    def _to(self) -> str:
        return f"{self.host}:{self.port}"


async def _until_closed(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(4096):
            pass  # a receiver listens to nobody


async def _close(writer: asyncio.StreamWriter) -> None:
    """Send what was written if the other side still takes it; give up after a second."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
        return
    writer.transport.abort()


async def transmit(
    reception: Heard,
    link: Link,
    *,
    now: Callable[[], datetime],
    since: int | None = None,
    rate: float = 1.0,
    on_second: Callable[[int], None] = lambda _: None,
) -> None:
    """Send every second of the world when it comes, until cancelled.

    `since` (epoch seconds) starts in the past, `rate` times as fast, until the present is reached.
    `on_second` is called with each second after it was offered.
    """
    running = asyncio.create_task(link.run())
    try:
        # the first words should not be lost only because a connection takes a moment
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_WORDS_S if since is None else _CONNECT_TIMEOUT_S):
                await link.connected.wait()
        present = int(now().timestamp())
        second = present if since is None else min(since, present)
        catching_up = second < present
        start, begun = time.monotonic(), second
        while not running.done():
            present = int(now().timestamp())
            catching_up = catching_up and second < present
            if catching_up:
                wait = (second - begun) / rate - (time.monotonic() - start)
            else:
                if present - second > _STALE_S:
                    _log.warning("gap", action="traffic.gap", seconds=present - second)
                    second = present
                wait = second - now().timestamp()
            if wait > 0:
                await asyncio.sleep(wait)
            for at, lines in reception.lines(second, second + 1):
                if lines:
                    link.offer(lines)
                on_second(at)
            await asyncio.sleep(0)
            second += 1
        await running  # raises what ended it
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
