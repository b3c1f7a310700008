"""Old days become blocks: what has to stay stays, whoever reads, writes or dies meanwhile."""

import asyncio
import math
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import numpy as np
import pytest
import structlog

from commands import compact_positions
from commands.compact_positions import BlockMismatch, CompactDay, Compacted, compact_day
from commands.expire_blocks import ExpireBlocks, expire_blocks
from commands.pin_positions import PinPositions, pin_positions
from db import event
from db.errors import StoreConflict, StoreError
from db.pool import connect
from db.position import (
    days_kept,
    insert_staged,
    make_partitions,
    make_stage,
    partitions,
    set_times,
    stage,
    staged_rows,
)
from db.track import StoredPosition, fixes_between
from domain.errors import InvalidInput
from domain.positions import FixFlag
from domain.thinning import Bound
from streams.compaction import Compaction
from streams.partitions import Partitions
from streams.settings import IngestSettings, StorageSettings, StreamSettings
from streams.workplace import Workplace

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = NOON.date()
VESSELS = [413_000_001 + n for n in range(20)]
FIXES = 120
ABOUT = timedelta(minutes=2)
LATER = NOON + timedelta(days=9)


def fixes(mmsi: int, count: int = FIXES, *, begin: datetime = NOON, flags: int = 0) -> np.ndarray:
    """A barge under way, every ten seconds, with the noise of its receiver."""
    random = np.random.default_rng(mmsi)
    rows = staged_rows(count)
    rows["mmsi"] = mmsi
    set_times(rows, begin.timestamp() + 10.0 * np.arange(count))
    rows["payload_hash"] = random.integers(-(2**63), 2**63 - 1, count)
    rows["lon"] = np.rint(120.9e6 + np.arange(count) * 300 + random.normal(0, 15, count)) / 1e6
    rows["lat"] = np.rint(31.0e6 + random.normal(0, 15, count)) / 1e6
    rows["sog_kn"] = np.round(random.normal(5, 0.1, count), 1)
    rows["cog_deg"] = np.nan if mmsi % 2 else np.round(random.normal(90, 2, count), 1)
    rows["heading_deg"], rows["nav_status"] = -1, 0
    rows["message_type"], rows["feed"], rows["district"], rows["flags"] = 1, 1 + mmsi % 2, 1, flags
    return rows


async def write(connection: asyncpg.Connection, *parts: np.ndarray) -> int:
    rows = staged_rows(sum(len(part) for part in parts))
    place = 0
    for part in parts:  # numpy's own joining would turn the bytes of the wire round
        rows[place : place + len(part)] = part
        place += len(part)
    await make_stage(connection)
    async with connection.transaction():
        await stage(connection, rows)
        return await insert_staged(connection, ["north", "岸站"])


async def whole_day(connection: asyncpg.Connection, mmsi: int) -> list[StoredPosition]:
    return await fixes_between(connection, mmsi, NOON - timedelta(days=1), NOON + timedelta(days=1))


def command(metres: float = 0.0) -> CompactDay:
    return CompactDay(DAY, Bound(metres) if metres else None, ABOUT, LATER)


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    """A day of twenty vessels in its partition, and one of the day after."""
    async with pool.acquire() as connection:
        await make_partitions(connection, [DAY, DAY + timedelta(days=1)])
        await write(connection, *(fixes(mmsi) for mmsi in VESSELS))
        await write(connection, fixes(VESSELS[0], 3, begin=NOON + timedelta(days=1)))
    return pool


def compaction(url: str, at: datetime = LATER, **settings: float) -> Compaction:
    return Compaction(url, timedelta(days=3), StorageSettings(**settings), now=lambda: at)


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


async def test_killed_in_the_midst_it_leaves_the_day_as_it_was(
    store: asyncpg.Pool, database_url: str
) -> None:
    connection = await connect(database_url, application="victim")
    async with store.acquire() as other:
        before = await whole_day(other, VESSELS[0])

        def kill(vessels: int, _rows: int) -> None:
            if vessels >= 16:
                connection.terminate()

        with pytest.raises(StoreError):
            await compact_day(connection, "test", command(), kill)
        assert await other.fetchval("select count(*) from position_block") == 0
        assert await whole_day(other, VESSELS[0]) == before
        done = None
        while done is None:  # the server may still hold the claim of the one that died
            done = await compact_day(other, "test", command())
        assert done.rows == 2400
        assert await whole_day(other, VESSELS[0]) == before


async def test_of_two_at_once_one_does_it(store: asyncpg.Pool, database_url: str) -> None:
    found = await asyncio.gather(*(compaction(database_url).run() for _ in range(3)))
    done = [one for each in found for one in each]
    assert sorted(one.rows for one in done) == [3, 2400]
    assert await store.fetchval("select count(*) from position_block") == 21


async def test_a_reader_sees_every_fix_at_every_moment(
    store: asyncpg.Pool, database_url: str
) -> None:
    async with store.acquire() as connection:
        before = await whole_day(connection, VESSELS[5])
        work = asyncio.create_task(compaction(database_url).run())
        looks = 0
        while not work.done() or not looks:
            assert await whole_day(connection, VESSELS[5]) == before
            looks += 1
        assert len(await work) == 2
        assert await whole_day(connection, VESSELS[5]) == before


async def test_a_day_in_use_is_waited_for(store: asyncpg.Pool, database_url: str) -> None:
    reached = asyncio.Event()
    async with store.acquire() as reader, store.acquire() as connection:
        held = reader.transaction()
        await held.start()
        await reader.fetchval("select count(*) from vessel_position")
        work = asyncio.create_task(
            compact_day(connection, "test", command(), lambda *_: reached.set())
        )
        await reached.wait()
        blocked = "select count(*) from pg_locks where not granted"
        while not await store.fetchval(blocked):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.05)
        assert await reader.fetchval("select count(*) from vessel_position") == 2403
        await held.rollback()
        done = await work
        assert isinstance(done, Compacted)


async def test_a_fix_that_comes_meanwhile_puts_the_day_off(
    store: asyncpg.Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved = compact_positions._prove
    late = fixes(VESSELS[0], 1, begin=NOON + timedelta(hours=3))

    async def meanwhile(*args) -> None:
        await proved(*args)
        monkeypatch.undo()
        async with store.acquire() as writer:
            assert await write(writer, late) == 1

    monkeypatch.setattr(compact_positions, "_prove", meanwhile)
    async with store.acquire() as connection:
        with pytest.raises(StoreConflict, match="more fixes"):
            await compact_day(connection, "test", command())
        assert await connection.fetchval("select count(*) from position_block") == 0
        done = await compact_day(connection, "test", command())
        assert done is not None
        assert done.rows == 2401


async def test_a_pin_that_comes_meanwhile_puts_the_day_off(
    store: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved = compact_positions._prove

    async def meanwhile(*args) -> None:
        await proved(*args)
        monkeypatch.undo()
        async with store.acquire() as other:
            until = NOON + timedelta(minutes=1)
            pin = PinPositions(uuid4(), VESSELS[9], NOON, until, "incident", "i-2", LATER)
            assert await pin_positions(other, "test", pin)

    monkeypatch.setattr(compact_positions, "_prove", meanwhile)
    async with store.acquire() as connection:
        with pytest.raises(StoreConflict, match="stay exact"):
            await compact_day(connection, "test", command(60))
        assert await compact_day(connection, "test", command(60)) is not None
        left = await fixes_between(connection, VESSELS[9], NOON, NOON + timedelta(minutes=1))
        assert len(left) == 7


async def test_a_block_that_lies_is_found_and_the_rows_stay(
    store: asyncpg.Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = compact_positions.encode

    def wrong(one):
        other = one._replace(rows=one.rows.copy())
        other.rows["lon"][-1] += 1e-6
        return right(other)

    monkeypatch.setattr(compact_positions, "encode", wrong)
    with structlog.testing.capture_logs() as logs:
        await compaction(database_url).attempt()  # as the ingest does it: it has to live on
    assert [entry["action"] for entry in logs] == ["compaction.failed"]
    async with store.acquire() as connection:
        with pytest.raises(BlockMismatch):
            await compact_day(connection, "test", command())
        assert await connection.fetchval("select count(*) from vessel_position") == 2403
        assert await connection.fetchval("select count(*) from position_block") == 0


@pytest.mark.parametrize("metres", [0.0, 60.0])
async def test_a_fix_that_waited_too_long_joins_the_block(
    store: asyncpg.Pool, database_url: str, metres: float
) -> None:
    settings = {"compact_thin_m": metres}
    async with store.acquire() as connection:
        days = Partitions(0, timedelta(days=3))
        await days.make_ahead(connection, LATER)
        await compaction(database_url, **settings).run()
        before = await whole_day(connection, VESSELS[0])
        late = fixes(VESSELS[0], 2, begin=NOON + timedelta(seconds=5), flags=int(FixFlag.LATE))
        stranger = fixes(7, 1)
        again = fixes(VESSELS[0])[:1]  # what the block has already
        await days._make(connection, {DAY})
        assert await write(connection, late, stranger, again) == 4
        seen = await whole_day(connection, VESSELS[0])
        assert len(seen) == len(before) + 2
        (done,) = await compaction(database_url, **settings).run()
        assert (done.vessels, done.rows) == (2, 4)
        assert "vessel_position_20260504" not in await partitions(connection)
        joined = await whole_day(connection, VESSELS[0])
        key = [(one.t, one.payload_hash, one.lon, one.flags, one.feed_id) for one in joined]
        assert key == [(one.t, one.payload_hash, one.lon, one.flags, one.feed_id) for one in seen]
        assert len(await whole_day(connection, 7)) == 1
        heard = await connection.fetchval(
            "select heard from position_block where mmsi = $1 and day = $2", VESSELS[0], DAY
        )
        assert heard >= FIXES + 2


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


async def test_the_command_compacts(store: asyncpg.Pool, database_url: str) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ops.cli", "compact"],
            env={**os.environ, "DATABASE_URL": database_url, "WHISTLE_RETENTION_DAYS": "2"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    first = await asyncio.to_thread(run)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("2026-05-04: 20 vessels, 2400 positions, 2400 kept, ")
    assert '"action": "compaction.done"' in first.stderr
    assert (await asyncio.to_thread(run)).stdout == "nothing is due, or another worker compacts\n"
    assert await store.fetchval("select count(*) from vessel_position") == 0
