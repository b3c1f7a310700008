"""A dead receiver or a dead pipeline makes no vessel dark; a vessel that hides is still found."""

from datetime import timedelta

import asyncpg
import pytest
from watch_world import INNER, MINUTE, MMSI, POINT, SECOND, World

from commands.raise_alert import Raised
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from db.alert import store_now
from db.receiver import last_fix, silence
from domain.silence import Cause, Silence

OTHERS = (413_000_002, 413_000_003, 413_000_004)
QUIET = 20 * MINUTE


@pytest.fixture
async def world(pool: asyncpg.Pool) -> World:
    """The carrier is laden, silent for twenty minutes, and its receiver JINZE has three others."""
    async with pool.acquire() as connection:
        made = World(pool, await store_now(connection))
        await register_checkpoints(
            connection, "test", RegisterCheckpoints((POINT, INNER), made.now)
        )
    await made.hull()
    await made.read(made.now - 90 * MINUTE, checkpoint_id="inner")
    await made.seen(made.now - QUIET, "310118")
    for mmsi in OTHERS:
        await made.seen(made.now - 10 * SECOND, "310118", mmsi=mmsi)
    await made.heard_by("JINZE", MMSI, *OTHERS)
    return made


async def told(world: World) -> Silence:
    async with world.pool.acquire() as connection:
        fix = await last_fix(connection, MMSI)
        assert fix is not None
        return await silence(connection, fix, await store_now(connection))


def silences(raised: tuple[Raised, ...]) -> list[Raised]:
    return [one for one in raised if "/silent:" in one.alert.behaviour]


async def test_it_hides_while_its_receiver_hears_the_others(world: World) -> None:
    await world.fed(world.now - 60 * MINUTE, station="JINZE")
    assert (await told(world)).cause is Cause.VESSEL
    [one] = silences((await world.round()).raised)
    [reason] = [r for r in one.alert.reasons if r["rule"] == "silent_in_border_water"]
    assert reason["facts"]["receiver"] == "ais/JINZE"
    assert (await world.round()).retracted == ()


@pytest.mark.parametrize("died", [20, 12, 6])
async def test_its_receiver_has_died(world: World, died: int) -> None:
    """Another one, near enough to hear those others meanwhile, does not make it dark."""
    await world.heard_by("ZHOUZHUANG", *OTHERS)
    await world.fed(world.now - 60 * MINUTE, station="ZHOUZHUANG")
    await world.fed(world.now - 60 * MINUTE, world.now - died * MINUTE, station="JINZE")
    # who was last heard by the dead one, and is silent since
    for mmsi in (413_000_011, 413_000_012):
        await world.seen(world.now - 21 * MINUTE, "310118", mmsi=mmsi, lon=120.95)
        await world.heard_by("JINZE", mmsi)
    found = await told(world)
    assert (found.cause, found.receiver) == (Cause.RECEIVER, "ais/JINZE")
    assert abs(found.since - (world.now - died * MINUTE)) <= MINUTE
    assert silences((await world.round()).raised) == []


async def test_the_receiver_that_it_sailed_towards_turns_out_to_have_died(world: World) -> None:
    """What it had heard comes in late, and shows that it is the one that hears that water."""
    await world.fed(world.now - 60 * MINUTE, station="JINZE")
    [one] = silences((await world.round()).raised)
    for mmsi in (413_000_021, 413_000_022):
        await world.seen(world.now - 25 * MINUTE, "310118", mmsi=mmsi, lon=120.858)
        await world.heard_by("ZHOUZHUANG", mmsi)
    await world.fed(world.now - 60 * MINUTE, world.now - 18 * MINUTE, station="ZHOUZHUANG")
    gone = (await world.round()).retracted
    assert [(g.alert_id, g.retraction) for g in gone] == [(one.alert.alert_id, "receiver_dead")]


async def test_the_pipeline_is_down(world: World) -> None:
    await world.fed(world.now - 60 * MINUTE, world.now - 18 * MINUTE, station="JINZE")
    beat = world.now - 17 * MINUTE
    async with world.pool.acquire() as connection:
        await connection.execute(
            "insert into feed_status (feed_id, connected, recorded_at) values ('ais', true, $1)",
            beat,
        )
    found = await told(world)
    assert (found.cause, found.since) == (Cause.PIPELINE, beat)
    assert silences((await world.round()).raised) == []
    async with world.pool.acquire() as connection:
        await connection.execute(
            """update feed_status set recorded_at = clock_timestamp(), queued = 7,
            last_sentence_at = $1""",
            beat,
        )
    found = await told(world)
    assert found.cause is Cause.PIPELINE, "it beats, but is a quarter of an hour behind"
    assert abs(found.since - beat) < timedelta(seconds=30)
