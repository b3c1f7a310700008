"""Receivers that send datagrams to real sockets."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nmea import NOW, ais, barge, decoder, tagged

from domain.errors import InvalidInput
from domain.positions import Rejection
from streams.contracts.messages import PositionMessage, Rejected, Sentence, StaticMessage
from streams.sources.losses import LineCounts, Losses
from streams.sources.source import Batch, Source
from streams.sources.udp import UdpSource

LINES = [barge(mmsi=413000000 + n) for n in range(40)]


class Running:
    """A source that reads into `queue`, and a sender."""

    def __init__(self, *, room: int = 32, **options: object) -> None:
        self.source = UdpSource("127.0.0.1", 0, now=lambda: NOW, **options)
        self.queue: asyncio.Queue[Batch] = asyncio.Queue(room)
        self.source.open()
        self.address = self.source.address
        self.reading = asyncio.create_task(self.source.read(self.queue))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(self, data: bytes) -> None:
        self.socket.sendto(data, self.address)

    async def take(self, count: int) -> list[Sentence]:
        taken: list[Sentence] = []
        async with asyncio.timeout(30):
            while len(taken) < count:
                taken += await self.queue.get()
        return taken

    async def close(self) -> None:
        self.source.stop()
        self.socket.close()
        async with asyncio.timeout(10):
            await self.reading


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    one = Running()
    yield one
    await one.close()


def is_a_source(source: UdpSource) -> Source:
    return source


async def test_datagrams_with_one_and_with_many_sentences(running: Running):
    assert not running.source.connected
    running.send(LINES[0] + b"\r\n")
    running.send(LINES[1])  # many a receiver sends no line end
    running.send(b"\r\n".join(LINES[2:]))
    taken = await running.take(len(LINES))
    assert [sentence.raw for sentence in taken] == LINES
    assert {sentence.arrived_at for sentence in taken} == {NOW}
    assert {sentence.offset for sentence in taken} == {None}
    assert running.source.connected
    assert running.source.losses == Losses()


async def test_the_header_of_the_standard_and_its_groups(running: Running):
    first, second = ais(type=5, mmsi=413000123, shipname="HU", sequence=3)
    running.send(b"UdPbC\0" + tagged(first, b"g:1-2-77,s:AI0001,n:8"))
    running.send(b"UdPbC\0" + tagged(second, b"g:2-2-77"))
    one = decoder()
    messages = [m for sentence in await running.take(2) for m in one.decode(sentence)]
    assert [m.report.name for m in messages if isinstance(m, StaticMessage)] == ["HU"]


async def test_half_a_sentence_does_not_go_on_in_the_next_datagram(running: Running):
    running.send(LINES[0][:20])
    running.send(LINES[0][20:])
    assert [s.raw for s in await running.take(2)] == [LINES[0][:20], LINES[0][20:]]


async def test_hostile_datagrams_are_named_and_the_stream_goes_on(running: Running):
    """The largest there can be, no text at all, lines without end, nothing, zero bytes."""
    running.send(b"")
    running.send(b"\0" * 100)
    running.send(b"\n" * 60_000)
    running.send(b"A" * 65_507)
    running.send(bytes(range(256)).replace(b"\n", b""))
    running.send(b"RaUdP\0" + bytes(range(200, 256)))
    running.send(b"\\n:7,s:x*00\\" + LINES[0])
    running.send(b"\\" * 900)
    running.send(LINES[0])
    taken = await running.take(6)
    one = decoder()
    messages = [m for sentence in taken for m in one.decode(sentence)]
    assert [m.reason for m in messages if isinstance(m, Rejected)] == [
        Rejection.TOO_LONG,
        Rejection.NOT_NMEA,
        Rejection.NOT_NMEA,
        Rejection.CHECKSUM,
        Rejection.CHECKSUM,
    ]
    assert taken[0].length == 65_507
    assert max(len(sentence.raw) for sentence in taken) <= 1024
    assert isinstance(messages[-1], PositionMessage)
    assert running.source.losses == Losses(empty=1)


async def test_numbered_lines_that_are_missing_are_counted(running: Running):
    for number in (1, 2, 5, 4, 5, 6):
        running.send(tagged(LINES[0], b"s:r1,n:%d" % number))
        running.send(tagged(LINES[0], b"s:r2,n:%d" % (number * 2)))  # another station's count
    await running.take(12)
    assert running.source.losses.missing == 2 + (1 + 5 + 1)
    assert running.source.losses.late == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells its drops on Linux")
async def test_what_the_kernel_drops_is_counted():
    """More than its buffer holds, while nobody reads."""
    running = Running(room=1, buffer_kib=64)
    datagrams = 2_000
    for n in range(datagrams):
        running.send(b"%d " % n + b"x" * 900)
    taken: list[Sentence] = []
    async with asyncio.timeout(30):
        while not taken or not taken[-1].raw.startswith(b"last"):
            taken += await running.queue.get()
            running.send(b"last")  # the count comes with what is received after the drop
    numbers = [int(sentence.raw.split()[0]) for sentence in taken if sentence.raw[:1] != b"l"]
    assert numbers == list(range(len(numbers)))
    assert 0 < len(numbers) < datagrams
    assert running.source.losses.kernel == datagrams - len(numbers)
    await running.close()


async def test_stop_reads_nothing_more(running: Running):
    running.send(LINES[0])
    await running.take(1)
    running.source.stop()
    running.source.stop()
    running.send(LINES[1])
    await running.reading
    assert running.queue.empty()
    assert not running.source.connected


async def test_silence_is_no_connection():
    running = Running(idle_s=0.05)
    running.send(LINES[0])
    await running.take(1)
    async with asyncio.timeout(10):
        while running.source.connected:  # noqa: ASYNC110 - time alone changes it
            await asyncio.sleep(0.01)
    await running.close()


async def test_a_taken_port_is_said_before_anything_starts(running: Running):
    with pytest.raises(InvalidInput, match="udp: 127"):
        UdpSource(*running.address).open()


@given(st.integers(1, 999), st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_gaps_are_counted_over_the_end_of_the_numbers(first: int, gaps: list[int]):
    losses = Losses()
    counts = LineCounts(losses)
    number = first
    counts.see("one", tagged(LINES[0], b"n:%d" % number))
    for gap in gaps:
        number = (number + gap) % 999 + 1
        counts.see("one", tagged(LINES[0], b"n:%d" % number))
    assert losses == Losses(missing=sum(gaps))


def test_a_sender_that_starts_anew_has_lost_nothing():
    losses = Losses()
    counts = LineCounts(losses)
    for number in (700, 701, 1, 2, 3):
        counts.see("one", tagged(LINES[0], b"n:%d" % number))
    assert losses == Losses(missing=298)  # seems to have run over: at most this many
    for number in (600, 1, 2):
        counts.see("two", tagged(LINES[0], b"n:%d" % number))
    assert losses.missing == 298 + 399
    for number in (400, 1, 2):
        counts.see("three", tagged(LINES[0], b"n:%d" % number))
    assert losses.missing == 298 + 399


@given(st.binary(max_size=200))
def test_no_bytes_break_the_counting(noise: bytes):
    counts = LineCounts(Losses())
    counts.see("one", b"\\" + noise)
    counts.see("one", tagged(LINES[0], b"n:" + noise.replace(b"\\", b"").replace(b"*", b"")))


async def test_thousands_of_invented_senders_are_forgotten():
    losses = Losses()
    counts = LineCounts(losses)
    for sender in range(5_000):
        counts.see(sender, tagged(LINES[0], b"n:1"))
    assert len(counts._last) == 1024
