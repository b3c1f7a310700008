"""The past of a first start: simulated barges write it, the ingest reads it like any recording.

An interrupted start goes on where it stopped: the file is whole or not there, and the store knows
how far it was read.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from db import feed
from db.pool import connect
from ops.children import whistle
from ops.errors import ChildFailed
from ops.lifeline import die_with_parent
from ops.logs import tail
from ops.settings import CLONE, child_environment

FEED = "ais"
LOOK_EVERY_S = 0.3


async def is_wanted(url: str, file: Path) -> bool:
    """Whether the store has heard nothing yet, or an earlier start was interrupted in this."""
    if _is_there(file):
        return True
    connection = await connect(url)
    try:
        return not await feed.current_feeds(connection)
    finally:
        await connection.close()


async def write(url: str, file: Path, log: Path, duration: str) -> None:
    """Have the past written to `file`, if it is not there, and taken into the store at `url`.

    Raises:
        ChildFailed: one of the two programs failed; its words are in `log`.
    """
    if not _is_there(file):
        command = whistle("traffic", "--history", duration, "--out", str(file))
        await _run(command, url, None)  # shows its own progress
    reading = asyncio.create_task(_run(whistle("ingest", "--file", str(file)), url, log))
    try:
        await _show(reading, url, file)
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
    file.unlink()  # noqa: ASYNC240


def _is_there(file: Path) -> bool:
    return file.exists()


async def _show(reading: asyncio.Task[None], url: str, file: Path) -> None:
    """A bar for as long as `reading` lasts: on a terminal it moves, elsewhere it is drawn once."""
    size = file.stat().st_size  # noqa: ASYNC240
    connection = await connect(url)
    try:
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("history into the store", total=size)
            while not reading.done():
                await asyncio.wait({reading}, timeout=LOOK_EVERY_S)
                read = await feed.offsets(connection, FEED)
                mine = [at for source, at in read.items() if source.startswith(f"file:{file}#")]
                bar.update(task, completed=max(mine, default=0))
    finally:
        await connection.close()
    reading.result()


async def _run(command: list[str], url: str, log: Path | None) -> None:
    """Run one of our programs to its end; cancelled, it is stopped in order first."""
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else sys.stderr
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=CLONE,
            env=child_environment(DATABASE_URL=url),
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise
    if code:
        last = tail(log)[-1:] if log else []
        raise ChildFailed(
            f"`{' '.join(command[2:])}` failed: {last[0] if last else f'exit code {code}'}",
            f"see {log}" if log else "see its message above",
        )
