"""The traffic as a program: reads its orders, sails, and ends cleanly on SIGTERM or Ctrl-C."""

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from rich.console import Console
from rich.progress import Progress

from domain.clock import utc_now
from domain.errors import InvalidInput
from seed.case_book import CaseBook
from seed.chorus import CaseReception, Chorus, Heard, StraysReception
from seed.history import write_history
from seed.reception import Reception
from seed.strays import Strays
from seed.transmit import Link, transmit
from seed.truth import TruthLog, builtin_districts
from seed.world import World

_MOST_BARGES = 5000
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Order:
    """Which world to sail, and where its truth labels go.

    `case`: the book of the lead case's beginnings, if it is played; `strays`: whether they sail.
    """

    barges: int
    seed: int
    every_s: int | None
    truth: Path | None
    truth_max_bytes: int
    case: Path | None = None
    strays: bool = False


def fleet_size(barges: int) -> int:
    """`barges` itself; `InvalidInput` outside 1 to 5 000."""
    if not 1 <= barges <= _MOST_BARGES:
        raise InvalidInput("--barges", f"1 to {_MOST_BARGES}")
    return barges


def address(text: str) -> tuple[str, int]:
    """`HOST:PORT`, IPv6 in brackets; `InvalidInput` for anything else."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 2**16:
        raise InvalidInput("--connect", "HOST:PORT, as in 127.0.0.1:10110")
    return host.strip("[]"), int(port)


def seconds(text: str, field: str) -> int:
    """A duration such as 90s, 30m, 2h, 1d."""
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if match is None or int(match[1]) == 0:
        raise InvalidInput(field, "a duration such as 90s, 30m or 2h")
    return int(match[1]) * _UNITS[match[2]]


def moment(text: str, now: datetime) -> int:
    """Epoch seconds of `90s`, `2h` ago or of an ISO 8601 time with offset, not after `now`."""
    if re.fullmatch(r"\d+[smhd]", text):
        return int(now.timestamp()) - seconds(text, "--since")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at > now + timedelta(seconds=1):
        raise InvalidInput("--since", "a duration such as 2h, or a past ISO 8601 time with offset")
    return int(at.timestamp())


def send(order: Order, host: str, port: int, *, since: int | None, rate: float) -> None:
    """Sail and send until SIGTERM or Ctrl-C."""
    log_to_stderr()
    asyncio.run(_send(order, host, port, since, rate))


async def _send(order: Order, host: str, port: int, since: int | None, rate: float) -> None:
    log = structlog.get_logger(__name__)
    reception = Reception(World(order.barges, order.seed), order.every_s)
    log.info("sail", action="traffic.start", barges=order.barges, seed=order.seed)
    link = Link(host, port)
    labels = None
    if order.truth is not None:
        labels = TruthLog(order.truth, reception, builtin_districts(), order.truth_max_bytes)

    def note(second: int) -> None:
        if labels is not None:
            labels.record(second, second + 1)
            if second % 60 == 0:
                labels.counts(second, reception.tally.kinds)

    heard: list[Heard] = [reception]
    if order.strays:
        heard.append(StraysReception(Strays(order.seed, order.barges)))
    if order.case is not None:
        heard.append(CaseReception(CaseBook(order.case), order.seed, link.connected.is_set))

    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine always runs in a task
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await transmit(Chorus(*heard), link, now=utc_now, since=since, rate=rate, on_second=note)
    if labels is not None:
        labels.close()
    log.info(
        "sail",
        action="traffic.stop",
        sent=link.sent.sent,
        dropped=link.sent.dropped,
        kinds=dict(reception.tally.kinds),
    )


def write(order: Order, duration_s: int, out: Path, now: datetime) -> None:
    """Write the last `duration_s` seconds of the world to `out`; progress on stderr."""
    with _progress("history") as show:
        recording = write_history(
            out,
            barges=order.barges,
            seed=order.seed,
            until=int(now.timestamp()),
            duration_s=duration_s,
            every_s=order.every_s,
            truth=order.truth,
            progress=show,
        )
    sys.stderr.write(f"{recording.lines} lines in {out}\n")


@contextlib.contextmanager
def _progress(label: str) -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, else a plain line for every tenth done."""
    if sys.stderr.isatty():
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task(label, total=1.0)
            yield lambda share: bar.update(task, completed=share)
        return
    told = 0

    def tell(share: float) -> None:
        nonlocal told
        if int(share * 10) > told:
            told = int(share * 10)
            sys.stderr.write(f"{label}: {told * 10} %\n")
            sys.stderr.flush()

    yield tell


def log_to_stderr() -> None:
    """One JSON line per event."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
