"""Thirty viewers on one console: how evenly do they get new pictures, and what does it cost?"""

import asyncio
import random
from itertools import chain

import httpx
import psutil

from bench.stack import running
from bench.table import Row, percentiles
from bench.viewer import Seen, Viewer

BARGES = 1_500
EVERY_S = 3
VIEWERS = 30
SECONDS = 90.0
SETTLE_S = 15.0
PHASE = random.Random(1)


async def measure() -> list[Row]:
    """A single viewer first, as the baseline; then thirty, joining two a second."""
    async with running(BARGES, EVERY_S) as stack:
        console = psutil.Process(stack.pid("console"))
        await asyncio.sleep(SETTLE_S)
        alone, alone_cores = await _watch(stack.page, 1, console)
        many, cores = await _watch(stack.page, VIEWERS, console)
    one = _gaps(alone)
    gaps = _gaps(many)
    rows = percentiles("tick of one viewer (baseline)", one, "s")
    rows += percentiles(f"tick of {VIEWERS} viewers", gaps, "s", aim="p95 at most 1.5")
    rows += percentiles(
        f"fragment run, {VIEWERS} viewers", list(chain.from_iterable(s.runs for s in many)), "s"
    )
    total = sum(seen.bytes_in for seen in many)
    failed = sum(len(seen.failed) for seen in many)
    return [
        *rows,
        Row("console, one viewer", alone_cores, "cores"),
        Row(f"console, {VIEWERS} viewers", cores, "cores", f"{cores / alone_cores:.1f} x baseline"),
        Row("bytes read, per viewer (unpacked)", total / VIEWERS / SECONDS / 1000, "kB/s"),
        Row("bodies refused", failed, "of all", aim="0"),
    ]


async def _watch(page: str, count: int, console: psutil.Process) -> tuple[list[Seen], float]:
    async with httpx.AsyncClient(
        timeout=30, limits=httpx.Limits(max_connections=3 * count)
    ) as http:
        viewers = [Viewer(page, http) for _ in range(count)]

        async def join(n: int, viewer: Viewer) -> Seen:
            await asyncio.sleep(n / 2 + PHASE.uniform(0, 0.5))  # people come at any moment
            return await viewer.watch(SECONDS)

        before = console.cpu_times()
        seen = await asyncio.gather(*(join(n, viewer) for n, viewer in enumerate(viewers)))
        after = console.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return list(seen), spent / (SECONDS + (count - 1) / 2)


def _gaps(seen: list[Seen]) -> list[float]:
    """Gaps of all viewers, without the first five seconds of each, when the page is being built."""
    return list(chain.from_iterable(s.gaps()[5:] for s in seen))
