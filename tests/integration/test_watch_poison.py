"""One bad item is logged and left alone for a while; the round goes on with all the others."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs
from watch_world import INNER, MINUTE, MMSI, POINT, SECOND, World

from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from commands.take_reading import TakeReading, take_reading
from db.alert import store_now
from db.errors import StoreUnavailable
from domain.alert_life import Alert, AlertState
from domain.checkpoints import Direction, Reading, System
from domain.registers import Hull
from layers.geography import Geography
from streams import matching
from streams.watching import again, carriers, case, recheck, turns
from streams.watching.guard import Guard

OTHER = 413_000_918


@pytest.fixture
async def world(pool: asyncpg.Pool) -> World:
    """Two spoil carriers of Qingpu."""
    async with pool.acquire() as connection:
        made = World(pool, await store_now(connection))
        await register_checkpoints(
            connection, "test", RegisterCheckpoints((POINT, INNER), made.now)
        )
    await made.hull()
    await made.hull(Hull(OTHER, "淀西2162", 42.0, 8.3, 540.0, 0.74, 2.24, "qp", carries_spoil=True))
    return made


class Poison:
    """Stands in for an async function and fails for one item; the others go the real way."""

    def __init__(self, real: Callable[..., Any], bad: Callable[..., bool]) -> None:
        self._real, self._bad = real, bad
        self.error: Exception = ZeroDivisionError("poison")
        self.tried = 0

    async def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self._bad(*arguments):
            self.tried += 1
            raise self.error
        return await self._real(*arguments, **named)


def told(logs: list[Any]) -> list[tuple[str, str]]:
    """Source and key of every item that was left out."""
    return [(one["source"], one["key"]) for one in logs if one.get("action") == "watch.poison"]


async def taken(world: World, name: str) -> Reading:
    """A reading that nobody has matched yet."""
    reading = Reading(
        checkpoint_id=POINT.checkpoint_id,
        system=System.WUJIANG,
        source_key=name,
        t=world.now - 10 * MINUTE,
        direction=Direction.FORTH,
        length_m=42.0,
    )
    async with world.pool.acquire() as connection:
        await take_reading(connection, "test", TakeReading(reading, {}, reading.t))
    return reading


async def test_a_reading_that_cannot_be_matched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _ = await taken(world, "bad"), await taken(world, "good")
    judge = Poison(matching.judge, lambda _c, reading, *_: reading == bad)
    monkeypatch.setattr(matching, "judge", judge)
    with capture_logs() as logs:
        assert (await world.round()).matched == 1
        assert (await world.round()).matched == 0
    assert told(logs) == [("matching", str(bad.reading_id))]
    assert judge.tried == 1


async def beyond(world: World, *mmsis: int) -> None:
    """Deep in Suzhou, and confirmed in Qingpu: a polygon left."""
    for mmsi in mmsis:
        await world.read(world.now - 90 * MINUTE, mmsi, checkpoint_id="inner")
        await world.seen(
            world.now - 5 * SECOND, "310118", mmsi, lon=POINT.lon, lat=POINT.lat, adcode="320583"
        )


@pytest.mark.parametrize("where", ["in its case", "when it is assessed"])
async def test_a_carrier_that_cannot_be_assessed(
    world: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    await beyond(world, MMSI, OTHER)
    if where == "in its case":
        poison = Poison(carriers.border_case, lambda _c, _s, state, *_: state.mmsi == MMSI)
        monkeypatch.setattr(carriers, "border_case", poison)
    else:
        poison = Poison(case.by_any_way, lambda _c, _g, facts, *_: facts.subject.mmsi == MMSI)
        monkeypatch.setattr(case, "by_any_way", poison)
    with capture_logs() as logs:
        raised = (await world.round()).raised
        poison.tried = 0
        await world.seen(world.now, "310118", lon=POINT.lon, lat=POINT.lat, adcode="320583")
        await world.round()
    assert {one.alert.mmsi for one in raised if "/leave:" in one.alert.behaviour} == {OTHER}
    assert ("border", str(MMSI)) in told(logs)
    assert poison.tried == 0


@pytest.mark.parametrize("in_turns", [False, True])
async def test_an_alert_that_cannot_be_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch, in_turns: bool
) -> None:
    await world.read(world.now - 2 * MINUTE, None, plate="无名1")
    await world.read(world.now - 2 * MINUTE, None, plate="无名2")
    raised = [one.alert for one in (await world.round()).raised]
    bad = next(alert for alert in raised if alert.subject == "无名1")

    async def disproof(_c: Any, _g: Any, _s: Any, alert: Alert) -> str:
        return "match_changed"

    poison = Poison(disproof, lambda _c, _g, _s, alert: alert.alert_id == bad.alert_id)
    monkeypatch.setattr(turns if in_turns else recheck, "disproof", poison)
    ask = turns.Turns().take if in_turns else recheck.recheck
    guard = Guard()
    with capture_logs() as logs:
        for expected in (["无名2"], []):
            async with world.pool.acquire() as connection, connection.transaction():
                gone = await ask(connection, Geography.builtin(), None, world.now, guard)
            assert [alert.subject for alert in gone] == expected
    assert told(logs) == [("alert", str(bad.alert_id))]
    assert [(alert.subject, alert.state) for alert in await world.open()] == [
        ("无名1", AlertState.NEW)
    ]


async def test_a_passage_that_cannot_be_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await world.read(world.now - 2 * MINUTE, None, plate="无名1")
    async with world.pool.acquire() as connection:
        guard = Guard()
        poison = Poison(again.passage_case, lambda _c, _s, reading, *_: reading == bad)
        monkeypatch.setattr(again, "passage_case", poison)
        monkeypatch.setattr(again, "nobodies", _only(bad.reading_id))
        with capture_logs() as logs:
            for _ in range(2):
                assert await again.passages_again(connection, None, world.now, guard) == []
    assert told(logs) == [("reading", str(bad.reading_id))]


def _only(reading_id: UUID) -> Callable[..., Any]:
    async def nobodies(*_: Any) -> list[UUID]:
        return [reading_id]

    return nobodies


async def test_after_a_while_it_is_tried_again(pool: asyncpg.Pool) -> None:
    moment = 0.0
    guard = Guard(again_s=60, now=lambda: moment)
    async with pool.acquire() as connection, connection.transaction():
        for moment, left in ((0.0, False), (59.0, True), (61.0, False)):  # noqa: B007
            assert guard.leaves("alert", "x") is left
            if not left:
                async with guard.about(connection, "alert", "x"):
                    await connection.execute("create temporary table half_done ()")
                    raise ZeroDivisionError
            assert not guard.leaves("alert", "y")
        gone = await connection.fetchval("select to_regclass('half_done')")
    assert gone is None  # its savepoint was rolled back, the transaction lives


async def test_what_is_the_stores_own_passes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await beyond(world, MMSI, OTHER)
    poison = Poison(carriers.border_case, lambda *_: True)
    poison.error = StoreUnavailable("away")
    monkeypatch.setattr(carriers, "border_case", poison)
    with capture_logs() as logs, pytest.raises(StoreUnavailable):
        await world.round()
    assert told(logs) == []
    monkeypatch.undo()
    assert {one.alert.mmsi for one in (await world.round()).raised} >= {MMSI, OTHER}
