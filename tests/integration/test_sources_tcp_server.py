"""Receivers that connect over real sockets."""

import asyncio
import contextlib
import socket
import struct
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from nmea import BARGE, NOW, ais, barge, decoder, tagged

from domain.errors import InvalidInput
from domain.positions import Rejection
from streams.contracts.messages import PositionMessage, Rejected, Sentence, StaticMessage
from streams.sources.source import Batch, Source
from streams.sources.tcp_server import TcpServer

LINES = [barge(mmsi=413000000 + n) for n in range(200)]


class Queue(asyncio.Queue[Batch]):
    """Says when it is full."""

    def __init__(self, room: int) -> None:
        super().__init__(room)
        self.filled = asyncio.Event()

    def _put(self, item: Batch) -> None:
        super()._put(item)
        if self.full():
            self.filled.set()


class Running:
    """A server that reads into `queue`, and what it has put there."""

    def __init__(self, *, room: int = 32, **options: object) -> None:
        self.server = TcpServer("127.0.0.1", 0, now=lambda: NOW, **options)
        self.queue = Queue(room)
        self.server.open()
        self.address = self.server.address
        self.reading = asyncio.create_task(self.server.read(self.queue))

    async def connect(self) -> asyncio.StreamWriter:
        _, writer = await asyncio.open_connection(*self.address)
        return writer

    async def take(self, count: int) -> list[Sentence]:
        taken: list[Sentence] = []
        while len(taken) < count:
            taken += await self.queue.get()
        return taken

    async def rest(self) -> list[Sentence]:
        """Everything that still comes until the server has returned."""
        taken: list[Sentence] = []
        while not (self.reading.done() and self.queue.empty()):
            getting = asyncio.ensure_future(self.queue.get())
            await asyncio.wait({getting, self.reading}, return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                taken += getting.result()
            else:
                getting.cancel()
        await self.reading
        return taken


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    one = Running()
    yield one
    one.server.stop()
    await asyncio.wait_for(one.rest(), 10)


def is_a_source(server: TcpServer) -> Source:
    return server


async def test_several_receivers_are_one_feed(running: Running):
    writers = [await running.connect() for _ in range(3)]
    for n, writer in enumerate(writers):
        writer.writelines(line + b"\r\n" for line in LINES[n::3])
        await writer.drain()
    taken = await running.take(len(LINES))
    assert {sentence.raw for sentence in taken} == set(LINES)
    assert {sentence.feed_id for sentence in taken} == {"ais"}
    assert {sentence.arrived_at for sentence in taken} == {NOW}
    assert {sentence.offset for sentence in taken} == {None}
    assert running.server.connected
    for writer in writers:
        writer.close()


async def test_lines_split_over_packets_and_receivers_do_not_mix(running: Running):
    first, second = await running.connect(), await running.connect()
    first.write(LINES[0][:20])
    await first.drain()
    second.write(LINES[1] + b"\n")
    await second.drain()
    assert [s.raw for s in await running.take(1)] == [LINES[1]]
    first.write(LINES[0][20:] + b"\n")
    await first.drain()
    assert [s.raw for s in await running.take(1)] == [LINES[0]]
    first.close()
    second.close()


async def test_a_slow_store_holds_the_sender_back_and_nothing_is_lost():
    running = Running(room=1)
    padding = b"x" * 900
    total = 48_000  # some 43 MB, far more than the kernel's buffers
    sent = 0

    async def send() -> None:
        nonlocal sent
        writer = await running.connect()
        for n in range(total):
            writer.write(b"%d %s\n" % (n, padding))
            await writer.drain()
            sent = n + 1
        writer.close()
        await writer.wait_closed()

    sending = asyncio.create_task(send())
    still, before = 0, -1
    while still < 10 and not sending.done():
        await asyncio.sleep(0.02)
        still = still + 1 if sent == before and running.queue.full() else 0
        before = sent
    assert not sending.done()
    assert running.queue.qsize() == 1
    assert sent < total

    taken = await running.take(total)
    await sending
    assert [int(sentence.raw.split()[0]) for sentence in taken] == list(range(total))
    running.server.stop()
    assert await running.rest() == []


async def test_ten_megabytes_without_a_line_end_stay_small(running: Running):
    writer = await running.connect()
    tracemalloc.start()
    try:
        for _ in range(160):
            writer.write(b"A" * 62_500)
            await writer.drain()
        writer.write(b"\n" + LINES[0] + b"\n")
        await writer.drain()
        endless, good = await running.take(2)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert endless.length == 10_000_000
    assert len(endless.raw) == 1024
    assert good.raw == LINES[0]
    assert peak < 2_000_000
    writer.close()


async def test_stop_reads_nothing_more_and_delivers_what_was_read():
    running = Running(room=1)
    writer = await running.connect()
    numbers = [b"%d\n" % n for n in range(100_000)]
    sending = asyncio.create_task(_send(writer, b"".join(numbers)))
    await running.queue.filled.wait()
    running.server.stop()
    taken = [int(sentence.raw) for sentence in await running.rest()]
    # a whole beginning without a gap, and far from all of it
    assert taken == list(range(len(taken)))
    assert 0 < len(taken) < len(numbers)
    with contextlib.suppress(ConnectionError):
        await sending
    writer.close()


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def test_stop_leaves_half_a_line_untaken():
    running = Running()
    writer = await running.connect()
    writer.write(LINES[0] + b"\n" + LINES[1][:-4])
    await writer.drain()
    assert [s.raw for s in await running.take(1)] == [LINES[0]]
    running.server.stop()
    assert await running.rest() == []
    writer.close()


async def test_stop_before_anyone_came():
    running = Running()
    running.server.stop()
    running.server.stop()
    assert await running.rest() == []


async def test_the_half_line_of_a_lost_sender_is_delivered(running: Running):
    lost = socket.create_connection(running.address)
    lost.sendall(LINES[0] + b"\n" + LINES[1][:30])
    assert [s.raw for s in await running.take(1)] == [LINES[0]]
    lost.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    lost.close()  # a reset, not an orderly end
    assert [s.raw for s in await running.take(1)] == [LINES[1][:30]]
    other = await running.connect()
    other.write(LINES[2] + b"\n")
    await other.drain()
    assert [s.raw for s in await running.take(1)] == [LINES[2]]
    other.close()


async def test_a_silent_receiver_is_let_go():
    running = Running(idle_s=0.05)
    reader, writer = await asyncio.open_connection(*running.address)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    running.server.stop()
    assert await running.rest() == []


async def test_one_receiver_too_many_is_turned_away():
    running = Running(connections=1)
    first = await running.connect()
    first.write(LINES[0] + b"\n")
    await first.drain()
    await running.take(1)
    reader, second = await asyncio.open_connection(*running.address)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    second.close()
    first.write(LINES[1] + b"\n")
    await first.drain()
    assert [s.raw for s in await running.take(1)] == [LINES[1]]
    first.close()
    running.server.stop()
    assert await running.rest() == []


async def test_a_taken_port_is_said_before_anything_starts(running: Running):
    with pytest.raises(InvalidInput, match="listen: 127"):
        TcpServer(*running.address).open()


async def test_hostile_input_is_named_and_the_stream_goes_on(running: Running):
    name = "<IMG SRC=X ONERROR=ALERT(1)>"
    good = barge()
    hostile = [
        *ais(type=5, mmsi=413000123, shipname=name, destination=name[20:]),
        barge(mmsi=123456789),
        barge(lon=181),
        tagged(barge(), b"s:r1,c:1924992000"),
        good[:25],
        b"A" * 10_000_000,
        bytes(range(256)).replace(b"\n", b""),
        good,
    ]
    writer = await running.connect()
    writer.write(b"\n".join(hostile) + b"\n")
    await writer.drain()
    one = decoder()
    taken = await running.take(len(hostile))
    messages = [message for sentence in taken for message in one.decode(sentence)]
    writer.close()

    (static,) = [m.report for m in messages if isinstance(m, StaticMessage)]
    assert (static.name, static.destination) == (name[:20], name[20:])
    assert [m.reason for m in messages if isinstance(m, Rejected)] == [
        Rejection.MMSI,
        Rejection.POSITION,
        Rejection.TIME_FUTURE,
        Rejection.TRUNCATED,
        Rejection.TOO_LONG,
        Rejection.NOT_NMEA,
    ]
    assert isinstance(messages[-1], PositionMessage)
    assert messages[-1].fix.mmsi == BARGE["mmsi"]
