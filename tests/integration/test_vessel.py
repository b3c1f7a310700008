"""Vessels in the store: versions on two axes of time, and states by compare-and-set."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from db.errors import StoreConflict
from db.pool import transaction
from db.vessel import StoredState, add_identities, current_identities, load_states, save_states
from domain.vessels import Identity

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MMSI = 412000001


def named(name: str, minutes: int, mmsi: int = MMSI) -> Identity:
    return Identity(mmsi=mmsi, valid_from=NOON + timedelta(minutes=minutes), name=name)


async def name_at(pool: asyncpg.Pool, valid: datetime, known: datetime) -> str | None:
    return await pool.fetchval(
        """select name from vessel where mmsi = $1 and valid_from <= $2 and $2 < valid_to
           and recorded_from <= $3 and $3 < recorded_to""",
        MMSI,
        valid,
        known,
    )


async def test_versions_answer_on_both_axes(pool: asyncpg.Pool) -> None:
    first = NOON + timedelta(hours=1)
    second = NOON + timedelta(hours=2)
    async with transaction(pool) as connection:
        current = await add_identities(connection, [named("OLD", 0)], {}, first)
    async with transaction(pool) as connection:
        await add_identities(connection, [named("NEW", 30)], current, second)
    early, late = NOON + timedelta(minutes=10), NOON + timedelta(minutes=40)
    before, after = first + timedelta(minutes=1), second + timedelta(minutes=1)
    assert await name_at(pool, early, before) == "OLD"
    assert await name_at(pool, late, before) == "OLD"
    assert await name_at(pool, early, after) == "OLD"
    assert await name_at(pool, late, after) == "NEW"
    assert await name_at(pool, early, NOON) is None
    async with pool.acquire() as connection:
        found = await current_identities(connection, [MMSI, 1])
    assert found == {MMSI: (named("NEW", 30), second)}


async def test_several_versions_in_one_batch_are_several(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as connection:
        versions = [named("A", 0), named("B", 1), named("B", 1, 2), named("C", 1)]
        current = await add_identities(connection, versions, {}, NOON)
    assert current[MMSI][0].name == "C"
    rows = await pool.fetch(
        """select name, valid_to = 'infinity' as open, recorded_to = 'infinity' as known
           from vessel where mmsi = $1 order by recorded_from, valid_from""",
        MMSI,
    )
    # A is known twice: as what holds, then as what held; B began when C did and held for no time
    assert [tuple(row) for row in rows] == [
        ("A", True, False),
        ("A", False, True),
        ("B", True, False),
        ("C", True, True),
    ]


async def test_a_version_beside_another_workers_is_a_conflict(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as connection:
        known = await add_identities(connection, [named("A", 0)], {}, NOON)
        await connection.execute("update vessel set recorded_to = now()")
    with pytest.raises(StoreConflict):
        async with transaction(pool) as connection:
            await add_identities(connection, [named("B", 1)], known, NOON)


async def test_states_move_by_compare_and_set(pool: asyncpg.Pool) -> None:
    def state(t: float, revision: int, mmsi: int = MMSI) -> StoredState:
        return StoredState(
            mmsi, t, "310118", {"t": t, "spot": [t, 120.96412345678901, 31]}, revision
        )

    async with transaction(pool) as connection:
        await save_states(connection, [state(1.0, 1), state(1.0, 1, 2)])
        await save_states(connection, [state(2.0, 2)])
        assert await load_states(connection, [MMSI, 2, 3]) == {
            MMSI: state(2.0, 2),
            2: state(1.0, 1, 2),
        }
    for stale in (state(3.0, 2), state(3.0, 1), state(3.0, 4)):
        with pytest.raises(StoreConflict, match="1 vessels"):
            async with transaction(pool) as connection:
                await save_states(connection, [stale, state(3.0, 2, 2)])
    async with pool.acquire() as connection:
        assert (await load_states(connection, [2]))[2].revision == 1
