"""Keeps the processes of one machine alive, and stops them in order.

Children start in the order given and stop in the reverse one. A child that ends by itself is
started again, after a pause that doubles while it keeps failing. If we are killed, the kernel tells
them.
"""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.errors import ChildFailed, StartError
from ops.leftovers import Leftovers
from ops.lifeline import die_with_parent
from ops.logs import tail, trim

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
"""A child that lived this long has recovered: its next failure is again a first one."""
LOOK_EVERY_S = 0.05
TRIM_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Child:
    """What to run, how to know that it is ready, and how to end it.

    `ready` is asked with the process id. `before` runs ahead of every start and may return a
    sentence to show. `explain` turns the end of its log into an error for people.
    """

    name: str
    command: list[str]
    ready: Callable[[int], bool]
    log: Path
    cwd: Path = Path("/")
    environment: Mapping[str, str] | None = None
    before: Callable[[], str | None] = lambda: None
    explain: Callable[[], StartError] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    ready_within_s: float = 60.0
    popen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Watched:
    child: Child
    process: asyncio.subprocess.Process | None = None
    started: float = 0.0
    task: asyncio.Task[None] | None = None


class Supervisor:
    """Runs children until told to stop. `say` shows one short line to the operator."""

    def __init__(self, say: Callable[[str], None], leftovers: Leftovers) -> None:
        self._say = say
        self._leftovers = leftovers
        self._watched: list[_Watched] = []
        self._trimmer: asyncio.Task[None] | None = None
        self.hurry = asyncio.Event()
        """Set to end children at once instead of giving them their grace."""
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails when watching itself fails: then nobody restarts anything any more."""

    async def start(self, child: Child) -> None:
        """Start `child`, return when it is ready, and keep it alive from then on.

        Raises:
            ChildFailed (or what `child.explain` makes of it): it ended, or was not ready in time.
        """
        if self._trimmer is None:
            self._trimmer = asyncio.create_task(self._trim_logs(), name="trim logs")
        watched = _Watched(child)
        self._watched.append(watched)  # before anything is awaited: this is the order of the stop
        process = await self._spawn(watched)
        if not await self._becomes_ready(child, process):
            raise child.explain() if child.explain else _plain_failure(child)
        watched.task = asyncio.create_task(
            self._keep_alive(watched, process), name=f"watch {child.name}"
        )
        watched.task.add_done_callback(self._watch_ended)

    async def stop(self) -> None:
        """End all children, last started first; each one has its grace, then it is killed."""
        if self._trimmer:
            self._trimmer.cancel()
        for watched in reversed(self._watched):
            if watched.task:
                watched.task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watched.task
            await self._end(watched)
        self._watched.clear()
        self._leftovers.forget()

    @property
    def has_children(self) -> bool:
        """Whether anything was started that has to be stopped."""
        return bool(self._watched)

    def pid(self, name: str) -> int:
        """Process id of a child now (it changes when the child is restarted)."""
        found = {w.child.name: w.process for w in self._watched}[name]
        if found is None:
            raise KeyError(name)
        return found.pid

    async def _spawn(self, watched: _Watched) -> asyncio.subprocess.Process:
        child = watched.child
        note = child.before()
        if note:
            self._say(note)
        with child.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *child.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if child.environment is None else dict(child.environment),
                cwd=child.cwd,
                start_new_session=True,  # the terminal's Ctrl-C is ours to hand on, in order
                preexec_fn=die_with_parent(child.orphan_signal),
                **child.popen,
            )
        watched.process, watched.started = process, time.monotonic()
        self._leftovers.remember(child.name, process.pid)
        return process

    async def _becomes_ready(self, child: Child, process: asyncio.subprocess.Process) -> bool:
        deadline = time.monotonic() + child.ready_within_s
        while time.monotonic() < deadline and process.returncode is None:
            # the probe may block on a socket for a moment
            if await asyncio.to_thread(child.ready, process.pid):
                return True
            await asyncio.sleep(LOOK_EVERY_S)
        return False

    async def _keep_alive(self, watched: _Watched, process: asyncio.subprocess.Process) -> None:
        """Start the child again whenever it ends, with a growing pause."""
        pause = FIRST_PAUSE_S
        while True:
            code = await process.wait()
            if time.monotonic() - watched.started > STEADY_S:
                pause = FIRST_PAUSE_S
            why = f": {watched.child.explain().problem}" if watched.child.explain else ""
            self._say(f"{watched.child.name} ended ({_ending(code)}){why}; again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            try:
                process = await self._spawn(watched)
            except (StartError, OSError) as error:
                self._say(f"{watched.child.name} cannot be started: {error}")
                continue  # wait() returns at once with the old code, after a longer pause
            if await self._becomes_ready(watched.child, process):
                self._say(f"{watched.child.name} is back")

    def _watch_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) and not self.broken.done():
            self.broken.set_exception(error)

    async def _end(self, watched: _Watched) -> None:
        process, child = watched.process, watched.child
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(child.stop_signal)
        ended = asyncio.create_task(process.wait())
        hurry = asyncio.create_task(self.hurry.wait())
        await asyncio.wait(
            {ended, hurry}, timeout=child.grace_s, return_when=asyncio.FIRST_COMPLETED
        )
        hurry.cancel()
        if not ended.done():
            if not self.hurry.is_set():
                self._say(f"{child.name} did not stop within {child.grace_s:g} s: killed")
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(_hard_signal(child))
        await ended

    async def _trim_logs(self) -> None:
        while True:
            await asyncio.sleep(TRIM_EVERY_S)
            for watched in self._watched:
                trim(watched.child.log)


def _hard_signal(child: Child) -> signal.Signals:
    """PostgreSQL has an immediate shutdown of its own, which leaves no processes behind."""
    return signal.SIGQUIT if child.stop_signal is signal.SIGINT else signal.SIGKILL


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _plain_failure(child: Child) -> ChildFailed:
    last = tail(child.log)
    return ChildFailed(
        f"{child.name} did not start: {last[-1] if last else 'it said nothing'}", f"see {child.log}"
    )
