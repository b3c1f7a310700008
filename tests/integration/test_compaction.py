"""Old days become blocks: what has to stay stays, whoever reads, writes or dies meanwhile."""

import asyncio
import io
import json
import math
import os
import subprocess
import sys
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import numpy as np
import pytest
import structlog
from compacted_day import (
    ABOUT,
    DAY,
    FIXES,
    LATER,
    NOON,
    VESSELS,
    command,
    compaction,
    filled,
    fixes,
    whole_day,
    write,
)

from commands.compact_positions import compact_day
from commands.expire_blocks import ExpireBlocks, expire_blocks
from commands.pin_positions import PinPositions, pin_positions
from db import event
from db.position import (
    days_kept,
    partitions,
)
from db.track import StoredPosition, fixes_between
from domain.errors import InvalidInput
from domain.positions import FixFlag
from layers.trackfile import read_tracks
from streams.settings import IngestSettings, StreamSettings
from streams.workplace import Workplace


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    return await filled(pool)


async def test_every_fix_comes_back_as_it_was(store: asyncpg.Pool, database_url: str) -> None:
    async with store.acquire() as connection:
        before = {mmsi: await whole_day(connection, mmsi) for mmsi in VESSELS}
        assert await compaction(database_url, NOON + timedelta(days=3, hours=12)).run() == []
        with structlog.testing.capture_logs() as logs:
            first, second = await compaction(database_url).run()
        assert (first.day, first.vessels, first.rows, first.fixes) == (DAY, 20, 2400, 2400)
        assert (second.vessels, second.rows) == (1, 3)
        assert [entry["action"] for entry in logs] == ["compaction.done"] * 2
        assert await partitions(connection) == []
        assert {mmsi: await whole_day(connection, mmsi) for mmsi in VESSELS} == before
        assert len(before[VESSELS[0]]) == FIXES + 1  # noon of the next day is included
        assert before[VESSELS[0]][0].feed_id == "岸站"
        assert before[VESSELS[1]][0].cog_deg is not None
        some = before[VESSELS[0]][10:13]
        assert await fixes_between(connection, VESSELS[0], some[0].t, some[-1].t) == some
        assert first.size < 2400 * 20
        assert await compaction(database_url).run() == []
        (told,) = await event.stream(connection, "positions", DAY.isoformat())
        assert (told.kind, told.actor) == ("positions.compacted", "compaction")
        assert await event.verify_all(connection) == {}


async def cited(connection: asyncpg.Connection) -> dict[int, list[tuple[datetime, datetime]]]:
    """A crossing of the first vessel, an alert of the second that cites a fix, a pin of the third;
    by vessel what has to stay exact."""

    def at(seconds: int) -> datetime:
        return NOON + timedelta(seconds=seconds)

    await connection.execute(
        "insert into crossing values (gen_random_uuid(), $1, '310118', '320509', '{}', $2, $3,"
        " 120.9, 31.0, 'depth', false, $4, $5, now())",
        VESSELS[0], at(303), at(400), at(300), at(310),
    )  # fmt: skip
    evidence = [{"kind": "fix", "id": f"{VESSELS[1]}@{at(900).isoformat()}", "at": at(900)}]
    await connection.execute(
        "insert into alert (alert_id, behaviour, rule_set, source_kind, source_id, mmsi, state,"
        " score, level, reasons, lon, lat, adcode, border_adcodes, began_at, last_at, raised_at,"
        " changed_at) values (gen_random_uuid(), 'x', '1', 'stop', 'x', $1, 'retracted', 70,"
        " 'high', $4, 120.9, 31.0, '310118', '{}', $2, $3, now(), now())"
        .replace("changed_at)", "changed_at, retracted_at, retraction)")
        .replace("now(), now())", "now(), now(), now(), 'x')"),
        VESSELS[1], at(500), at(520),
        [{"rule": "x", "evidence": evidence}, {"rule": "y"}],
    )  # fmt: skip
    pin = PinPositions(uuid4(), VESSELS[2], at(700), at(800), "incident", "i-1", LATER)
    assert await pin_positions(connection, "test", pin)
    assert not await pin_positions(connection, "test", pin)
    return {
        VESSELS[0]: [(at(300) - ABOUT, at(400) + ABOUT)],
        VESSELS[1]: [(at(500) - ABOUT, at(520) + ABOUT), (at(900) - ABOUT, at(900) + ABOUT)],
        VESSELS[2]: [(at(700), at(800))],
    }


async def test_what_is_cited_stays_exact_and_the_rest_within_the_bound(store: asyncpg.Pool) -> None:
    bound_m = 60.0
    async with store.acquire() as connection:
        clone = fixes(VESSELS[3], 1, begin=NOON + timedelta(seconds=5), flags=int(FixFlag.CLONE))
        clone["lon"] = 100
        await write(connection, clone)
        exact = await cited(connection)
        before = {mmsi: await whole_day(connection, mmsi) for mmsi in VESSELS}
        done = await compact_day(connection, "test", command(bound_m))
        assert done is not None
        assert done.rows == 2401
        assert done.fixes < 600
        for mmsi in VESSELS:
            left = [one for one in await whole_day(connection, mmsi) if one.t.date() == DAY]
            assert {one.bound_m for one in left} == {bound_m}
            bare = {one._replace(bound_m=None) for one in left}
            first, *_, last = [one for one in before[mmsi] if one.t.date() == DAY]
            assert {first, last} <= bare <= set(before[mmsi])
            for since, until in exact.get(mmsi, []):
                within = {one for one in before[mmsi] if since <= one.t <= until}
                assert within
                assert within <= bare
            track = [one for one in left if not one.flags]
            for one in before[mmsi]:
                if one.flags:
                    assert one in bare
                elif one.t.date() == DAY:
                    assert off_m(track, one) <= bound_m
        fixes_cited = {NOON + timedelta(seconds=300), NOON + timedelta(seconds=310)}
        assert fixes_cited <= {one.t for one in await whole_day(connection, VESSELS[0])}


def off_m(track: list[StoredPosition], one: StoredPosition) -> float:
    """Metres between a fix and where the kept ones say that the vessel was then."""
    times = [kept.t.timestamp() for kept in track]
    lon = np.interp(one.t.timestamp(), times, [kept.lon for kept in track])
    lat = np.interp(one.t.timestamp(), times, [kept.lat for kept in track])
    east = (lon - one.lon) * 111_320 * math.cos(math.radians(one.lat))
    return math.hypot(east, (lat - one.lat) * 111_320)


async def test_blocks_expire_but_pinned_ones(store: asyncpg.Pool, database_url: str) -> None:
    async with store.acquire() as connection:
        pin = PinPositions(UUID(int=1), VESSELS[4], NOON, NOON, "incident", "i-3", LATER)
        await pin_positions(connection, "test", pin)
        with pytest.raises(InvalidInput):
            await pin_positions(
                connection, "test",
                PinPositions(uuid4(), 7, NOON, NOON - ABOUT, "incident", "i", LATER),
            )  # fmt: skip
        await compaction(database_url, block_retention_days=8).run()
        left = await connection.fetch("select mmsi, day from position_block order by day, mmsi")
        assert [tuple(row) for row in left] == [
            (VESSELS[4], DAY),
            (VESSELS[0], DAY + timedelta(days=1)),
        ]
        assert len(await whole_day(connection, VESSELS[4])) == FIXES
        assert await whole_day(connection, VESSELS[6]) == []
        kinds = [one.kind for one in await event.stream(connection, "positions", DAY.isoformat())]
        assert kinds == ["positions.compacted", "positions.expired"]
        nothing = ExpireBlocks(DAY + timedelta(days=1), LATER)
        assert await expire_blocks(connection, "test", nothing) == []


async def test_the_ingest_compacts_by_itself(
    store: asyncpg.Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams, settings = StreamSettings(retention_days=3), IngestSettings()

    async def until_compacted() -> None:
        place = await Workplace.open(database_url, settings, streams, lambda: LATER)
        days = asyncio.create_task(place.watch_days())
        try:
            while await store.fetchval("select count(*) from position_block") < 21:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        finally:
            days.cancel()
            await asyncio.gather(days, return_exceptions=True)
            await place.close()

    await asyncio.wait_for(until_compacted(), 60)
    async with store.acquire() as connection:
        assert await days_kept(connection) == [LATER.date() + timedelta(days=n) for n in range(4)]
    monkeypatch.setenv("WHISTLE_COMPACT", "false")
    place = await Workplace.open(database_url, settings, streams, lambda: LATER)
    assert place._compaction is None
    await place.close()


def whistle(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", *words],
        env={**os.environ, "DATABASE_URL": url, "WHISTLE_RETENTION_DAYS": "2"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


async def test_the_commands_compact_and_read(store: asyncpg.Pool, database_url: str) -> None:
    def track(since: str) -> subprocess.CompletedProcess[str]:
        words = ["track", str(VESSELS[0]), "--since", since, "--until", "2026-05-05T12:00:10Z"]
        return whistle(database_url, *words)

    before = await asyncio.to_thread(track, "2026-05-04T20:00:10+08:00")
    first = await asyncio.to_thread(whistle, database_url, "compact")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("2026-05-04: 20 vessels, 2400 positions, 2400 kept, ")
    assert [json.loads(line)["action"] for line in first.stderr.splitlines()] == [
        "compaction.done"
    ] * 2
    again = await asyncio.to_thread(whistle, database_url, "compact")
    assert again.stdout == "nothing is due, or another worker compacts\n"
    assert await store.fetchval("select count(*) from vessel_position") == 0
    after = await asyncio.to_thread(track, "2026-05-04T20:00:10+08:00")
    assert (after.returncode, after.stdout) == (0, before.stdout)
    tracks = read_tracks(io.BytesIO(after.stdout.encode()))
    assert (len(tracks.fixes.t), tracks.disordered) == (FIXES - 1 + 2, 0)
    assert after.stdout.splitlines()[1].startswith(f"{VESSELS[0]},2026-05-04T12:00:10+00:00,120.9")
    wrong = await asyncio.to_thread(track, "2026-05-04T20:00:10")
    assert (wrong.returncode, wrong.stderr) == (
        2, "whistle: --since: expected an offset such as +08:00\n",
    )  # fmt: skip
