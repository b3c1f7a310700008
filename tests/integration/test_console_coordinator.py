"""The one poller: it lives through whatever happens to a picture, and says so once."""

import asyncio
import subprocess
import sys
from collections.abc import MutableMapping
from typing import Any

import asyncpg
import pytest
from console_parts import MMSI, coordinator, hear, sail
from structlog.testing import capture_logs

from dashboard.bodies import Bodies, Body, pack_json
from dashboard.snapshot import Snapshot
from domain.positions import UNTRUSTED


def actions(logs: list[MutableMapping[str, Any]]) -> list[str]:
    return [said["action"] for said in logs]


async def test_it_takes_what_the_store_holds(pool: asyncpg.Pool) -> None:
    await hear(pool)
    poller = coordinator(pool)
    await poller.step()
    assert poller.bodies.newest is not None
    assert [vessel.mmsi for vessel in poller.bodies.newest.vessels] == [MMSI]
    assert poller.failing_since is None


async def test_it_recovers_when_the_database_was_away(pool: asyncpg.Pool) -> None:
    poller = coordinator(pool)
    await poller.step()
    first = poller.bodies.newest
    with capture_logs() as logs:
        await pool.execute("alter table vessel_latest rename to vessel_gone")
        await poller.step()
        await poller.step()
        assert poller.failing_since is not None
        assert poller.bodies.newest is first
        await pool.execute("alter table vessel_gone rename to vessel_latest")
        await poller.step()
    assert poller.failing_since is None
    assert poller.bodies.newest is not first
    assert actions(logs) == ["snapshot.failed", "snapshot.recovered"]


async def test_it_survives_a_fault_of_its_own(pool: asyncpg.Pool) -> None:
    fails = [True]

    def make(snapshot: Snapshot) -> Body:
        if fails[0]:
            raise ValueError("a picture that cannot be made")
        return pack_json(snapshot.tick)

    poller = coordinator(pool, Bodies({"picture": make}))
    with capture_logs() as logs:
        await poller.step()
        await poller.step()
        assert poller.failing_since is not None
        assert poller.bodies.newest is None
        fails[0] = False
        await poller.step()
    assert poller.failing_since is None
    assert actions(logs) == ["snapshot.failed", "snapshot.recovered"]
    assert isinstance(logs[0]["exc_info"], ValueError)


def test_a_poller_that_ends_takes_the_process_with_it() -> None:
    program = """
import asyncio
from dashboard.asgi import end_with

async def poll():
    raise ValueError("unforeseen")

async def main():
    asyncio.create_task(poll()).add_done_callback(end_with)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "poller.ended" in done.stdout + done.stderr
    assert "unforeseen" in done.stdout + done.stderr


async def test_a_cancelled_poller_is_an_orderly_stop(pool: asyncpg.Pool) -> None:
    from dashboard.asgi import end_with

    task = asyncio.create_task(coordinator(pool).run())
    task.add_done_callback(end_with)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_layers_that_cannot_be_drawn_leave_the_old_ones(
    layered_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dashboard.atlas as room
    from db.pool import create_pool
    from layers.geography import Geography

    def refuse(_: object) -> Geography:
        raise KeyError("adcode")

    monkeypatch.setattr(room, "geography_of", refuse)
    pool = await create_pool(layered_url, size=2)
    atlas = room.Atlas(Geography.builtin())
    before = atlas.urls("zh")
    try:
        with capture_logs() as logs:
            await atlas.check(pool)
            await atlas.check(pool)
        assert actions(logs) == ["layers.refused"]
        assert atlas.urls("zh") == before
    finally:
        await pool.close()


async def test_the_first_picture_waits_for_neither_tails_nor_layers(pool: asyncpg.Pool) -> None:
    await hear(pool)
    await sail(pool, [(age, 120.9 - age * 3e-5, 31.02) for age in range(0, 300, 5)])
    poller = coordinator(pool)
    await poller.step()
    assert poller.bodies.newest is not None
    assert poller.bodies.newest.tails == {}
    await poller.look_beside()
    await poller.step()
    # one per half minute, and the newest
    assert 10 <= len(poller.bodies.newest.tails[MMSI]) <= 12


async def test_tails_that_cannot_be_read_are_said_once_and_tried_again(pool: asyncpg.Pool) -> None:
    await hear(pool)
    await sail(pool, [(age, 120.9 - age * 3e-5, 31.02) for age in (0, 60, 120)])
    poller = coordinator(pool)
    with capture_logs() as logs:
        await pool.execute("alter table vessel_position rename to position_gone")
        for _ in range(2):
            await poller.step()
            await poller.look_beside()
        assert poller.failing_since is None
        await pool.execute("alter table position_gone rename to vessel_position")
        await poller.look_beside()
        await poller.step()
    assert actions(logs) == ["tails.failed", "tails.recovered"]
    assert poller.bodies.newest is not None
    assert len(poller.bodies.newest.tails[MMSI]) == 3


async def test_suspect_fixes_are_in_no_tail(pool: asyncpg.Pool) -> None:
    await sail(pool, [(age, 120.9 - age * 3e-5, 31.02) for age in (0, 60, 120)], flags=UNTRUSTED)
    poller = coordinator(pool)
    await poller.step()
    await poller.look_beside()
    await poller.step()
    assert poller.bodies.newest is not None
    assert poller.bodies.newest.tails == {}
