"""Memory of a relay and a worker over half an hour of real traffic: is it flat?

Simulated barges speak over a real TCP socket in real time, a relay brings what they say to a real
broker, one worker stores it. Nothing else is asked of them, and nothing is stopped.
"""

import asyncio
import os
import time
from pathlib import Path

import asyncpg
import numpy as np
import psutil

from bench.graph import Points, drawn
from bench.ground import Ground, Program, addressed, processor_s, standing
from bench.stack import free_port
from bench.table import Row
from db.pool import connect

BARGES = int(os.environ.get("BENCH_STREAM_BARGES", "3000"))
EVERY_S = 1
SECONDS = float(os.environ.get("BENCH_STREAM_MEMORY_S", "1800"))
LOOK_EVERY_S = 10.0
WARM_SHARE = 1 / 3
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "img" / "stream-memory.svg"

_TAKEN = "select coalesce(sum(n), 0)::bigint from feed_count where outcome not like 'flag_%'"


async def measure() -> list[Row]:
    """Resident memory of each every ten seconds; the slope over the last two thirds."""
    with standing() as ground:
        url = await ground.prepare("memory")
        store = await connect(url)
        try:
            return await _measure(ground, url, store)
        finally:
            await store.close()


async def _measure(ground: Ground, url: str, store: asyncpg.Connection) -> list[Row]:
    port = free_port()
    environment = {
        **addressed(ground.settings("memory")),
        "DATABASE_URL": url,
        "WHISTLE_RELAY_SPOOL": str(ground.folder / "spool"),
    }
    logs = ground.folder / "log"
    listen, sail = f"127.0.0.1:{port}", ("--barges", str(BARGES), "--every", str(EVERY_S))
    with (
        Program(logs / "worker.log", "ingest", "--kafka", **environment) as worker,
        Program(
            logs / "relay.log", "relay", "--listen", listen, "--metrics", "", **environment
        ) as relay,
        Program(logs / "traffic.log", "traffic", "--connect", listen, *sail) as traffic,
    ):
        programs = {"relay": relay, "worker": worker, "traffic": traffic}
        began = await _first(store, programs)
        before = await store.fetchval(_TAKEN)
        pids = {name: one.pid for name, one in programs.items()}
        pids |= {"PostgreSQL": ground.store_pid, "broker": ground.broker_pid}
        busy = {name: processor_s([pid]) for name, pid in pids.items()}
        seen = await _watched(programs, began)
        count = await store.fetchval(_TAKEN) - before
        spent = time.monotonic() - began
        cores = {name: (processor_s([pid]) - busy[name]) / spent for name, pid in pids.items()}
        behind = await store.fetchval("select max(queued) from feed_status")
    PICTURE.write_text(
        drawn(
            f"Resident memory at {count / spent:,.0f} messages/s",
            {name: [(x / 60, y) for x, y in points] for name, points in seen.items()},
            across="minutes",
            upwards="MiB resident",
        ),
        encoding="utf-8",
    )
    rows = [
        Row(
            f"messages stored in {spent / 60:.0f} min, {BARGES:,} barges", float(count), "messages"
        ),
        Row("of a second", count / spent, "messages/s", aim="≥ 2000"),
        Row("waiting at the broker at the end", float(behind), "records"),
    ]
    for name, points in seen.items():
        rows += _rows(name, points)
    for name in ("relay", "worker", "PostgreSQL", "broker"):
        each = 1e6 * cores[name] / (count / spent)
        rows.append(
            Row(f"{name}, processor of a message, live", each, "µs", f"{cores[name]:.2f} cores")
        )
    return rows


async def _first(store: asyncpg.Connection, programs: dict[str, Program]) -> float:
    """When the first message was stored."""
    async with asyncio.timeout(120):
        while not await store.fetchval(_TAKEN):
            for one in programs.values():
                one.check()
            await asyncio.sleep(0.2)
    return time.monotonic()


async def _watched(programs: dict[str, Program], began: float) -> dict[str, Points]:
    processes = {name: psutil.Process(programs[name].pid) for name in ("relay", "worker")}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in processes}
    while (elapsed := time.monotonic() - began) < SECONDS:
        for one in programs.values():
            one.check()
        for name, process in processes.items():
            seen[name].append((elapsed, process.memory_info().rss / 2**20))
        await asyncio.sleep(LOOK_EVERY_S)
    return dict(seen)


def _rows(name: str, points: Points) -> list[Row]:
    settled = np.array([point for point in points if point[0] >= SECONDS * WARM_SHARE])
    slope = np.polyfit(settled[:, 0] / 3600, settled[:, 1], 1)[0]
    first, last = settled[:12, 1].mean(), settled[-12:, 1].mean()
    return [
        Row(f"{name}, two minutes from the {SECONDS * WARM_SHARE / 60:.0f}th", float(first), "MiB"),
        Row(f"{name}, last two minutes", float(last), "MiB", f"{last / first:.2f} x", "flat"),
        Row(f"{name}, most since then", float(settled[:, 1].max()), "MiB"),
        Row(f"{name}, slope since then", float(slope), "MiB/h"),
    ]
