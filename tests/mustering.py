"""An installation that can blow the whistle: authorities, people on duty, contacts, accounts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from acting import put_account

from commands.answer_call import AnswerCall, answer_by_link
from commands.blow_whistle import Blown, BlowWhistle, blow_whistle
from commands.escalate import Decided, escalate
from commands.open_incident import OpenIncident, open_incident
from commands.put_people import PutPeople, put_authorities, put_contacts, put_officers, put_shifts
from db import event
from db.incident import store_now
from db.pool import Connection
from domain.actors import Actor, Role
from domain.authorities import Authority, Department, Level
from domain.contacts import Contact, ContactKind
from domain.incidents import Incident, Origin, Spot
from domain.matters import Matter
from domain.musters import Answer, Call, Said
from domain.officers import Officer
from domain.rota import Place, Shift

AGO = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2200, 1, 1, tzinfo=UTC)
BEGAN = datetime(2026, 3, 5, 2, tzinfo=UTC)
QINGPU, KUNSHAN, WUJIANG = "310118", "320583", "320509"
CONTROLLER = Actor("王一", Role.CONTROLLER, None, UUID(int=0xC0))
OFFICER = Actor("李二", Role.DUTY_OFFICER, QINGPU, UUID(int=0xD0))
VIEWER = Actor("孙三", Role.VIEWER, None, UUID(int=0xE0))
NAMES = {"qp-env": "青浦环境局", "ks-env": "昆山环境局", "wj-env": "吴江环境局"}
_ADCODES = {"qp-env": QINGPU, "ks-env": KUNSHAN, "wj-env": WUJIANG}
GROUP = Authority("zone", "协调联络组", "", Level.GROUP, QINGPU, Department.COORDINATION)
AUTHORITIES = [
    *(
        Authority(
            one,
            NAMES[one],
            "",
            Level.DISTRICT,
            adcode,
            Department.ENVIRONMENT,
            ("qp-env", "zone") if one != "qp-env" else ("zone",),
        )
        for one, adcode in _ADCODES.items()
    ),
    GROUP,
]
_OWNERS = [*NAMES, "zone"]
OFFICERS = [
    Officer(f"{one}-{n}", f"{one} 警员{n}", one, None, f"1000000{place}{n}00")
    for place, one in enumerate(_OWNERS)
    for n in (1, 2, 3)
]
CONTACTS = [
    Contact("qp-board", "qp-env", None, ContactKind.BOARD, "qp-env", verified_at=AGO),
    Contact("ks-robot", "ks-env", None, ContactKind.WECOM, "https://a.example/send?key=k"),
    Contact("wj-robot", "wj-env", None, ContactKind.DINGTALK, "https://b.example/s?t=k", "SEC"),
    *(
        Contact(f"{one}-sms", one[:-2], one, ContactKind.SMS, f"1000000{n}000", verified_at=AGO)
        for n, one in enumerate(officer.officer_id for officer in OFFICERS)
    ),
]
SPOT = Spot(120.85385, 31.10979, KUNSHAN, (QINGPU,), words="急水港，周庄闸西")


class Links:
    """Addresses that say what they are."""

    def incident(self, incident_id: UUID) -> str:
        return f"https://whistle.example/?incident={incident_id}"

    def answer(self, call_id: UUID, number: int, until: datetime) -> str:
        return f"https://whistle.example/a/{call_id}-{number}-{until:%H%M}"


async def furnish(connection: Connection) -> None:
    """Fill the registers; every authority has its duty, deputy and head all the time."""
    await put_authorities(connection, "test", PutPeople(AUTHORITIES, since=AGO))
    await put_officers(connection, "test", PutPeople(OFFICERS, since=AGO))
    begin = datetime.now(UTC) - timedelta(days=10)
    shifts = [
        Shift(f"s-{officer.officer_id}", officer.home_authority, officer.officer_id, begin,
              begin + timedelta(days=30), Place(int(officer.officer_id[-1])))
        for officer in OFFICERS
    ]  # fmt: skip
    await put_shifts(connection, "test", PutPeople(shifts, since=AGO))
    await put_contacts(connection, "test", PutPeople(CONTACTS, since=AGO))
    for number, actor in enumerate((CONTROLLER, OFFICER, VIEWER)):
        await put_account(connection, actor, f"login{number}")


def by_phone(**fields: Any) -> OpenIncident:
    """What a colleague said on the telephone."""
    made = OpenIncident(
        command_id=uuid4(),
        matter=Matter.SPOIL_DUMPING,
        title="两船渣土出沪",
        spot=SPOT,
        began_at=BEGAN,
        origin=Origin.PHONE,
        parts={"ks-env": ("place",), "qp-env": ("border", "origin"), "wj-env": ("route",)},
        summary="two barges, heading west",
        reporter="a colleague at the lock",
        subject="淀西2161",
        opened_for="qp-env",
        why=("无审批、无备案",),
    )
    return replace(made, **fields)


async def opened(connection: Connection, **fields: Any) -> Incident:
    """An incident of the installation."""
    return await open_incident(connection, CONTROLLER, by_phone(**fields))


async def blow(store: asyncpg.Pool, incident: Incident, **fields: Any) -> Blown:
    command = BlowWhistle(fields.pop("command_id", uuid4()), incident.incident_id, **fields)
    async with store.acquire() as connection:
        return await blow_whistle(connection, CONTROLLER, command, Links())


async def muster(store: asyncpg.Pool, **fields: Any) -> tuple[Incident, dict[str, Call]]:
    """An incident that was whistled for, and its calls by authority."""
    async with store.acquire() as connection:
        incident = await opened(connection, **fields)
    blown = await blow(store, incident)
    return blown.incident, {call.authority_id: call for call in blown.calls}


async def say(store: asyncpg.Pool, call: Call, answer: Answer, **rest: Any) -> Call:
    """The recipient answers by the link."""
    async with store.acquire() as connection:
        now = await store_now(connection)
        said = Said(answer, now, **rest)
        return await answer_by_link(connection, AnswerCall(uuid4(), call.call_id, said, 1))


async def up(store: asyncpg.Pool, minutes: float) -> list[Decided]:
    """Everything that is due so many minutes from now."""
    async with store.acquire() as connection:
        by = await store_now(connection) + timedelta(minutes=minutes)
        return await escalate(connection, Links(), by=by)


async def kinds(store: asyncpg.Pool, incident: Incident) -> list[str]:
    async with store.acquire() as connection:
        events = await event.stream(connection, "incident", str(incident.incident_id))
        assert await event.verify(connection, "incident", str(incident.incident_id)) == []
    return [one.kind for one in events]


async def waiting(store: asyncpg.Pool) -> list[asyncpg.Record]:
    return await store.fetch("select * from outbox where channel <> 'kafka' order by outbox_id")
