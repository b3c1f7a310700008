"""The traffic on a real socket: reconnects, drops what nobody takes, ends when told to."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.clock import utc_now
from domain.errors import InvalidInput
from seed import service
from seed.reception import Reception
from seed.transmit import Link, transmit
from seed.world import World

ROOT = Path(__file__).parents[2]
NOON = 1_717_387_200


class Listener:
    """What an AIS input does, as far as a radio can tell: it listens and reads."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[bytes] = asyncio.Queue()
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def open(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        await self._server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while line := await reader.readline():
                self.lines.put_nowait(line)
        except OSError:
            pass
        finally:
            writer.close()

    async def next(self) -> bytes:
        async with asyncio.timeout(30):
            return await self.lines.get()


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    await listener.open()
    try:
        yield listener
    finally:
        await listener.close()


@asynccontextmanager
async def sailing(link: Link, reception: Reception, **options) -> AsyncIterator[asyncio.Task]:
    task = asyncio.create_task(transmit(reception, link, now=utc_now, **options))
    try:
        yield task
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def deaf_port() -> int:
    """A port where nobody listens."""
    async with listening() as listener:
        return listener.port


def busy() -> Reception:
    """Twenty barges that report every second."""
    return Reception(World(20, 4), every_s=1)


async def test_barges_are_heard_now_with_the_time_of_now():
    async with listening() as listener:
        link = Link("127.0.0.1", listener.port)
        before = int(utc_now().timestamp())
        async with sailing(link, busy()):
            line = await listener.next()
        assert line.startswith(b"\\s:")
        assert b"!AIVDM," in line
        assert line.endswith(b"\r\n")
        said = int(line.split(b"c:")[1].split(b"*")[0])
        assert before <= said <= int(utc_now().timestamp()) + 1


async def test_a_listener_that_went_away_is_found_again():
    listener = Listener()
    await listener.open()
    port = listener.port
    link = Link("127.0.0.1", port)
    lost = asyncio.Event()

    def note(_: int) -> None:
        if link.sent.dropped:
            lost.set()

    async with sailing(link, busy(), on_second=note):
        await listener.next()
        await listener.close()
        async with asyncio.timeout(30):
            await lost.wait()
        while not listener.lines.empty():
            listener.lines.get_nowait()
        await listener.open(port)
        await listener.next()
        await listener.close()
    assert link.sent.connects == 2


async def test_without_a_listener_everything_is_dropped_and_counted():
    link = Link("127.0.0.1", await deaf_port())
    seconds = asyncio.Queue()
    async with sailing(link, busy(), on_second=seconds.put_nowait), asyncio.timeout(30):
        await seconds.get()
        await seconds.get()
    assert link.sent.sent == 0
    assert link.sent.dropped > 10


async def test_a_listener_that_reads_nothing_costs_no_memory():
    accepted = asyncio.Event()

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._transport.pause_reading()
        accepted.set()
        try:
            await asyncio.Event().wait()
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(ignore, "127.0.0.1", 0)
    link = Link("127.0.0.1", server.sockets[0].getsockname()[1])
    running = asyncio.create_task(link.run())
    async with asyncio.timeout(30):
        await accepted.wait()
        await link.connected.wait()
        line = b"x" * 4096
        while link.offer([line] * 16):  # noqa: ASYNC110 - the socket takes some between two offers
            await asyncio.sleep(0)
    assert link.sent.dropped == 16
    before = link.sent.sent
    assert not link.offer([line])
    assert link.sent.sent == before
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    server.close()


async def test_the_past_is_caught_up_with_and_then_it_is_now():
    async with listening() as listener:
        link = Link("127.0.0.1", listener.port)
        seconds: list[int] = []
        reached = asyncio.Event()
        start = int(utc_now().timestamp()) - 120

        def note(second: int) -> None:
            seconds.append(second)
            if second > start + 120:
                reached.set()

        async with sailing(link, busy(), since=start, rate=1000.0, on_second=note):
            async with asyncio.timeout(60):
                await reached.wait()
        assert seconds == list(range(start, start + len(seconds)))
        first = await listener.next()
        assert int(first.split(b"c:")[1].split(b"*")[0]) - start in {0, 1}


async def test_a_machine_that_slept_does_not_send_its_night():
    clock = {"now": float(NOON)}
    seconds: list[int] = []
    enough = asyncio.Event()

    def note(second: int) -> None:
        seconds.append(second)
        clock["now"] += 1 if len(seconds) != 3 else 8 * 3600
        if len(seconds) == 6:
            enough.set()

    link = Link("127.0.0.1", await deaf_port())
    now = lambda: datetime.fromtimestamp(clock["now"], UTC)  # noqa: E731
    task = asyncio.create_task(transmit(busy(), link, now=now, on_second=note))
    async with asyncio.timeout(30):
        await enough.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seconds[:3] == [NOON, NOON + 1, NOON + 2]
    assert seconds[3] == NOON + 2 + 8 * 3600


def whistle(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ops.cli", "traffic", *arguments]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_the_command_sends_and_stops_when_told(tmp_path, sign):
    truth = tmp_path / "truth.jsonl"
    async with listening() as listener:
        process = await asyncio.create_subprocess_exec(
            *whistle("--connect", f"127.0.0.1:{listener.port}", "--truth", str(truth)),
            cwd=ROOT,
            env={**os.environ, "WHISTLE_BARGES": "15", "WHISTLE_SEED": "3"},
            stderr=asyncio.subprocess.PIPE,
        )
        await listener.next()
        process.send_signal(sign)
        _, log = await process.communicate()
    assert process.returncode == 0, log
    assert [line for line in log.splitlines() if b"traffic.stop" in line and b'"sent"' in line]
    assert truth.read_bytes().startswith(b'{"kind":"world","seed":3,"barges":15}')


async def test_the_command_writes_history(tmp_path):
    out = tmp_path / "past.nmea"
    process = await asyncio.create_subprocess_exec(
        *whistle("--history", "2m", "--out", str(out), "--barges", "10", "--seed", "3"),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, log = await process.communicate()
    assert process.returncode == 0, log
    assert b"history: 100 %" in log
    lines = out.read_bytes().count(b"\r\n")
    assert f"{lines} lines in".encode() in log


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--connect"),
        (("--connect", "x", "--history", "2h"), "--connect"),
        (("--connect", "nowhere"), "--connect"),
        (("--connect", "h:1", "--barges", "5001"), "--barges"),
        (("--connect", "h:1", "--since", "yesterday"), "--since"),
        (("--connect", "h:1", "--since", "2031-01-01T00:00:00+08:00"), "--since"),
        (("--connect", "h:1", "--since", "2024-04-03T10:00"), "--since"),
        (("--history", "soon", "--out", "x.nmea"), "--history"),
        (("--history", "2h"), "--out"),
    ],
)
def test_bad_orders_are_refused_by_name(arguments, named, capsys, monkeypatch):
    from ops.cli import app

    monkeypatch.setattr(sys, "argv", ["whistle", "traffic", *arguments])
    with pytest.raises(SystemExit) as end:
        app.main()
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith(f"whistle: {named}: ")


def test_times_and_addresses_are_read_as_written():
    now = datetime(2024, 4, 3, 12, tzinfo=UTC)
    assert service.moment("90s", now) == int(now.timestamp()) - 90
    assert service.moment("2024-04-03T19:00:00+08:00", now) == int(now.timestamp()) - 3600
    assert service.address("[::1]:10110") == ("::1", 10110)
    assert service.seconds("1d", "--history") == 86_400
    with pytest.raises(InvalidInput, match="--connect"):
        service.address("host:99999")
