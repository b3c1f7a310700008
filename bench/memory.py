"""Memory of ingest and console over fifteen minutes with five viewers: is it flat?"""

import asyncio
import os
import time

import httpx
import numpy as np
import psutil

from bench.stack import Stack, running
from bench.table import Row
from bench.viewer import Viewer

BARGES = 1_500
EVERY_S = 3
VIEWERS = 5
SECONDS = float(os.environ.get("BENCH_MEMORY_S", "900"))
LOOK_EVERY_S = 5.0
WARM_SHARE = 0.74
"""The console keeps ten minutes of tails: only then can its memory be flat. So 11 of 15 minutes."""


async def measure() -> list[Row]:
    """Proportional set size at the end of warming up and at the end, and the slope in between."""
    async with running(BARGES, EVERY_S) as stack, httpx.AsyncClient(timeout=30) as http:
        viewers = [
            asyncio.create_task(Viewer(stack.page, http).watch(SECONDS)) for _ in range(VIEWERS)
        ]
        rows = await _sample(stack)
        await asyncio.gather(*viewers)
    return rows


async def _sample(stack: Stack) -> list[Row]:
    names = ("ingest", "console")
    processes = {name: psutil.Process(stack.pid(name)) for name in names}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    start = time.monotonic()
    while (elapsed := time.monotonic() - start) < SECONDS:
        for name, process in processes.items():
            seen[name].append((elapsed, process.memory_full_info().uss / 2**20))
        await asyncio.sleep(LOOK_EVERY_S)
    rows: list[Row] = []
    for name, points in seen.items():
        settled = np.array([p for p in points if p[0] >= SECONDS * WARM_SHARE])
        slope = np.polyfit(settled[:, 0] / 3600, settled[:, 1], 1)[0]
        first, last = settled[:6, 1].mean(), settled[-6:, 1].mean()
        rows += [
            Row(f"{name}, after {SECONDS * WARM_SHARE / 60:.0f} min", float(first), "MiB"),
            Row(
                f"{name}, after {SECONDS / 60:.0f} min",
                float(last),
                "MiB",
                f"{last / first:.2f} x",
                "flat",
            ),
            Row(f"{name}, slope", float(slope), "MiB/h"),
        ]
    return rows
