"""`whistle demo` as a person meets it: a process, its lines on the screen, a page, signals."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from ops.cluster import Cluster

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [one.getsockname()[1] for one in sockets]


class Demo:
    """A running demo: what it printed so far, and its processes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def until(self, pattern: str) -> re.Match[str]:
        """Wait for a line; a process that ends without it fails the test with all it said."""
        assert self.process.stdout is not None
        for line in self.lines:
            if found := re.search(pattern, line):
                return found
        while raw := await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S):
            self.lines.append(raw.decode().rstrip())
            if found := re.search(pattern, self.lines[-1]):
                return found
        raise AssertionError(f"never said {pattern!r}:\n" + "\n".join(self.lines))

    async def ends(self) -> int:
        assert self.process.stdout is not None
        rest = await asyncio.wait_for(self.process.stdout.read(), PATIENCE_S)
        self.lines += rest.decode().splitlines()
        return await asyncio.wait_for(self.process.wait(), PATIENCE_S)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        return next(p for p in self.family() if word in p.cmdline())

    @property
    def said(self) -> str:
        return "\n".join(self.lines)


class Place:
    """A data folder with ports of its own, and how to start the demo there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.console, self.nmea, self.door = free_ports(3)
        self.started: list[Demo] = []

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.console}/"

    async def start(self, *command: str, cwd: Path = ROOT, **settings: str) -> Demo:
        environment = {
            **os.environ,
            "WHISTLE_DATA_DIR": str(self.folder),
            "WHISTLE_CONSOLE_PORT": str(self.console),
            "WHISTLE_NMEA_PORT": str(self.nmea),
            "WHISTLE_RECEIVE_PORT": str(self.door),
            "WHISTLE_BARGES": "20",
            "WHISTLE_HISTORY": "",
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        environment = {name: value for name, value in environment.items() if value != "UNSET"}
        environment.setdefault("DATABASE_URL", "")
        if not environment["DATABASE_URL"]:
            del environment["DATABASE_URL"]
        process = await asyncio.create_subprocess_exec(
            *(command or (sys.executable, "-m", "ops.cli", "demo")),
            cwd=cwd,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.append(Demo(process))
        return self.started[-1]

    async def count(self, table: str) -> int:
        connection = await asyncpg.connect(Cluster(self.folder).url())
        try:
            return await connection.fetchval(f"select count(*) from {table}")  # noqa: S608
        finally:
            await connection.close()

    async def positions(self, more_than: int = 0) -> int:
        """Wait until the store holds more positions than that."""
        async with asyncio.timeout(PATIENCE_S):
            while (count := await self.count("vessel_position")) <= more_than:  # noqa: ASYNC110
                await asyncio.sleep(0.1)  # another process fills the table
        return count


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="whistle-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
async def place(folder: Path) -> AsyncIterator[Place]:
    made = Place(folder / "data")
    yield made
    for demo in made.started:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            family = demo.family()
            demo.process.kill()
            await demo.ends()
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
    with contextlib.suppress(OSError):
        Cluster(made.folder).prepare()


def answers(address: str) -> bool:
    with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310
        return response.status == 200


def mount_small(folder: Path, megabytes: int = 60) -> bool:
    folder.mkdir()
    options = f"size={megabytes}m,mode=0755"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


async def gone(processes: list[psutil.Process]) -> bool:
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, PATIENCE_S)
    return alive == []


async def test_it_starts_serves_stops_and_keeps_the_data(place: Place, record_property) -> None:
    """Ctrl-C reaches make, its shell and the demo alike: the whole process group."""
    demo = await place.start("make", "demo")
    address = (await demo.until(r"Whistle is at\s+(http://\S+)"))[1]
    assert str(place.console) in address
    assert await asyncio.to_thread(answers, place.page), "the address is printed once it answers"
    for word in (
        "ingest",
        "serve",
        "traffic",
        "receive",
        "watch",
        "outbox",
        "devices",
        str(place.folder / "pg"),
    ):
        assert demo.child(word).is_running()
    kept = await place.positions()

    family = demo.family()
    os.killpg(demo.process.pid, signal.SIGINT)
    await demo.ends()
    assert "stopped, the data are kept" in demo.lines
    assert await gone(family)
    assert not (place.folder / "pg" / "postmaster.pid").exists()
    assert not (place.folder / "children.json").exists()

    again = await place.start(WHISTLE_HISTORY="30m")
    took = (await again.until(r"Whistle is at .*\(after ([\d.]+) s\)"))[1]
    print(f"second start: {took} s")
    record_property("second_start_s", took)
    assert await place.count("vessel_position") >= kept
    assert "database made" not in again.said
    assert "writing the last" not in again.said, "the past is written once"
    again.process.send_signal(signal.SIGTERM)
    assert await again.ends() == 0, again.said


@pytest.mark.faults
async def test_a_child_that_is_killed_comes_back(place: Place) -> None:
    demo = await place.start()
    await demo.until("Whistle is at")
    demo.child("ingest").kill()
    await demo.until("ingest ended .SIGKILL.; again in")
    await demo.until("ingest is back")
    before = await place.positions()
    demo.child(str(place.folder / "pg")).kill()
    await demo.until("database ended .SIGKILL.")
    await demo.until("database is back")
    await place.positions(more_than=before)
    assert await asyncio.to_thread(answers, place.page)
    demo.process.send_signal(signal.SIGINT)
    assert await demo.ends() == 0, demo.said


@pytest.mark.faults
async def test_nothing_outlives_a_supervisor_that_is_killed(place: Place) -> None:
    demo = await place.start()
    await demo.until("Whistle is at")
    before = await place.positions()
    family = demo.family()
    demo.process.kill()
    await demo.ends()
    # at once, while the children may still be on their way out
    again = await place.start()
    await again.until("Whistle is at")
    assert await gone(family)
    assert await place.count("vessel_position") >= before
    again.process.send_signal(signal.SIGINT)
    assert await again.ends() == 0, again.said


@pytest.mark.faults
async def test_ctrl_c_in_the_middle_of_a_start_leaves_nothing_running(place: Place) -> None:
    demo = await place.start()
    await demo.until("database ready")
    family = demo.family()
    demo.process.send_signal(signal.SIGINT)
    assert await demo.ends() == 0, demo.said
    assert await gone(family)
    assert "Whistle is at" not in demo.said
    again = await place.start()
    await again.until("Whistle is at")
    again.process.send_signal(signal.SIGINT)
    assert await again.ends() == 0


async def test_a_taken_port_is_named_before_anything_is_begun(place: Place) -> None:
    with socket.create_server(("127.0.0.1", place.console)):
        demo = await place.start()
        assert await demo.ends() == 2
    assert f"cannot listen on 127.0.0.1:{place.console}" in demo.said
    assert f"pid {os.getpid()}" in demo.said
    assert "WHISTLE_CONSOLE_PORT=" in demo.said
    assert not (place.folder / "pg").exists()


async def test_a_second_start_is_sent_to_the_first(place: Place) -> None:
    demo = await place.start()
    await demo.until("database ready")
    second = await place.start()
    assert await second.ends() == 2
    assert (
        f"already runs on {place.folder} (pid {demo.process.pid}, http://localhost" in second.said
    )
    demo.process.send_signal(signal.SIGINT)
    await demo.ends()


async def test_the_past_is_written_once_and_survives_an_interruption(place: Place) -> None:
    demo = await place.start(WHISTLE_HISTORY="30m")
    await demo.until("writing the last 30m of traffic")
    demo.process.send_signal(signal.SIGINT)
    assert await demo.ends() == 0, demo.said

    again = await place.start(WHISTLE_HISTORY="30m")
    await again.until("writing the last 30m of traffic")
    await again.until("Whistle is at")
    assert not (place.folder / "history.nmea").exists()
    connection = await asyncpg.connect(Cluster(place.folder).url())
    span = await connection.fetchval("select max(t) - min(t) from vessel_position")
    await connection.close()
    assert span.total_seconds() > 25 * 60
    again.process.send_signal(signal.SIGINT)
    assert await again.ends() == 0


async def test_a_database_of_ones_own_is_used_instead(
    place: Place, empty_database_url: str
) -> None:
    demo = await place.start(DATABASE_URL=empty_database_url)
    await demo.until("database: the one that DATABASE_URL names")
    await demo.until("Whistle is at")
    assert not (place.folder / "pg").exists()
    assert await asyncio.to_thread(answers, place.page + "readyz")
    demo.process.send_signal(signal.SIGINT)
    assert await demo.ends() == 0, demo.said


async def test_a_full_disk_is_named(place: Place) -> None:
    if not mount_small(place.folder):
        pytest.skip("this user may not mount a small file system")
    try:
        demo = await place.start()
        assert await demo.ends() == 2
        assert "MB free" in demo.said
        assert "WHISTLE_DATA_DIR" in demo.said
    finally:
        run("umount", str(place.folder))


@pytest.mark.faults
async def test_a_disk_that_fills_up_loses_nothing_that_was_taken(place: Place) -> None:
    if not mount_small(place.folder, 450):
        pytest.skip("this user may not mount a small file system")
    try:
        demo = await place.start(WHISTLE_BARGES="2000")
        await demo.until("Whistle is at")
        room = shutil.disk_usage(place.folder).free - 2**20
        (place.folder / "ballast").write_bytes(b"\0" * room)
        await demo.until("MB free, at least .* nothing is stored while it is full")
        log = place.folder / "log" / "ingest.log"
        async with asyncio.timeout(PATIENCE_S):
            while "No space left on device" not in log.read_text():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        (place.folder / "ballast").unlink()
        await demo.until("there is room again")
        await place.positions(more_than=await place.count("vessel_position"))
        demo.process.send_signal(signal.SIGINT)
        assert await demo.ends() == 0, demo.said
        sent = re.search(r'"sent": (\d+)', (place.folder / "log" / "traffic.log").read_text())
        taken = re.findall(r'"stored": (\d+)', log.read_text())
        assert sent is not None
        assert sent[1] == taken[-1]
    finally:
        run("umount", "-l", str(place.folder))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")
async def test_a_clone_in_a_closed_folder(place: Place, folder: Path) -> None:
    """Mode 0700 above the clone: the server's user cannot enter, so the data go elsewhere."""
    (folder / "closed").mkdir(mode=0o700)
    clone = folder / "closed" / "whistle"
    run("git", "clone", "-q", str(ROOT), str(clone))
    demo = await place.start(cwd=clone, WHISTLE_DATA_DIR="UNSET")
    try:
        data = Path((await demo.until(r"database made in (\S+)/pg"))[1])
        if os.geteuid() == 0:
            assert str(data).startswith("/var/tmp/whistle-")  # noqa: S108
        else:
            assert data == clone / ".whistle"
        await demo.until("Whistle is at")
        demo.process.send_signal(signal.SIGINT)
        assert await demo.ends() == 0, demo.said
    finally:
        if os.geteuid() == 0 and "data" in locals():
            shutil.rmtree(data, ignore_errors=True)
