"""The whistle blown, answered and escalated in the store: each once, all of it on record."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from mustering import (
    CONTROLLER,
    NAMES,
    OFFICER,
    VIEWER,
    Links,
    blow,
    furnish,
    kinds,
    muster,
    opened,
    say,
    waiting,
)

from commands.answer_call import AnswerCall, answer_by_link, answer_call, answer_calls
from commands.blow_whistle import BlowWhistle, blow_whistle
from commands.change_incident import Aim, close_part
from db import event
from db.incident import read_incidents, store_now
from db.muster import calls_of, messages_of, rungs_of
from domain.actors import Forbidden
from domain.errors import InvalidInput
from domain.escalation import DEFAULT
from domain.incidents import IncidentState
from domain.musters import Answer, AnswerRefused, Call, CallState, Said
from domain.notices import notice_of
from domain.turnout import Standing, turnout

LINKS = Links()
LATER = timedelta(hours=1)


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await furnish(connection)
    return pool


async def test_one_message_and_everybody_is_called_by_a_way_of_their_own(
    store: asyncpg.Pool,
) -> None:
    incident, calls = await muster(store)
    assert incident.state is IncidentState.MUSTERING
    assert {one: call.officer_id for one, call in calls.items()} == {
        "ks-env": "ks-env-1",
        "wj-env": "wj-env-1",
        "qp-env": None,
    }
    rows = await waiting(store)
    assert [(row["channel"], row["destination"]) for row in rows] == [
        ("wecom", "ks-robot"),
        ("dingtalk", "wj-robot"),
    ]
    notice = notice_of(rows[0]["payload"])
    assert (notice.number, notice.title, notice.where) == (
        incident.number,
        "两船渣土出沪",
        "急水港，周庄闸西",
    )
    assert set(notice.told) == {NAMES["qp-env"], NAMES["wj-env"]}
    assert notice.answer_link.startswith(f"https://whistle.example/a/{calls['ks-env'].call_id}-1-")
    assert notice.why == ("无审批、无备案",)
    async with store.acquire() as connection:
        messages = await messages_of(connection, [incident.incident_id])
        rungs = await rungs_of(connection, [incident.incident_id])
        stands = await read_incidents(connection, [incident.incident_id])
    assert stands[incident.incident_id] == incident
    assert {one.message_id for one in messages} == {row["message_id"] for row in rows}
    assert {rung.authority_id for rung in rungs} == {"ks-env", "wj-env"}
    assert {rung.policy for rung in rungs} == {"default/1"}


async def test_who_opened_it_knows_of_it_and_is_not_called(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    assert calls["qp-env"].state is CallState.ACKNOWLEDGED
    assert all(part.told_at for part in incident.parts)


async def test_the_event_says_who_was_called_and_no_number(store: asyncpg.Pool) -> None:
    incident, _ = await muster(store)
    async with store.acquire() as connection:
        *_, told = await event.stream(connection, "incident", str(incident.incident_id))
    said = json.loads(told.payload)
    assert [one["officer_id"] for one in said["calls"]] == ["ks-env-1", "wj-env-1"]
    assert said["known"] == "qp-env"
    assert said["policies"]["ks-env"] == json.loads(json.dumps(DEFAULT.to_json()))
    assert b"1000000" not in told.payload
    assert b"example" not in told.payload


async def test_a_double_click_sends_one_whistle(store: asyncpg.Pool) -> None:
    async with store.acquire() as connection:
        incident = await opened(connection)
    same = uuid4()
    first, second = await asyncio.gather(
        *(blow(store, incident, command_id=same) for _ in range(2))
    )
    assert {call.call_id for call in first.calls} == {call.call_id for call in second.calls}
    assert len(await waiting(store)) == 2
    assert await kinds(store, incident) == ["incident.opened", "incident.told"]


async def test_of_two_who_whistle_at_once_one_is_heard(store: asyncpg.Pool) -> None:
    async with store.acquire() as connection:
        incident = await opened(connection)
    both = await asyncio.gather(*(blow(store, incident) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["Blown", "InvalidInput"]
    assert len(await waiting(store)) == 2


async def test_one_after_the_other(store: asyncpg.Pool) -> None:
    async with store.acquire() as connection:
        incident = await opened(connection)
    await blow(store, incident, authorities=("ks-env",))
    later = await blow(store, incident, authorities=("wj-env",), officers=("wj-env-2",))
    assert [call.officer_id for call in later.calls] == ["wj-env-1", "wj-env-2"]
    notices = [notice_of(row["payload"]) for row in await waiting(store)]
    assert [set(one.told) for one in notices] == [set(), {NAMES["ks-env"]}, {NAMES["ks-env"]}]
    with pytest.raises(InvalidInput):
        await blow(store, incident, authorities=("zone",))
    with pytest.raises(InvalidInput):
        await blow(store, incident, officers=("nobody",))


async def test_who_may_whistle(store: asyncpg.Pool) -> None:
    async with store.acquire() as connection:
        incident = await opened(connection)
        command = BlowWhistle(uuid4(), incident.incident_id)
        with pytest.raises(Forbidden):
            await blow_whistle(connection, VIEWER, command, LINKS)
    assert await waiting(store) == []


async def test_acknowledged_on_the_way_and_there(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    call = await say(store, calls["ks-env"], Answer.ACKNOWLEDGED)
    assert call.state is CallState.ACKNOWLEDGED
    async with store.acquire() as connection:
        now = await store_now(connection)
    call = await say(store, call, Answer.ON_THE_WAY, eta=now + timedelta(minutes=20))
    call = await say(store, call, Answer.ON_SCENE)
    async with store.acquire() as connection:
        stands = (await read_incidents(connection, [incident.incident_id]))[incident.incident_id]
        rows = await calls_of(connection, [incident.incident_id])
    assert stands.state is IncidentState.ON_SCENE
    assert turnout("ks-env", rows).standing is Standing.ON_SCENE
    assert turnout("wj-env", rows).standing is Standing.TOLD
    assert await kinds(store, incident) == [
        "incident.opened",
        "incident.told",
        "muster.acknowledged",
        "muster.on_the_way",
        "muster.on_scene",
    ]


async def test_an_answer_sent_twice_is_one(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    async with store.acquire() as connection:
        said = Said(Answer.ACKNOWLEDGED, await store_now(connection))
    command = AnswerCall(uuid4(), calls["ks-env"].call_id, said, 1)

    async def tap() -> Call:
        async with store.acquire() as connection:
            return await answer_by_link(connection, command)

    first, second = await asyncio.gather(tap(), tap())
    assert first == second
    assert (await kinds(store, incident)).count("muster.acknowledged") == 1


async def test_a_replaced_link_answers_nothing(store: asyncpg.Pool) -> None:
    _, calls = await muster(store)
    async with store.acquire() as connection:
        said = Said(Answer.ACKNOWLEDGED, await store_now(connection))
        with pytest.raises(AnswerRefused):
            await answer_by_link(connection, AnswerCall(uuid4(), calls["ks-env"].call_id, said, 2))


async def test_set_on_behalf_is_marked_and_needs_the_right(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    async with store.acquire() as connection:
        said = Said(Answer.ACKNOWLEDGED, await store_now(connection))
        with pytest.raises(Forbidden):
            await answer_call(
                connection, OFFICER, AnswerCall(uuid4(), calls["ks-env"].call_id, said)
            )
        call = await answer_call(
            connection, CONTROLLER, AnswerCall(uuid4(), calls["ks-env"].call_id, said)
        )
        *_, told = await event.stream(connection, "incident", str(incident.incident_id))
    assert call.on_behalf_by == "王一"
    assert json.loads(told.payload)["on_behalf_by"] == "王一"
    assert told.actor == "王一"


async def test_many_are_answered_at_once_in_a_storm(store: asyncpg.Pool) -> None:
    _, one = await muster(store)
    _, two = await muster(store)
    async with store.acquire() as connection:
        said = Said(Answer.ACKNOWLEDGED, await store_now(connection), expected=0)
        stale = Said(Answer.ACKNOWLEDGED, await store_now(connection), expected=7)
        done = await answer_calls(
            connection,
            CONTROLLER,
            [
                AnswerCall(uuid4(), one["ks-env"].call_id, said),
                AnswerCall(uuid4(), one["wj-env"].call_id, stale),
                AnswerCall(uuid4(), two["ks-env"].call_id, said),
            ],
        )
    assert done.done == (one["ks-env"].call_id, two["ks-env"].call_id)
    assert set(done.refused) == {one["wj-env"].call_id}


async def test_a_late_answer_counts_after_the_end(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    async with store.acquire() as connection:
        for part in incident.parts:
            aim = Aim(uuid4(), incident.incident_id, incident.revision)
            await close_part(connection, CONTROLLER, aim, part.authority_id, "")
    call = await say(store, calls["ks-env"], Answer.ON_SCENE)
    assert call.state is CallState.ON_SCENE
    async with store.acquire() as connection:
        stands = (await read_incidents(connection, [incident.incident_id]))[incident.incident_id]
    assert stands.state is IncidentState.CLOSED


async def test_an_answer_of_tomorrow_is_none(store: asyncpg.Pool) -> None:
    _, calls = await muster(store)
    async with store.acquire() as connection:
        said = Said(Answer.ACKNOWLEDGED, await store_now(connection) + LATER)
        with pytest.raises(InvalidInput):
            await answer_by_link(connection, AnswerCall(uuid4(), calls["ks-env"].call_id, said, 1))
