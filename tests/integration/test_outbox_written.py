"""What commands write into the outbox: every step once, with its event or not at all."""

import ast
import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args
from uuid import UUID, uuid4

import asyncpg
import jsonschema
import pytest
from outgoing_events import (
    MINUTE,
    MMSI,
    NOON,
    all_is_told_once,
    contract_of,
    cross,
    crossing,
    louder,
    suspect,
)

from commands.handle_alert import HandleAlerts, handle_alerts
from commands.retract_alert import RetractAlert, retract_alert
from db.alert import read_alerts
from db.errors import AlreadyThere, mapped_errors
from db.outbox import add_messages
from domain import alert_life
from domain.alert_life import Alert, AlertAction, StaleAlert, UnknownAlert
from domain.outgoing import Outgoing
from streams.contracts.alert_event import AlertType

OFFICER = "周建国"
SECRET = "船员电话已记，老周认得"  # noqa: S105 - what people write into a note


@pytest.fixture
async def store(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection:
        yield connection


async def act(
    store: asyncpg.Connection, action: AlertAction, *alerts: UUID, **words: object
) -> int:
    """A person does it to these alerts as they stand; how many changed."""
    known = await read_alerts(store, alerts)
    seen = {alert_id: known[alert_id].state for alert_id in alerts}
    done = await handle_alerts(store, OFFICER, HandleAlerts(uuid4(), action, seen, **words))
    return len(done.done)


async def whole_life(store: asyncpg.Connection, number: int = 0) -> Alert:
    """One alert goes through every step that there is."""
    alert = (await suspect(store, number)).alert
    one = alert.alert_id
    await suspect(store, number, last_at=NOON + 11 * MINUTE)
    await suspect(store, number, **louder(40, "medium"))
    await act(store, AlertAction.SEE, one)
    await act(store, AlertAction.NOTE, one, note=SECRET)
    until = NOON + 60 * MINUTE
    await act(store, AlertAction.SILENCE, one, note=SECRET, silence_until=until)
    await act(store, AlertAction.HEAR, one)
    await act(store, AlertAction.VALIDATE, one)
    await act(store, AlertAction.REJECT, one, note=SECRET)
    await suspect(store, number, **louder(75, "high"))
    await retract_alert(store, "watch", RetractAlert(one, "match_changed"))
    return alert


def kinds_of_life() -> set[str]:
    """Every kind of event that the life of an alert knows, read from its source."""
    tree = ast.parse(Path(alert_life.__file__).read_text("utf-8"))
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    named = {word for word in said if isinstance(word, str) and word.startswith("alert.")}
    return named - {StaleAlert.code, UnknownAlert.code}


async def test_every_step_of_an_alert_goes_out_once(store: asyncpg.Connection) -> None:
    await whole_life(store)
    kinds = {
        row["kind"]
        for row in await store.fetch("select kind from event where stream_kind = 'alert'")
    }
    assert kinds == kinds_of_life()
    assert {f"whistle.{kind}.v1" for kind in kinds} == set(get_args(AlertType))
    assert await all_is_told_once(store) == len(kinds)


async def test_what_goes_out_is_what_is_published_and_names_nobody(
    store: asyncpg.Connection,
) -> None:
    await whole_life(store)
    await cross(store, crossing(0, 1), crossing(1, 2))
    for row in await store.fetch("select destination, payload from outbox"):
        contract = contract_of(row["destination"])
        told = contract.decode(row["payload"])
        body = row["payload"].decode()
        jsonschema.validate(json.loads(body), contract.schema())
        known = json.loads(contract.encode(told))
        assert known["data"].keys() >= json.loads(body)["data"].keys()
        assert OFFICER not in body
        assert SECRET not in body
        assert "不外传" not in body
    last = await store.fetchval(
        "select payload from outbox where destination = 'whistle.alerts'"
        " order by outbox_id desc limit 1"
    )
    data = contract_of("whistle.alerts").decode(last).data
    assert (data.state, data.retraction, data.act) == ("retracted", "match_changed", "leave")
    assert (data.district, data.border_districts) == ("310118", ["320509", "320583"])
    assert data.decided_at is not None


async def test_a_vessel_keeps_its_key_whatever_is_learned_later(store: asyncpg.Connection) -> None:
    for who in ("plate:浙嘉兴货0231", "reading:5d0e"):
        behaviour = f"{who}/no_ais:wj-01/2026-11-20T12"
        await suspect(store, behaviour=behaviour, mmsi=None)
        await suspect(store, behaviour=behaviour, mmsi=MMSI, **louder(60, "medium"))
    rows = await store.fetch("select ordering_key, payload from outbox order by outbox_id")
    assert [row["ordering_key"] for row in rows] == ["plate:浙嘉兴货0231"] * 2 + [
        "reading:5d0e"
    ] * 2
    told = [contract_of("whistle.alerts").decode(row["payload"]) for row in rows]
    assert [one.data.mmsi for one in told] == [None, MMSI, None, MMSI]


async def test_many_commands_at_once_leave_one_message_an_event(
    pool: asyncpg.Pool, store: asyncpg.Connection
) -> None:
    """Finders, people and crossings of six vessels meet; some roll back."""

    async def live(number: int) -> None:
        async with pool.acquire() as mine:
            await whole_life(mine, number % 3)

    async def sail(number: int) -> None:
        async with pool.acquire() as mine:
            for turn in range(5):
                await cross(mine, crossing(number, turn), crossing(number + 1, turn))

    async def fail(number: int) -> None:
        async with pool.acquire() as mine:
            transaction = mine.transaction()
            await transaction.start()
            await suspect(mine, 10 + number)
            await cross(mine, crossing(10 + number))
            await transaction.rollback()

    works = [live(n) for n in range(6)] + [sail(n) for n in range(3)] + [fail(n) for n in range(3)]
    await asyncio.gather(*works)
    told = await all_is_told_once(store)
    assert told >= 3 * len(kinds_of_life()) + 30
    assert not await store.fetchval(
        "select count(*) from outbox where ordering_key = any($1)",
        [str(MMSI + 10 + n) for n in range(3)],
    )


async def test_a_crossing_that_is_found_twice_is_told_once(store: asyncpg.Connection) -> None:
    found = crossing()
    assert await cross(store, found) == [found.crossing_id]
    assert await cross(store, found) == []
    assert await all_is_told_once(store) == 1


async def test_nothing_goes_out_of_what_was_rolled_back(store: asyncpg.Connection) -> None:
    transaction = store.transaction()
    await transaction.start()
    await whole_life(store)
    await cross(store, crossing())
    assert await all_is_told_once(store) > 1
    await transaction.rollback()
    assert await all_is_told_once(store) == 0


async def test_an_id_is_used_once_per_channel(store: asyncpg.Connection) -> None:
    told = Outgoing("kafka", "whistle.alerts", "1", "alert/x/1", b"{}")
    await add_messages(store, [told])
    with pytest.raises(AlreadyThere):
        async with mapped_errors():
            await add_messages(store, [told])
