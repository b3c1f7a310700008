"""Receivers that we connect to over real sockets, and that come and go."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from nmea import NOW, barge

from streams.contracts.messages import Sentence
from streams.sources.source import Batch, Source
from streams.sources.tcp_client import TcpClient

LINES = [barge(mmsi=413000000 + n) for n in range(50)]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Running:
    """A client that reads into `queue`."""

    def __init__(self, port: int, *, room: int = 32, **options: object) -> None:
        options = {"retry_first_s": 0.01, "retry_most_s": 0.05, **options}
        self.client = TcpClient("127.0.0.1", port, now=lambda: NOW, **options)
        self.queue: asyncio.Queue[Batch] = asyncio.Queue(room)
        self.reading = asyncio.create_task(self.client.read(self.queue))

    async def take(self, count: int) -> list[Sentence]:
        taken: list[Sentence] = []
        while len(taken) < count:
            taken += await self.queue.get()
        return taken

    async def stop(self) -> None:
        self.client.stop()
        await asyncio.wait_for(self.reading, 10)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Talk], Awaitable[int]]]:
    """Starts a station that does `talk` with whoever connects; its port."""
    servers: list[asyncio.Server] = []

    async def start(talk: Talk, port: int = 0) -> int:
        async def and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(and_close, "127.0.0.1", port)
        servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


def is_a_source(client: TcpClient) -> Source:
    return client


async def test_it_reads_what_the_station_sends(serve):
    async def talk(reader, writer):
        writer.write(b"\r\n".join(LINES) + b"\r\n")
        await reader.read()

    running = Running(await serve(talk), feed_id="taipu")
    taken = await running.take(len(LINES))
    assert [s.raw for s in taken] == LINES
    assert {s.feed_id for s in taken} == {"taipu"}
    assert running.client.connected
    await running.stop()
    assert not running.client.connected


async def test_it_comes_back_after_every_loss(serve):
    visits = iter(range(1000))

    async def talk(_, writer):
        writer.write(LINES[next(visits) % 50] + b"\n")  # and hangs up

    running = Running(await serve(talk))
    assert [s.raw for s in await running.take(8)] == LINES[:8]
    await running.stop()


async def test_it_waits_for_a_station_that_is_not_there_yet(serve):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

    async def talk(reader, writer):
        writer.write(LINES[0] + b"\n")
        await reader.read()

    running = Running(port)
    await asyncio.sleep(0)
    assert not running.client.connected
    await serve(talk, port)
    assert [s.raw for s in await running.take(1)] == [LINES[0]]
    await running.stop()


async def test_a_station_that_falls_silent_is_called_again(serve):
    async def talk(reader, writer):
        writer.write(LINES[0] + b"\n")
        await reader.read()  # and says nothing more

    running = Running(await serve(talk), idle_s=0.05)
    assert [s.raw for s in await running.take(3)] == [LINES[0]] * 3
    await running.stop()


async def test_the_half_line_of_a_lost_station_is_delivered_apart(serve):
    async def talk(_, writer):
        writer.write(LINES[0][:20])

    running = Running(await serve(talk))
    assert [s.raw for s in await running.take(2)] == [LINES[0][:20]] * 2
    await running.stop()


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 50])
async def test_stop_returns_at_once_while_connecting_or_waiting(turns: int):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    running = Running(port, retry_first_s=3600, retry_most_s=3600)
    for _ in range(turns):  # of the event loop, to be stopped in every state
        await asyncio.sleep(0)
    await running.stop()
    assert running.queue.empty()


async def test_stop_before_the_first_step():
    running = Running(1)
    await running.stop()


async def test_stop_with_a_full_queue_delivers_what_was_read(serve):
    async def talk(reader, writer):
        writer.write(b"".join(b"%d\n" % n for n in range(100_000)))
        await reader.read()

    running = Running(await serve(talk), room=1)
    taken = await running.take(1)
    running.client.stop()
    while not (running.reading.done() and running.queue.empty()):
        getting = asyncio.ensure_future(running.queue.get())
        await asyncio.wait({getting, running.reading}, return_when=asyncio.FIRST_COMPLETED)
        if getting.done():
            taken += getting.result()
        else:
            getting.cancel()
    await running.reading
    assert [int(s.raw) for s in taken] == list(range(len(taken)))
    assert len(taken) < 100_000


async def test_a_name_that_does_not_resolve_is_tried_again(monkeypatch):
    asked = asyncio.Event()

    async def nowhere(*_, **__):
        asked.set()
        raise socket.gaierror("no such host")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nowhere)
    running = Running(10110)
    for _ in range(3):
        asked.clear()
        await asyncio.wait_for(asked.wait(), 10)
    await running.stop()
