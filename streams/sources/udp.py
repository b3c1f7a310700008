"""Receivers that send datagrams: NMEA over UDP, with or without IEC 61162-450's header."""

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from domain.clock import utc_now
from domain.errors import InvalidInput
from streams.contracts.messages import Sentence
from streams.sources.lines import LineSplitter
from streams.sources.losses import LineCounts, Losses
from streams.sources.source import Batch

_log = structlog.get_logger(__name__)
_HEADER = b"UdPbC\x00"
_DATAGRAM = 65536
"""Bytes; more than a datagram can hold."""
_BATCH_BYTES = 65536
_BATCH_DATAGRAMS = 512
_SO_RXQ_OVFL = 40
"""Linux: with every datagram comes how many were dropped before it. Python has no name for it."""
_DROPS = 1 << 32
_NAMED = 64
_SAY_S = 10.0


class UdpSource:
    """Takes datagrams at one address; all their senders are one feed.

    A datagram holds whole lines: what ends without a line end is a line, and none goes on in the
    next datagram. UDP cannot hold a sender back: while the queue is full the kernel keeps
    `buffer_kib` and drops the rest, which is counted (`losses`) and logged. It counts as connected
    while datagrams have come within `idle_s` seconds.
    """

    source_id = None

    def __init__(
        self,
        host: str,
        port: int,
        *,
        feed_id: str = "ais",
        idle_s: float = 120.0,
        buffer_kib: int = 4096,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.feed_id = feed_id
        self.losses = Losses()
        self._host, self._port = host, port
        self._idle_s = idle_s
        self._buffer_kib = buffer_kib
        self._now = now
        self._socket: socket.socket | None = None
        self._counts = LineCounts(self.losses)
        self._drops = 0  # the kernel's own count, which runs over
        self._senders: set[object] = set()
        self._heard: float | None = None
        self._said, self._say_at = Losses(), 0.0
        self._woken: asyncio.Future[None] | None = None
        self._stopped = False
        self._log = _log.bind(feed_id=feed_id)

    @property
    def connected(self) -> bool:
        return self._heard is not None and time.monotonic() - self._heard < self._idle_s

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens; the real port if 0 was asked for. Only between `open` and the end."""
        if self._socket is None:
            return self._host, self._port
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    def open(self) -> None:
        """Take the port, before anything is read. Raises `InvalidInput` if it cannot be had."""
        if self._socket is not None:
            return
        taken = socket.socket(
            socket.AF_INET6 if ":" in self._host else socket.AF_INET, socket.SOCK_DGRAM
        )
        try:
            taken.setblocking(False)
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer_kib * 1024)
            with contextlib.suppress(OSError):  # not every system counts its drops
                taken.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
            taken.bind((self._host, self._port))
        except OSError as fault:
            taken.close()
            reason = fault.strerror or str(fault)
            raise InvalidInput("udp", f"{self._host}:{self._port}: {reason}") from fault
        self._socket = taken
        granted = taken.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        self._log.info(
            "listening for datagrams",
            action="source.listen",
            address="{}:{}".format(*self.address),
            buffer_kib=granted // 1024,
        )

    async def read(self, out: asyncio.Queue[Batch]) -> None:
        """Fill `out` until `stop`."""
        self.open()
        try:
            while not self._stopped:
                await self._wait()
                if self._stopped:
                    break
                batch = self._take()
                self._say()
                if batch:
                    await out.put(batch)
        finally:
            if self._socket is not None:
                self._socket.close()
                self._socket = None
            self._heard = None

    def stop(self) -> None:
        """Read nothing more, also not what is already waiting in the kernel."""
        self._stopped = True
        self._wake()

    def _take(self) -> Batch:
        """What waits in the kernel, some 64 KiB at most; one stamp for all of it."""
        found: list[Sentence] = []
        arrived_at, size = self._now(), 0
        for _ in range(_BATCH_DATAGRAMS):
            try:
                data, told, flags, sender = self._socket.recvmsg(  # type: ignore[union-attr]
                    _DATAGRAM, socket.CMSG_SPACE(4)
                )
            except (BlockingIOError, InterruptedError):
                break
            except OSError as fault:  # an ICMP answer to something that was never ours
                self._log.debug("datagram lost", action="source.fault", error=str(fault))
                continue
            self._heard = time.monotonic()
            self._count(told, flags)
            self._name(sender)
            found += self._sentences(data, arrived_at, sender)
            size += len(data)
            if size >= _BATCH_BYTES:
                break
        return found

    def _sentences(self, data: bytes, arrived_at: datetime, sender: object) -> list[Sentence]:
        if not data:
            self.losses.empty += 1
        splitter = LineSplitter(self.feed_id)
        found = splitter.feed(data.removeprefix(_HEADER), arrived_at)
        found += splitter.finish(arrived_at)
        for sentence in found:
            self._counts.see(sender, sentence.raw)
        return found

    def _count(self, told: list[tuple[int, int, bytes]], flags: int) -> None:
        if flags & socket.MSG_TRUNC:
            self.losses.cut += 1
        for level, kind, data in told:
            if (level, kind) == (socket.SOL_SOCKET, _SO_RXQ_OVFL) and len(data) >= 4:
                drops = int.from_bytes(data[:4], sys.byteorder)
                self.losses.kernel += (drops - self._drops) % _DROPS
                self._drops = drops

    def _name(self, sender: tuple[Any, ...]) -> None:
        """Log each sender once; who invents addresses does not fill the log with them."""
        if sender in self._senders or len(self._senders) > _NAMED:
            return
        self._senders.add(sender)
        if len(self._senders) > _NAMED:
            self._log.warning("more senders, not named", action="source.senders", named=_NAMED)
        else:
            host, port = sender[:2]
            self._log.info("sender heard", action="source.sender", peer=f"{host}:{port}")

    def _say(self) -> None:
        """Log what was lost, at most once in some seconds."""
        lost = self.losses - self._said
        if not (lost.kernel or lost.missing or lost.cut) or time.monotonic() < self._say_at:
            return
        self._log.warning(
            "datagrams lost",
            action="source.lost",
            kernel=lost.kernel,
            missing=lost.missing,
            late=lost.late,
            cut=lost.cut,
        )
        self._said, self._say_at = replace(self.losses), time.monotonic() + _SAY_S

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._woken = loop.create_future()
        descriptor = self._socket.fileno()  # type: ignore[union-attr]
        loop.add_reader(descriptor, self._wake)
        try:
            await self._woken
        finally:
            self._woken = None
            loop.remove_reader(descriptor)

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)
