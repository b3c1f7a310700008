"""Incidents in the store: opened once, changed by two without loss, closed by the last part."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from acting import put_account

from commands.change_incident import (
    Aim,
    add_part,
    advance_incident,
    close_part,
    edit_incident,
    link_incidents,
    merge_incidents,
    remove_part,
    reopen_incident,
    retract_incident,
)
from commands.open_incident import OpenIncident, open_incident
from commands.put_people import PutPeople, put_authorities
from commands.raise_alert import RaiseAlert, raise_alert
from db import event
from db.alert import read_alerts
from db.command import CommandReused
from db.incident import incidents_of, list_incidents, read_incidents
from domain.actors import Actor, Forbidden, Role
from domain.alert_life import AlertState, Suspicion, UnknownAlert
from domain.authorities import Authority, Department, Level
from domain.errors import InvalidInput
from domain.incidents import (
    Edit,
    Incident,
    IncidentState,
    Origin,
    Part,
    Spot,
    StaleIncident,
    UnknownIncident,
)
from domain.matters import Matter

QINGPU, KUNSHAN, WUJIANG = "310118", "320583", "320509"
AGO = datetime(2026, 1, 1, tzinfo=UTC)
AFTER = datetime(2200, 1, 1, tzinfo=UTC)
BEGAN = datetime(2026, 3, 5, 2, tzinfo=UTC)
REGISTER = [
    Authority(f"{short}-env", f"{short} 环境局", "", Level.DISTRICT, adcode, Department.ENVIRONMENT)
    for short, adcode in (("qp", QINGPU), ("ks", KUNSHAN), ("wj", WUJIANG))
]
SPOT = Spot(
    120.85385, 31.10979, KUNSHAN, (QINGPU,), "gcj02", "120.8583, 31.1077", "急水港，周庄闸西"
)


CONTROLLER = Actor("王一", Role.CONTROLLER, None, UUID(int=0xC0))
OFFICER = Actor("李二", Role.DUTY_OFFICER, QINGPU, UUID(int=0xD0))
VIEWER = Actor("孙三", Role.VIEWER, None, UUID(int=0xE0))


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await put_authorities(connection, "test", PutPeople(REGISTER, since=AGO))
        for number, actor in enumerate((CONTROLLER, OFFICER, VIEWER)):
            await put_account(connection, actor, f"login{number}")
    return pool


def phone(**fields: Any) -> OpenIncident:
    made = OpenIncident(
        command_id=uuid4(),
        matter=Matter.SPOIL_DUMPING,
        title="两船渣土出沪",
        spot=SPOT,
        began_at=BEGAN,
        origin=Origin.PHONE,
        parts={"ks-env": ("place",), "qp-env": ("border", "origin")},
        summary="two barges, heading west",
        reporter="a colleague at the lock",
        subject="淀西2161",
        opened_for="qp-env",
        why=("无审批、无备案", "满载 2.7 ± 0.1 m"),
    )
    return replace(made, **fields)


async def put_one(store: asyncpg.Pool, actor: Actor = CONTROLLER, **fields: Any) -> Incident:
    async with store.acquire() as connection:
        return await open_incident(connection, actor, phone(**fields))


async def alert(store: asyncpg.Pool, mmsi: int = 412942785) -> UUID:
    found = Suspicion(
        behaviour=f"mmsi:{mmsi}/leave:310118/2026-03-05T02",
        rule_set="test",
        source_kind="crossing",
        source_id="x",
        mmsi=mmsi,
        subject="淀西2161",
        score=75,
        level="high",
        reasons=({"rule": "no_paper", "weight": 50, "facts": {}, "evidence": []},),
        lon=120.85,
        lat=31.11,
        adcode=KUNSHAN,
        border_adcodes=(QINGPU,),
        began_at=BEGAN,
        last_at=BEGAN,
    )
    async with store.acquire() as connection:
        raised = await raise_alert(connection, "watch", RaiseAlert(found))
    assert raised is not None
    return raised.alert.alert_id


def aim(incident: Incident) -> Aim:
    return Aim(uuid4(), incident.incident_id, incident.revision)


async def kinds(store: asyncpg.Pool, incident: Incident) -> list[str]:
    async with store.acquire() as connection:
        events = await event.stream(connection, "incident", str(incident.incident_id))
        assert await event.verify(connection, "incident", str(incident.incident_id)) == []
    return [one.kind for one in events]


async def test_a_call_becomes_an_incident_word_for_word(store: asyncpg.Pool) -> None:
    made = await put_one(store)
    async with store.acquire() as connection:
        stands = await read_incidents(connection, [made.incident_id])
        [told] = await event.stream(connection, "incident", str(made.incident_id))
    assert stands == {made.incident_id: made}
    assert made.spot == SPOT
    assert made.parts == (Part("ks-env", ("place",)), Part("qp-env", ("border", "origin")))
    assert (made.state, made.opened_by, made.opened_for) == (IncidentState.NEW, "王一", "qp-env")
    said = json.loads(told.payload)
    assert (said["spot"]["datum"], said["spot"]["said"]) == ("gcj02", "120.8583, 31.1077")
    assert said["reporter"] == "a colleague at the lock"


async def test_numbers_of_a_day_count_up_also_for_many_at_once(store: asyncpg.Pool) -> None:
    made = await asyncio.gather(*(put_one(store) for _ in range(12)))
    days = {one.number.rpartition("-")[0] for one in made}
    numbers = [one.number.rpartition("-")[2] for one in made]
    assert len(days) in {1, 2}  # a midnight may pass
    assert len({one.number for one in made}) == 12
    if len(days) == 1:
        assert sorted(numbers) == [f"{n:02d}" for n in range(1, 13)]


async def test_a_double_click_opens_one(store: asyncpg.Pool) -> None:
    command = phone()

    async def click() -> Incident:
        async with store.acquire() as connection:
            return await open_incident(connection, CONTROLLER, command)

    first, second = await asyncio.gather(click(), click())
    assert first == second
    assert await kinds(store, first) == ["incident.opened"]
    async with store.acquire() as connection:
        with pytest.raises(CommandReused):
            await open_incident(connection, replace(CONTROLLER, name="another"), command)


async def test_an_alert_is_judged_by_opening_and_met_about_once(store: asyncpg.Pool) -> None:
    one, two = await alert(store), await alert(store, 412942786)
    made = await put_one(store, origin=Origin.ALERT, alerts=(one,))
    async with store.acquire() as connection:
        stands = await read_alerts(connection, [one])
        assert (stands[one].state, stands[one].handled_by) == (AlertState.VALIDATED, "王一")
        assert await incidents_of(connection, [one, two]) == {one: made.incident_id}
    with pytest.raises(StaleIncident, match=made.number):
        await put_one(store, origin=Origin.ALERT, alerts=(two, one))
    async with store.acquire() as connection:
        assert (await read_alerts(connection, [two]))[two].state is AlertState.NEW
    with pytest.raises(UnknownAlert):
        await put_one(store, origin=Origin.ALERT, alerts=(uuid4(),))


async def test_of_two_who_open_it_at_once_the_second_is_told(store: asyncpg.Pool) -> None:
    one = await alert(store)
    both = await asyncio.gather(
        *(put_one(store, origin=Origin.ALERT, alerts=(one,)) for _ in range(2)),
        return_exceptions=True,
    )
    [made] = [found for found in both if isinstance(found, Incident)]
    [refused] = [found for found in both if isinstance(found, StaleIncident)]
    assert made.number in str(refused)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"parts": {"nobody": ("place",)}}, "parts"),
        ({"opened_for": "nobody"}, "parts"),
        ({"title": ""}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"why": ("",)}, "why"),
        ({"why": ("why",) * 21}, "why"),
        ({"origin": Origin.ALERT}, "alerts"),
        ({"alerts": (uuid4(),)}, "alerts"),
        ({"origin": Origin.VESSEL}, "mmsi"),
        ({"began_at": BEGAN.replace(tzinfo=None)}, "began_at"),
        ({"began_at": BEGAN + timedelta(days=36_500)}, "began_at"),
    ],
)
async def test_what_cannot_be_opened(
    store: asyncpg.Pool, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await put_one(store, **fields)
    assert refused.value.field == field
    async with store.acquire() as connection:
        assert (
            await list_incidents(
                connection, open_only=False, before=datetime.max.replace(tzinfo=UTC), most=9
            )
            == []
        )


async def test_hostile_words_are_words(store: asyncpg.Pool) -> None:
    title = "'); drop table incident; -- <script>alert(1)</script> %s {x} \\u0000"
    made = await put_one(store, title=title, reporter="<b>", subject="\"'")
    async with store.acquire() as connection:
        assert (await read_incidents(connection, [made.incident_id]))[made.incident_id] == made


async def test_two_controllers_lose_nothing(store: asyncpg.Pool) -> None:
    made = await put_one(store)

    async def say(title: str) -> Incident:
        async with store.acquire() as connection:
            return await edit_incident(connection, CONTROLLER, aim(made), Edit(title=title))

    both = await asyncio.gather(say("one barge"), say("two barges"), return_exceptions=True)
    [done] = [found for found in both if isinstance(found, Incident)]
    [refused] = [found for found in both if isinstance(found, StaleIncident)]
    assert "changed meanwhile" in str(refused)
    async with store.acquire() as connection:
        stands = (await read_incidents(connection, [made.incident_id]))[made.incident_id]
    assert stands == done
    assert await kinds(store, made) == ["incident.opened", "incident.edited"]


async def test_parts_come_go_and_close(store: asyncpg.Pool) -> None:
    made = await put_one(store)
    async with store.acquire() as c:
        more = await add_part(c, CONTROLLER, aim(made), "wj-env", ("route",))
        with pytest.raises(InvalidInput):
            await add_part(c, CONTROLLER, aim(more), "nobody", ())
        less = await remove_part(c, CONTROLLER, aim(more), "qp-env")
        assert [part.authority_id for part in less.parts] == ["ks-env", "wj-env"]
        acted = await advance_incident(
            c, CONTROLLER, aim(less), IncidentState.ACTED, "both barges held"
        )
        one = await close_part(c, CONTROLLER, aim(acted), "ks-env", "handed to Qingpu")
        assert one.state is IncidentState.ACTED
        done = await close_part(c, CONTROLLER, aim(one), "wj-env", "")
        assert done.state is IncidentState.CLOSED
        assert (await read_incidents(c, [made.incident_id]))[made.incident_id] == done
        again = await reopen_incident(c, CONTROLLER, aim(done), "a third barge")
        assert (again.state, again.reopened) == (IncidentState.NEW, 1)
        gone = await retract_incident(c, CONTROLLER, aim(again), "it was a ferry")
        assert (await read_incidents(c, [made.incident_id]))[made.incident_id] == gone
    assert await kinds(store, made) == [
        "incident.opened",
        "incident.part_added",
        "incident.part_removed",
        "incident.acted",
        "incident.part_closed",
        "incident.part_closed",
        "incident.closed",
        "incident.reopened",
        "incident.retracted",
    ]


async def test_a_command_sent_twice_is_done_once(store: asyncpg.Pool) -> None:
    made = await put_one(store)
    same = aim(made)
    async with store.acquire() as connection:
        first = await close_part(connection, CONTROLLER, same, "ks-env", "done")
        assert await close_part(connection, CONTROLLER, same, "ks-env", "done") == first
    assert await kinds(store, made) == ["incident.opened", "incident.part_closed"]


async def test_of_two_that_are_one_all_alerts_stay(store: asyncpg.Pool) -> None:
    one, two = await alert(store), await alert(store, 412942786)
    first = await put_one(store, origin=Origin.ALERT, alerts=(one,))
    second = await put_one(store, origin=Origin.ALERT, alerts=(two,), parts={"wj-env": ("route",)})
    async with store.acquire() as connection:
        kept = await merge_incidents(connection, CONTROLLER, aim(first), second.incident_id)
        stand = await read_incidents(connection, [first.incident_id, second.incident_id])
        assert set(kept.alerts) == {one, two}
        assert stand[second.incident_id] == replace(kept, alerts=stand[second.incident_id].alerts)
        assert stand[first.incident_id].merged_into == second.incident_id
        assert await incidents_of(connection, [one]) == {one: second.incident_id}
    assert await kinds(store, first) == ["incident.opened", "incident.merged"]
    assert await kinds(store, second) == ["incident.opened", "incident.joined"]


async def test_both_say_that_they_belong_together(store: asyncpg.Pool) -> None:
    one, two = await put_one(store), await put_one(store)
    async with store.acquire() as connection:
        await link_incidents(connection, CONTROLLER, aim(one), two.incident_id)
        stand = await read_incidents(connection, [one.incident_id, two.incident_id])
    assert stand[one.incident_id].links == (two.incident_id,)
    assert stand[two.incident_id].links == (one.incident_id,)


async def test_who_is_bound_to_a_district_acts_for_it_alone(store: asyncpg.Pool) -> None:
    made = await put_one(store, OFFICER)
    async with store.acquire() as connection:
        await close_part(connection, OFFICER, aim(made), "qp-env", "")
        with pytest.raises(Forbidden):
            await close_part(connection, OFFICER, aim(made), "ks-env", "")
        with pytest.raises(Forbidden):
            await edit_incident(connection, OFFICER, aim(made), Edit(title="x"))
    with pytest.raises(Forbidden):
        await put_one(store, OFFICER, spot=Spot(120.6, 31.1, WUJIANG), parts={"wj-env": ("place",)})
    with pytest.raises(Forbidden):
        await put_one(store, VIEWER)


async def test_an_incident_that_is_not_there(store: asyncpg.Pool) -> None:
    nowhere = Aim(uuid4(), uuid4(), 1)
    async with store.acquire() as connection:
        with pytest.raises(UnknownIncident):
            await retract_incident(connection, CONTROLLER, nowhere, "why")
