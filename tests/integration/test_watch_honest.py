"""Honest traffic that looked like a breach: it must raise nothing, and a breach still must."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from watch_world import DAY, HULL, MINUTE, MMSI, POINT, World

from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from db.alert import store_now
from domain.permits import Permit, permit_id_of
from domain.registers import Hull

TRIPOINT = replace(
    POINT, checkpoint_id="js-01", lon=120.89907, lat=31.0191, adcode="330421", waterway="太浦河"
)
"""In Jiashan by 300 m to both other provinces, on a river that goes on into Qingpu."""


@pytest.fixture
async def world(pool: asyncpg.Pool) -> World:
    async with pool.acquire() as connection:
        made = World(pool, await store_now(connection))
        await register_checkpoints(connection, "test", RegisterCheckpoints((TRIPOINT,), made.now))
    return made


def approval(now: World, to_adcode: str) -> Permit:
    day = now.now.date()
    return Permit(
        permit_id=permit_id_of("approval", "苏转2026-7"),
        number="苏转2026-7",
        kind="approval",
        purpose="disposal",
        holder="青溪建设",
        carrier_id=None,
        mmsi=MMSI,
        waste="spoil",
        quantity_t=5000.0,
        used_t=0.0,
        from_adcode="320509",
        to_adcode=to_adcode,
        first_day=day - timedelta(days=9),
        last_day=day + timedelta(days=9),
    )


@pytest.mark.parametrize(
    ("to_adcode", "alerts"), [("310118", 0), ("330421", 0), ("3212", 1)],
    ids=["the other bank", "this bank", "elsewhere"],
)  # fmt: skip
async def test_at_a_gate_between_two_provinces_a_paper_for_either_is_in_order(
    world: World, to_adcode: str, alerts: int
) -> None:
    await world.hull()
    await world.permit(approval(world, to_adcode))
    await world.seen(world.now - 2 * MINUTE, "320509", lon=120.897, lat=31.0192)
    await world.read(world.now - MINUTE, checkpoint_id="js-01")
    assert len((await world.round()).raised) == alerts


@pytest.mark.parametrize(
    ("hull", "heard", "alerts"),
    [
        (replace(HULL, carries_spoil=False), 20 * MINUTE, 0),
        (replace(HULL, carries_spoil=False), DAY / 4, 1),
        (HULL, 20 * MINUTE, 1),
    ],
    ids=["its radio failed", "not heard for hours", "a spoil carrier"],
)
async def test_a_known_vessel_whose_radio_has_failed_hides_from_nobody(
    world: World, hull: Hull, heard: timedelta, alerts: int
) -> None:
    await world.hull(hull)
    await world.seen(world.now - heard, "320509", lon=120.88, lat=31.02)
    await world.read(world.now - MINUTE, None, plate=hull.name, checkpoint_id="js-01")
    raised = (await world.round()).raised
    assert [one.alert.subject for one in raised] == [hull.name] * alerts


@pytest.mark.parametrize(
    ("hull", "plate", "alerts"),
    [
        (replace(HULL, carries_spoil=False), None, 0),
        (replace(HULL, carries_spoil=False), "淀西2167", 0),
        (replace(HULL, carries_spoil=False), "浙运7731", 1),
        (replace(HULL, carries_spoil=False, length_m=55.0), None, 1),
        (HULL, None, 1),
    ],
    ids=["no name", "a digit misread", "another name", "another size", "a spoil carrier"],
)
async def test_a_hull_of_no_name_may_be_the_one_whose_radio_has_just_failed(
    world: World, hull: Hull, plate: str | None, alerts: int
) -> None:
    await world.hull(hull)
    await world.seen(world.now - 15 * MINUTE, "320509", lon=120.88, lat=31.02)
    await world.read(world.now - 3 * MINUTE, None, plate=plate, checkpoint_id="js-01")
    raised = (await world.round()).raised
    assert len(raised) == alerts


async def test_who_is_heard_where_it_cannot_have_come_to_explains_nothing_any_more(
    world: World,
) -> None:
    await world.hull(replace(HULL, carries_spoil=False))
    await world.seen(world.now - 15 * MINUTE, "320509", lon=120.88, lat=31.02)
    await world.read(world.now - 3 * MINUTE, None, checkpoint_id="js-01")
    assert (await world.round()).raised == ()
    await world.seen(world.now, "320509", lon=120.86, lat=31.02)  # 3.7 km back in 3 minutes
    [told] = (await world.round()).raised
    assert "no_ais" in told.alert.rules


async def test_ais_that_came_late_or_by_a_number_of_two_hulls_was_sent(world: World) -> None:
    at = world.now - 3 * MINUTE
    await world.read(at, None, checkpoint_id="js-01")
    [told] = (await world.round()).raised
    # taken by a receiver that was cut off, and stored only now
    await world.seen(at, "330421", mmsi=413_000_031, lon=TRIPOINT.lon, lat=TRIPOINT.lat)
    await world.pool.execute("update vessel_position set recorded_at = clock_timestamp()")
    gone = (await world.round()).retracted
    assert [(g.alert_id, g.retraction) for g in gone] == [(told.alert.alert_id, "heard_meanwhile")]
    other = world.now - 2 * MINUTE
    await world.seen(other, "330421", mmsi=413_000_032, lon=TRIPOINT.lon, lat=TRIPOINT.lat)
    await world.pool.execute(
        "update vessel_position set flags = 4, recorded_at = t where mmsi = 413000032"
    )
    await world.read(other, None, plate="江帆5854", checkpoint_id="js-01")
    assert (await world.round()).raised == ()


async def test_an_excuse_that_fails_brings_the_alert_back(world: World) -> None:
    """Told, then explained by a radio that came on the register, then not explained after all."""
    await world.read(world.now - 3 * MINUTE, None, checkpoint_id="js-01")
    [told] = (await world.round()).raised
    await world.hull(replace(HULL, carries_spoil=False))
    await world.seen(world.now - 15 * MINUTE, "320509", lon=120.88, lat=31.02)
    gone = (await world.round()).retracted
    assert [one.retraction for one in gone] == ["radio_lost"]
    await world.seen(world.now, "320509", lon=120.86, lat=31.02)
    [again] = (await world.round()).raised
    assert again.alert.alert_id == told.alert.alert_id
    assert again.alert.state == "new"
