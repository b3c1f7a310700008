"""The supervisor on real processes: order, restarts with a growing pause, grace, its own death."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from ops.errors import ChildFailed
from ops.leftovers import Leftovers
from ops.logs import tail, trim
from ops.supervisor import Child, Supervisor

ROOT = Path(__file__).parents[2]

STEADY = """
import pathlib, signal, sys, time
me, notes = sys.argv[1], pathlib.Path(sys.argv[2])
def end(*_):
    with notes.open("a") as file: file.write(f"{me} ends\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
with notes.open("a") as file: file.write(f"{me} begins\\n")
print("ready", flush=True)
while True: signal.pause()
"""
STUBBORN = STEADY.replace("signal.signal(signal.SIGTERM, end)", "signal.signal(15, signal.SIG_IGN)")
FAILING = "import sys; sys.exit('no oil in the lamp')"


class Told:
    """What the operator was told, and a way to wait for a line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self._more.set()

    async def until(self, wanted: Callable[[str], bool]) -> str:
        while True:
            for line in self.lines:
                if wanted(line):
                    return line
            self._more.clear()
            await self._more.wait()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def supervisor(told: Told, tmp_path: Path) -> AsyncIterator[Supervisor]:
    made = Supervisor(told, Leftovers(tmp_path / "children.json"))
    yield made
    await made.stop()


def child(tmp_path: Path, name: str, script: str = STEADY, **more) -> Child:
    log = tmp_path / f"{name}.log"
    return Child(
        name=name,
        command=[sys.executable, "-c", script, name, str(tmp_path / "notes")],
        ready=lambda _pid: "ready" in tail(log),
        log=log,
        **more,
    )


async def test_children_start_in_order_and_stop_in_reverse(supervisor, tmp_path) -> None:
    for name in ("postgres", "ingest", "console"):
        await supervisor.start(child(tmp_path, name))
    await supervisor.stop()
    assert (tmp_path / "notes").read_text().splitlines() == [
        "postgres begins",
        "ingest begins",
        "console begins",
        "console ends",
        "ingest ends",
        "postgres ends",
    ]
    assert not (tmp_path / "children.json").exists()


async def test_a_child_that_dies_is_started_again(supervisor, told, tmp_path) -> None:
    await supervisor.start(child(tmp_path, "ingest"))
    first = supervisor.pid("ingest")
    os.kill(first, signal.SIGKILL)
    assert (
        await told.until(lambda line: "SIGKILL" in line) == "ingest ended (SIGKILL); again in 0.5 s"
    )
    await told.until(lambda line: line == "ingest is back")
    assert supervisor.pid("ingest") != first


async def test_the_pause_grows_while_a_child_keeps_failing(
    supervisor, told, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("ops.supervisor.FIRST_PAUSE_S", 0.01)
    only_once = STEADY.replace("def end", "if notes.exists(): sys.exit(3)\ndef end")
    await supervisor.start(child(tmp_path, "console", only_once))
    os.kill(supervisor.pid("console"), signal.SIGKILL)
    await told.until(lambda line: line == "console ended (exit code 3); again in 0.16 s")
    pauses = [line.split("again in ")[1] for line in told.lines if "again in" in line]
    assert pauses == ["0.01 s", "0.02 s", "0.04 s", "0.08 s", "0.16 s"]


async def test_a_child_that_never_gets_ready_stops_the_start(supervisor, tmp_path) -> None:
    with pytest.raises(
        ChildFailed, match=r"lamp did not start: no oil in the lamp\. See .*lamp.log"
    ):
        await supervisor.start(child(tmp_path, "lamp", FAILING))


async def test_a_child_that_ignores_the_signal_is_killed(supervisor, told, tmp_path) -> None:
    await supervisor.start(child(tmp_path, "traffic", STUBBORN, grace_s=0.2))
    process = psutil.Process(supervisor.pid("traffic"))
    await supervisor.stop()
    assert not process.is_running()
    assert "traffic did not stop within 0.2 s: killed" in told.lines


async def test_a_second_signal_does_not_wait_for_the_grace(supervisor, tmp_path) -> None:
    await supervisor.start(child(tmp_path, "traffic", STUBBORN, grace_s=3600))
    supervisor.hurry.set()
    await supervisor.stop()


async def test_what_stands_in_the_way_is_cleared_before_every_start(
    supervisor, told, tmp_path
) -> None:
    await supervisor.start(child(tmp_path, "postgres", before=lambda: "a stale pid was removed"))
    supervisor_pid = supervisor.pid("postgres")
    os.kill(supervisor_pid, signal.SIGKILL)
    await told.until(lambda line: line == "postgres is back")
    assert told.lines.count("a stale pid was removed") == 2


async def test_a_start_that_is_called_off_leaves_no_process(supervisor, tmp_path) -> None:
    silent = STEADY.replace('print("ready", flush=True)', "")
    task = asyncio.create_task(supervisor.start(child(tmp_path, "console", silent)))
    while not (tmp_path / "notes").exists():  # noqa: ASYNC110  (another process writes it)
        await asyncio.sleep(0.01)
    process = psutil.Process(supervisor.pid("console"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await supervisor.stop()
    assert not process.is_running()


def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        import asyncio, sys
        from pathlib import Path
        from ops.leftovers import Leftovers
        from ops.supervisor import Child, Supervisor
        folder = Path({str(tmp_path)!r})
        async def main():
            supervisor = Supervisor(print, Leftovers(folder / "children.json"))
            log = folder / "child.log"
            await supervisor.start(Child(
                name="child",
                command=[sys.executable, "-c", {STEADY!r}, "child", str(folder / "notes")],
                ready=lambda pid: log.exists() and "ready" in log.read_text(),
                log=log,
            ))
            print(supervisor.pid("child"), flush=True)
            await asyncio.Event().wait()
        asyncio.run(main())
    """)
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    process = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    assert psutil.wait_procs([process], timeout=30)[1] == []
    assert (tmp_path / "notes").read_text().splitlines()[-1] == "child ends"


def test_what_an_earlier_run_left_is_ended_and_nothing_else(tmp_path: Path) -> None:
    mine = [subprocess.Popen(["sleep", "1000"]) for _ in range(3)]
    left, kept, other = mine
    try:
        file = tmp_path / "children.json"
        noted = Leftovers(file)
        noted.remember("ingest", left.pid)
        noted.remember("database", kept.pid)
        text = file.read_text()
        # a process that got the number of one that is gone began at another time
        started = psutil.Process(other.pid).create_time() - 100
        file.write_text(text[:-1] + f', "console": [{other.pid}, {started}]}}')
        assert Leftovers(file).end(but="database") == ["ingest"]
        assert left.poll() is not None
        assert kept.poll() is None
        assert other.poll() is None
    finally:
        for process in mine:
            process.kill()
            process.wait()


def test_a_log_over_its_limit_is_kept_once_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "ingest.log"
    with path.open("ab") as writer:
        writer.write(b"old\n" * 10)
        writer.flush()
        assert not trim(path, limit=40)
        assert trim(path, limit=39)
        writer.write(b"new\n")
    assert path.read_text() == "new\n"
    assert (tmp_path / "ingest.log.1").read_text() == "old\n" * 10
    assert tail(path) == ["new"]
    assert tail(tmp_path / "none") == []
