"""The console's reads, on a store that the ingest's own tables fill."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from dashboard.atlas import Atlas
from dashboard.bodies import Bodies
from dashboard.coordinator import Coordinator
from dashboard.dossier import Dossiers
from dashboard.settings import ConsoleSettings
from db.layer import current_versions
from db.pool import create_pool
from db.snapshot import LiveRows, read_live, read_tails, read_vessel
from domain.clock import SHANGHAI
from domain.positions import FixFlag
from layers.geography import Geography
from seed.layers import load_builtin_layers

MMSI = 413000001
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    day = NOW.replace(hour=0, minute=0, second=0)
    for n in (-2, -1, 0, 1):
        first, last = day + timedelta(days=n), day + timedelta(days=n + 1)
        await pool.execute(
            f"create table if not exists vessel_position_{first:%Y%m%d} partition of"
            f" vessel_position for values from ('{first.isoformat()}') to ('{last.isoformat()}')"
        )
    await latest(pool, MMSI, age_s=5)
    await latest(pool, MMSI + 1, age_s=25 * 3600)
    await pool.execute(
        "insert into vessel (mmsi, name, draught_m, valid_from, recorded_from, recorded_to)"
        " values ($1, 'OLD NAME', 1, $2, $2, $3), ($1, 'NEW NAME', 2.5, $3, $3, 'infinity')",
        MMSI,
        NOW - timedelta(days=2),
        NOW - timedelta(days=1),
    )
    return pool


async def latest(pool: asyncpg.Pool, mmsi: int, age_s: float) -> None:
    await pool.execute(
        "insert into vessel_latest (mmsi, t, lon, lat, sog_kn, cog_deg, message_type, flags,"
        " adcode, border_water, feed_id, recorded_at)"
        " values ($1, $2, 120.9, 31.02, 5, 90, 1, 0, '310118', true, 'ais', $2)",
        mmsi,
        NOW - timedelta(seconds=age_s),
    )


async def fix(pool: asyncpg.Pool, age_s: float, lon: float, flags: FixFlag = FixFlag.NONE) -> None:
    await pool.execute(
        "insert into vessel_position (mmsi, t, payload_hash, lon, lat, message_type, flags,"
        " feed_id, recorded_at) values ($1, $2, $3, $4, 31.02, 1, $5, 'ais', $2)",
        MMSI,
        NOW - timedelta(seconds=age_s),
        int(lon * 1e6),
        lon,
        int(flags),
    )


async def cross(
    pool: asyncpg.Pool,
    at: datetime,
    *,
    confirmed: datetime | None = None,
    grazing: bool = False,
) -> None:
    await pool.execute(
        "insert into crossing values"
        " ($1, $2, '310118', '320509', '{330421}', $3, $5, 120.9, 31.02, 'gate', $4, $3, $3, $3)",
        uuid4(),
        MMSI,
        at,
        grazing,
        confirmed or at,
    )


async def count(pool: asyncpg.Pool, outcome: str, n: int, age: timedelta) -> None:
    minute = (NOW - age).replace(second=0)
    await pool.execute("insert into feed_count values ('ais', $1, $2, $3)", minute, outcome, n)


async def alert(pool: asyncpg.Pool, behaviour: str, state: str, age: timedelta) -> None:
    await pool.execute(
        "insert into alert (alert_id, behaviour, rule_set, source_kind, source_id, state, score,"
        " level, reasons, lon, lat, adcode, border_adcodes, began_at, last_at, raised_at,"
        " changed_at, retracted_at, retraction)"
        " values (gen_random_uuid(), $1, '2026-1', 'border', '1', $2, 50, 'medium', '[]', 120.9,"
        " 31.02, '310118', '{}', $3, $3, $3, $3, case when $2 = 'retracted' then $3::timestamptz"
        " end, case when $2 = 'retracted' then 'late_ais' end)",
        behaviour,
        state,
        NOW - age,
    )


async def read(pool: asyncpg.Pool, alerts: int = 400) -> LiveRows:
    day = NOW.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0)
    async with pool.acquire() as connection:
        return await read_live(
            connection,
            since=NOW - timedelta(hours=24),
            minutes_since=NOW - timedelta(minutes=15),
            hour=NOW - timedelta(hours=1),
            day=day,
            decided_since=NOW - timedelta(hours=24),
            crossings=10,
            alerts=alerts,
        )


async def test_vessels_with_their_current_name_and_within_the_horizon(store: asyncpg.Pool) -> None:
    rows = await read(store)
    assert [(row["mmsi"], row["name"]) for row in rows.vessels] == [(MMSI, "NEW NAME")]


async def test_an_undecided_alert_stays_however_old_it_is(store: asyncpg.Pool) -> None:
    for state in ("new", "seen", "validated", "rejected", "retracted"):
        for name, age in (("fresh", timedelta(minutes=5)), ("old", timedelta(days=40))):
            await alert(store, f"{state} {name}", state, age)
    rows = await read(store)
    assert {row["behaviour"] for row in rows.alerts} == {
        "new fresh",
        "new old",
        "seen fresh",
        "seen old",
        "validated fresh",
        "rejected fresh",
        "retracted fresh",
    }
    assert rows.alerts_open == 5
    few = await read(store, alerts=2)
    assert (len(few.alerts), few.alerts_open) == (2, 5)


async def test_crossings_in_the_order_in_which_they_became_certain(store: asyncpg.Pool) -> None:
    await cross(store, NOW - timedelta(minutes=9), confirmed=NOW - timedelta(minutes=1))
    await cross(store, NOW - timedelta(minutes=5))
    rows = await read(store)
    ages = [NOW.timestamp() - row["crossed_at"] for row in rows.crossings]
    assert ages == [540, 300]


async def test_crossings_newest_first_and_counted_from_midnight(store: asyncpg.Pool) -> None:
    day = NOW.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0)
    await cross(store, day)
    await cross(store, day + timedelta(microseconds=1), grazing=True)
    await cross(store, day - timedelta(seconds=1))
    rows = await read(store)
    assert rows.crossings_today == 1
    times = [row["crossed_at"] for row in rows.crossings]
    assert times == sorted(times, reverse=True)
    assert len(times) == 3
    assert rows.crossings[0]["via"] == ["330421"]


async def test_counts_per_hour_and_day_and_per_minute(store: asyncpg.Pool) -> None:
    await count(store, "position", 50, timedelta(minutes=2))
    await count(store, "flag_jump", 5, timedelta(minutes=2))
    await count(store, "checksum", 3, timedelta(minutes=2))
    await count(store, "checksum", 4, timedelta(days=2))
    rows = await read(store)
    assert [row["n"] for row in rows.feed_minutes] == [53]
    checksum = next(row for row in rows.feed_outcomes if row["outcome"] == "checksum")
    assert checksum["hour_n"] == 3


async def test_tails_pass_through_trusted_fixes_only(store: asyncpg.Pool) -> None:
    await fix(store, 90, 120.88)
    await fix(store, 20, 121.50, FixFlag.JUMP)
    await fix(store, 10, 120.89, FixFlag.FAST)
    async with store.acquire() as connection:
        rows = await read_tails(connection, NOW - timedelta(minutes=10))
    assert [row["lon"] for row in rows] == [120.88, 120.89]


async def test_a_vessel_nobody_heard(store: asyncpg.Pool) -> None:
    async with store.acquire() as connection:
        assert await read_vessel(connection, 1) is None


@pytest.fixture
async def coordinator(store: asyncpg.Pool, database_url: str) -> Coordinator:
    async def connect() -> asyncpg.Pool:
        return await create_pool(database_url, size=2)

    return Coordinator(connect, ConsoleSettings(), Bodies({}), Atlas(Geography.builtin()))


async def test_the_coordinator_takes_a_snapshot_and_ticks_grow(coordinator: Coordinator) -> None:
    try:
        ticks = []
        for _ in range(3):
            await coordinator.step()
            assert coordinator.snapshot is not None
            ticks.append(coordinator.snapshot.tick)
        assert ticks == sorted(set(ticks))
        assert [v.mmsi for v in coordinator.snapshot.vessels] == [MMSI]
        assert coordinator.failing_since is None
    finally:
        await coordinator.close()


async def test_the_drawer_reads_everything_of_a_vessel(
    coordinator: Coordinator, store: asyncpg.Pool
) -> None:
    await fix(store, 90, 120.88)
    await fix(store, 20, 121.50, FixFlag.JUMP | FixFlag.LATE)
    await fix(store, 10, 120.89)
    await cross(store, NOW - timedelta(minutes=5))
    dossiers = Dossiers(coordinator)
    try:
        found = await dossiers.get(MMSI, 1)
        assert found is not None
        assert found.declared["draught_m"] == 2.5
        assert found.track == (((120.88, 31.02), (120.89, 31.02)),)
        assert found.flags == {FixFlag.JUMP: 1, FixFlag.LATE: 1}
        assert len(found.crossings) == 1
        assert await dossiers.get(MMSI, 1) is found
        assert await dossiers.get(1, 1) is None
    finally:
        await coordinator.close()


async def test_an_imported_layer_is_taken(coordinator: Coordinator, store: asyncpg.Pool) -> None:
    atlas = Atlas(Geography.builtin())
    before = atlas.gazetteer
    await atlas.check(store)
    assert atlas.gazetteer is before
    async with store.acquire() as connection:
        await load_builtin_layers(connection)
        assert await current_versions(connection)
    await atlas.check(store)
    assert atlas.gazetteer is not before
    assert atlas.gazetteer.district("310118", "zh") == "青浦"
