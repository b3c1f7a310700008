"""The watch on a real store: from crossings, readings and silences to alerts, each once."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from watch_world import DAY, HULL, INNER, MINUTE, MMSI, POINT, SECOND, World

from commands.put_registers import PutEntries, put_wharves
from commands.raise_alert import Raised
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from commands.undo_match import UndoMatch, undo_match
from db import event
from db.alert import CHANNEL, store_now
from db.errors import StoreError
from domain.alert_life import Alert, AlertState
from domain.checkpoints import Reading
from domain.draught import Load
from domain.permits import Permit, permit_id_of
from domain.registers import Wharf
from layers.geography import Geography
from streams import watch as watch_module
from streams.watch import Watch
from streams.watching import news, turns
from streams.watching.guard import Guard


@pytest.fixture
async def world(pool: asyncpg.Pool) -> World:
    async with pool.acquire() as connection:
        made = World(pool, await store_now(connection))
        await register_checkpoints(
            connection, "test", RegisterCheckpoints((POINT, INNER), made.now)
        )
    await made.hull()
    return made


def rules(alert: Alert) -> dict[str, int]:
    return {reason["rule"]: reason["weight"] for reason in alert.reasons}


def facts(alert: Alert, rule: str) -> Mapping[str, Any]:
    return next(reason["facts"] for reason in alert.reasons if reason["rule"] == rule)


async def test_a_laden_spoil_carrier_past_the_gate_is_one_high_alert(world: World) -> None:
    await world.seen(world.now - 2 * MINUTE, "310118")
    reading = await world.read(world.now - MINUTE)
    done = await world.round()
    [alert] = [one.alert for one in done.raised]
    assert rules(alert) == {"no_paper": 50, "laden": 15, "spoil_carrier": 10}
    assert (alert.score, alert.level, alert.state) == (75, "high", AlertState.NEW)
    assert (alert.mmsi, alert.subject) == (MMSI, "淀西2161")
    said = facts(alert, "no_paper")
    assert (said["from"], said["to"], said["stage"]) == ("310118", "320583", "gate")
    assert set(said["missing"]) == {"approval", "filing", "disposal"}
    assert facts(alert, "laden")["draught_m"] == 2.2
    assert str(reading.reading_id) in {e["id"] for r in alert.reasons for e in r["evidence"]}
    assert set(alert.border_adcodes) | {alert.adcode} >= {"310118", "320583"}
    for _ in range(3):
        again = await world.round()
        assert (again.raised, again.retracted) == ((), ())
    async with world.pool.acquire() as connection:
        kinds = [e.kind for e in await event.stream(connection, "alert", str(alert.alert_id))]
    assert kinds == ["alert.raised"]


async def test_the_crossing_that_follows_is_the_same_behaviour(world: World) -> None:
    await world.seen(world.now - 20 * MINUTE, "310118")
    await world.read(world.now - 15 * MINUTE)
    first = (await world.round()).raised[0].alert
    await world.seen(world.now - 2 * MINUTE, "320509")
    await world.cross(world.now - 16 * MINUTE)
    done = await world.round()
    assert (done.raised, done.retracted) == ((), ())
    [alert] = await world.open()
    assert alert.alert_id == first.alert_id


async def test_a_crossing_with_a_draught_measured_before(world: World) -> None:
    await world.seen(world.now - 40 * MINUTE, "310118")
    await world.read(world.now - 60 * MINUTE, checkpoint_id="inner")  # still in its province
    crossing = await world.cross(world.now - 10 * MINUTE)
    [alert] = [one.alert for one in (await world.round()).raised]
    assert facts(alert, "no_paper")["stage"] == "crossing"
    assert (alert.source_kind, alert.source_id) == ("crossing", str(crossing.crossing_id))


async def test_a_load_holds_until_the_vessel_has_lain_at_a_wharf(world: World) -> None:
    await world.read(world.now - 90 * MINUTE, checkpoint_id="inner")
    for minute in (70, 60, 45):
        await world.seen(world.now - minute * MINUTE, "310118", sog=0.1, lon=120.91, lat=31.12)
    await world.seen(world.now - 12 * MINUTE, "310118")
    wharf = Wharf("w", "淀西码头", "Dianxi wharf", "310118", 120.911, 31.1205, "spoil_licensed")
    async with world.pool.acquire() as connection:
        await put_wharves(connection, "test", PutEntries([wharf], world.now - DAY))
    await world.cross(world.now - 10 * MINUTE)
    assert (await world.round()).raised == ()
    # laden again, measured after the wharf
    await world.read(world.now - 30 * MINUTE, checkpoint_id="inner")
    await world.cross(world.now - 9 * MINUTE)
    assert len((await world.round()).raised) == 1


@pytest.mark.parametrize(
    ("draught_m", "load"), [(0.8, Load.LIGHT), (1.5, Load.UNSURE), (None, None)]
)
async def test_light_unsure_and_unmeasured_raise_nothing(
    world: World, draught_m: float | None, load: Load | None
) -> None:
    await world.seen(world.now - 20 * MINUTE, "310118")
    await world.read(world.now - 15 * MINUTE, draught_m=draught_m)
    await world.cross(world.now - 10 * MINUTE)
    assert (await world.round()).raised == ()


async def test_a_vessel_that_carries_no_spoil_raises_nothing(world: World) -> None:
    await world.hull(replace(HULL, carries_spoil=False))
    await world.seen(world.now - 20 * MINUTE, "310118")
    await world.read(world.now - 15 * MINUTE)
    await world.cross(world.now - 10 * MINUTE)
    assert (await world.round()).raised == ()


async def test_a_paper_that_comes_on_the_register_later_retracts_it(world: World) -> None:
    await world.seen(world.now - 2 * MINUTE, "310118")
    await world.read(world.now - MINUTE)
    [raised] = (await world.round()).raised
    number = "沪转2026-0417"
    await world.permit(
        Permit(
            permit_id=permit_id_of("approval", number),
            number=number,
            kind="approval",
            purpose="disposal",
            holder="淀波",
            carrier_id=None,
            mmsi=MMSI,
            waste="渣土",
            quantity_t=None,
            used_t=0.0,
            from_adcode="310118",
            to_adcode="32",
            first_day=(world.now - 5 * DAY).date(),
            last_day=(world.now + 5 * DAY).date(),
        )
    )
    done = await world.round()
    assert [gone.alert_id for gone in done.retracted] == [raised.alert.alert_id]
    assert done.retracted[0].retraction == "paper_found"
    assert (await world.round()).retracted == ()
    assert await world.open() == []


async def test_a_passage_without_ais_and_the_match_by_hand_that_ends_it(world: World) -> None:
    reading = await world.read(world.now - 2 * MINUTE, None, plate="无名01")
    [raised] = (await world.round()).raised
    assert rules(raised.alert) == {"no_ais": 35, "laden": 15}
    assert (raised.alert.mmsi, raised.alert.subject) == (None, "无名01")
    assert (await world.round()).raised == ()
    command = UndoMatch(uuid4(), reading.reading_id, None, "it had AIS")
    async with world.pool.acquire() as connection:
        await undo_match(connection, "Zhou", command)
    done = await world.round()
    assert [gone.retraction for gone in done.retracted] == ["match_changed"]


async def test_silent_in_border_water_while_others_are_heard(world: World) -> None:
    quiet = world.now - 20 * MINUTE
    await world.seen(quiet, "310118")
    await world.read(world.now - 90 * MINUTE)
    await world.seen(world.now - 60 * MINUTE, "310118", mmsi=413_000_002)  # nobody near is heard
    assert all("silent" not in one.alert.behaviour for one in (await world.round()).raised)
    await world.seen(world.now, "310118", mmsi=413_000_002)
    # nor is our own outage anybody's silence
    assert all("silent" not in one.alert.behaviour for one in (await world.round()).raised)
    await world.fed(quiet)
    raised = [one.alert for one in (await world.round()).raised]
    [alert] = [one for one in raised if "/silent:" in one.behaviour]
    assert "silent_in_border_water" in rules(alert)
    assert facts(alert, "silent_in_border_water")["minutes"] >= 19
    # fixes that come in late show that it never was silent
    async with world.pool.acquire() as connection:
        await connection.execute(
            """insert into vessel_position (mmsi, t, payload_hash, lon, lat, sog_kn, message_type,
            flags, feed_id, recorded_at) values ($1, $2, 2, 120.86, 31.11, 5, 18, 1, 'ais', $3)""",
            *(MMSI, quiet + 2 * MINUTE, world.now),
        )
    done = await world.round()
    assert "heard_meanwhile" in [gone.retraction for gone in done.retracted]


async def test_a_polygon_left_in_border_water_then_turned_back(world: World) -> None:
    await world.seen(world.now - 60 * MINUTE, "310118")
    await world.read(world.now - 60 * MINUTE, checkpoint_id="inner")
    assert (await world.round()).raised == ()
    # half a kilometre of Kunshan: in its middle nothing is confirmed by depth
    place = {"lon": POINT.lon, "lat": POINT.lat, "adcode": "320583"}
    await world.seen(world.now - SECOND, "310118", **place)
    raised = [one.alert for one in (await world.round()).raised]
    [alert] = raised
    assert (alert.source_kind, rules(alert)["no_paper"]) == ("border", 35)
    home = {"lon": 120.90, "lat": 31.12, "water": False}
    await world.seen(world.now + SECOND, "310118", **home)
    done = await world.round()
    assert [gone.retraction for gone in done.retracted] == ["turned_back"]


async def test_killed_between_the_alert_and_the_cursor_it_goes_on_exactly(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.seen(world.now - 2 * MINUTE, "310118")
    await world.read(world.now - MINUTE)

    async def killed(*_: object) -> None:
        raise ConnectionResetError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(news, "move_cursor", killed)
        with pytest.raises(StoreError):
            await world.round()
    assert await world.open() == []
    another = World(world.pool, world.now)
    assert len((await another.round()).raised) == 1
    assert len(await world.open()) == 1


async def test_two_watches_at_once_raise_each_alert_once(world: World) -> None:
    await world.seen(world.now - 2 * MINUTE, "310118")
    await world.read(world.now - MINUTE)
    for number in range(5):
        await world.read(world.now - (2 + number) * MINUTE, None, plate=f"无名{number}")
    other = World(world.pool, world.now)
    both: list[Raised] = []
    for _ in range(3):
        rounds = await asyncio.gather(world.round(), other.round())
        both += [one for done in rounds for one in done.raised]
    assert sorted(one.kind or "" for one in both) == ["alert.raised"] * 6
    assert len(await world.open()) == 6


async def test_in_a_storm_alerts_are_asked_again_in_turns(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        await world.read(world.now - 2 * MINUTE, None, plate=f"无名{number}")
    assert len((await world.round()).raised) == 7
    asked: list[str | None] = []

    async def disproof(_c: Any, _g: Any, _s: Any, alert: Alert) -> None:
        asked.append(alert.subject)

    monkeypatch.setattr(turns, "A_TURN", 3)
    monkeypatch.setattr(turns, "disproof", disproof)
    taking = turns.Turns()
    for _ in range(7):
        async with world.pool.acquire() as connection:
            await taking.take(connection, Geography.builtin(), None, world.now, Guard())
    assert {asked.count(f"无名{number}") for number in range(7)} == {3}


async def test_one_that_cannot_be_assessed_is_logged_and_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.seen(world.now - 3 * MINUTE, "310118")
    bad = await world.read(world.now - 2 * MINUTE)
    await world.read(world.now - MINUTE, None, plate="无名9")
    real = news.passage_case

    async def passage(connection: Any, source: Any, reading: Reading, match: Any) -> Any:
        if reading == bad:
            raise ZeroDivisionError("poison")
        return await real(connection, source, reading, match)

    monkeypatch.setattr(news, "passage_case", passage)
    raised = (await world.round()).raised
    assert [one.alert.subject for one in raised] == ["无名9"]
    assert (await world.round()).raised == ()


async def test_it_runs_until_stopped_and_waits_for_a_store_that_is_away(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.seen(world.now - 2 * MINUTE, "310118")
    await world.read(world.now - MINUTE)
    tried = asyncio.Event()
    real = watch_module.create_pool
    calls = 0

    async def away_once(*arguments: Any, **named: Any) -> asyncpg.Pool:
        nonlocal calls
        calls += 1
        tried.set()
        if calls == 1:
            raise ConnectionRefusedError("not there")
        return await real(*arguments, **named)

    monkeypatch.setattr(watch_module, "create_pool", away_once)
    running = Watch(database_url, every_s=0.05)
    task = asyncio.create_task(running.run())
    heard = asyncio.Event()
    async with world.pool.acquire() as connection:
        await connection.add_listener(CHANNEL, hear := (lambda *_: heard.set()))
        async with asyncio.timeout(30):
            await tried.wait()
            await heard.wait()
            running.stop()
            await task
        await connection.remove_listener(CHANNEL, hear)
    assert calls == 2
    assert len(await world.open()) == 1
