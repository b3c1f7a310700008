"""Signals and the last words of a process: a stop that loses nothing, an error that is one line."""

import asyncio
import gc
import signal
import sys
from typing import Protocol

import structlog

from domain.errors import WhistleError

_log = structlog.get_logger(__name__)


class StopTimeout(WhistleError):
    """A stop was asked for, but the store stayed away: what was taken could not be stored."""

    code = "ingest.stop_timeout"


class Work(Protocol):
    """What runs until it is told to stop, and has stored so much."""

    stored: int

    def stop(self) -> None:
        """End soon, losing nothing. Callable again."""

    async def run(self) -> None:
        """Until it has ended."""


async def run_until_stopped(work: Work, stop_s: float) -> None:
    """Run the work; SIGTERM and SIGINT stop it gracefully, within `stop_s` seconds or not at all.

    Raises what `Work.run` raises, out of its exception group, and `StopTimeout`.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work.run())
    asked = False

    def stop(name: str) -> None:
        nonlocal asked
        if asked:
            task.cancel()
            return
        asked = True
        _log.info("stopping", action="process.stop", signal=name)
        work.stop()
        loop.call_later(stop_s, task.cancel)

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop, one.name)
    try:
        await task
    except asyncio.CancelledError:
        raise StopTimeout(
            f"the store could not be reached within {stop_s:g} s of the stop"
        ) from None
    except BaseExceptionGroup as group:
        raise first_error(group) from group
    finally:
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(one)
    _log.info("stopped", action="process.stopped", stored=work.stored)


def first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that a person should read: the first of ours in the group, else the first."""
    leaves: list[BaseException] = []
    pending: list[BaseException] = [group]
    while pending:
        error = pending.pop(0)
        if isinstance(error, BaseExceptionGroup):
            pending = [*error.exceptions, *pending]
        else:
            leaves.append(error)
    return next((error for error in leaves if isinstance(error, WhistleError)), leaves[0])


def calm_collector() -> None:
    """Let the garbage collector look rarely: messages die young and hold no cycles.

    With its defaults a fifth of the time went into walking layers that never change.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def log_to_stderr() -> None:
    """One JSON line per event on stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
