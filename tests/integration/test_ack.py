"""The one-tap page as telephones, preview robots and strangers meet it: real HTTP, a real store."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from ack_parts import everything, form_id, path_of, tap, telephone
from mustering import furnish, kinds, muster

from dashboard.ack.routes import Limits
from dashboard.ack.throttle import Throttle
from db import event
from db.muster import calls_of
from domain.incidents import Incident
from domain.musters import Call, CallState

ROBOTS = (
    "Mozilla/5.0 (compatible; WeComPreview/1.0)",
    "DingTalkBot-LinkService/1.0",
    "facebookexternalhit/1.1",
    "curl/8",
)


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await furnish(connection)
    return pool


async def call_now(store: asyncpg.Pool, call: Call) -> Call:
    async with store.acquire() as connection:
        calls = await calls_of(connection, [call.incident_id])
    return next(one for one in calls if one.call_id == call.call_id)


async def last_event(store: asyncpg.Pool, incident: Incident) -> dict[str, object]:
    async with store.acquire() as connection:
        *_, last = await event.stream(connection, "incident", str(incident.incident_id))
    said = json.loads(last.payload)
    assert isinstance(said, dict)
    return {"actor": last.actor, "kind": last.kind, **said}


async def test_the_page_says_for_whom_what_where_why_and_who_else(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    async with telephone(store) as client:
        answer = await client.get(path_of(calls["ks-env"]))
        english = await client.get(path_of(calls["ks-env"]) + "?lang=en")
    assert answer.status_code == 200
    page = answer.text
    for told in (
        "ks-env 警员1",
        "昆山环境局",
        incident.number,
        "两船渣土出沪",
        "急水港，周庄闸西",
        "北纬 31.10979，东经 120.85385",
        'href="geo:31.109790,120.853850"',
        "无审批、无备案",
        "青浦环境局",
        "吴江环境局",
    ):
        assert told in page, told
    assert page.count("已通知，未答复") == 1  # Wujiang; Qingpu opened it, and knows
    assert "told, no answer yet" in english.text
    assert len(answer.content) < 20_000
    assert path_of(calls["ks-env"])[3:] not in page
    head = answer.headers
    assert head["cache-control"] == "no-store"
    assert head["referrer-policy"] == "no-referrer"
    assert "noindex" in head["x-robots-tag"]
    assert "unsafe" not in head["content-security-policy"]
    assert "set-cookie" not in head


async def test_looking_changes_nothing_whoever_looks(store: asyncpg.Pool) -> None:
    _, calls = await muster(store)
    before = await everything(store)
    async with telephone(store) as client:
        for path in (path_of(calls["ks-env"]), path_of(calls["ks-env"]) + "?said=acknowledged"):
            for robot in ROBOTS:
                for method in ("GET", "HEAD"):
                    answer = await client.request(method, path, headers={"user-agent": robot})
                    assert answer.status_code == 200
            assert (await client.options(path)).status_code == 405
            assert (await client.put(path, data={"said": "acknowledged"})).status_code == 405
    assert await everything(store) == before


async def test_every_answer(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    call, path = calls["ks-env"], path_of(calls["ks-env"])
    async with telephone(store) as client:
        seen = await tap(client, path, "seen")
        assert (seen.status_code, seen.content) == (204, b"")
        assert (await call_now(store, call)).state is CallState.SEEN
        done = await tap(client, path, "acknowledged")
        assert (done.status_code, done.headers["location"]) == (303, "?lang=zh")
        assert "set-cookie" not in done.headers
        assert "已收到" in (await client.get(path)).text
        place = {"lon": "120.8512345678", "lat": "31.1", "accuracy": "12.34"}
        await tap(client, path, "on_the_way", eta="20", **place)
        told = await last_event(store, incident)
        assert told["position"] == {"lon": 120.851235, "lat": 31.1, "accuracy_m": 12.3}
        assert (told["actor"], told["on_behalf_by"]) == ("ks-env 警员1", None)
        now = await call_now(store, call)
        assert now.eta is not None
        assert now.on_the_way_at is not None
        assert now.eta - now.on_the_way_at == timedelta(minutes=20)
        assert "预计" in (await client.get(path)).text
        await tap(client, path, "on_scene")
        assert "position" not in await last_event(store, incident)
        assert (await call_now(store, call)).state is CallState.ON_SCENE
        await tap(client, path, "declined", reason="轮机故障")
    assert (await call_now(store, call)).reason == "轮机故障"
    assert await kinds(store, incident) == [
        "incident.opened",
        "incident.told",
        "muster.seen",
        "muster.acknowledged",
        "muster.on_the_way",
        "muster.on_scene",
        "muster.declined",
    ]


async def test_an_answer_of_one_s_own_and_no_other_s(store: asyncpg.Pool) -> None:
    _, calls = await muster(store)
    async with telephone(store) as client:
        await tap(client, path_of(calls["ks-env"]), "on_scene")
    assert (await call_now(store, calls["wj-env"])).state is CallState.QUEUED


async def test_taps_at_once_and_again_are_one(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    path = path_of(calls["ks-env"])
    async with telephone(store) as client:
        form = {"said": "on_the_way", "id": form_id((await client.get(path)).text), "eta": "30"}
        both = await asyncio.gather(*(client.post(path, data=form) for _ in range(6)))
        assert {one.status_code for one in both} == {303}
        first = await call_now(store, calls["ks-env"])
        assert (await client.post(path, data=form)).status_code == 303
        assert await call_now(store, calls["ks-env"]) == first
        # the same form said otherwise is another answer
        await client.post(path, data={**form, "eta": "60"})
    later = await call_now(store, calls["ks-env"])
    assert first.eta is not None
    assert later.eta is not None
    assert later.eta > first.eta
    assert (await kinds(store, incident)).count("muster.on_the_way") == 2


async def test_many_telephones_at_once(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    async with telephone(store) as client:
        done = await asyncio.gather(
            *(
                tap(client, path_of(calls[one]), said)
                for one in ("ks-env", "wj-env")
                for said in ("acknowledged", "on_the_way", "on_scene")
            )
        )
    assert {one.status_code for one in done} == {303}
    for one in ("ks-env", "wj-env"):
        assert (await call_now(store, calls[one])).state is CallState.ON_SCENE
    assert await kinds(store, incident)  # the chain holds


async def test_links_that_do_not_hold_are_refused_alike(store: asyncpg.Pool) -> None:
    _, calls = await muster(store)
    call = calls["ks-env"]
    good = path_of(call)
    flipped = good[:-1] + ("A" if good[-1] != "A" else "B")
    middle = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    strange = Call(**{**_fields(call), "call_id": uuid4()})
    wrong = {
        "tampered signature": flipped,
        "tampered call": middle,
        "expired": path_of(call, lasts=timedelta(seconds=-1)),
        "replaced": path_of(call, number=2),
        "unknown call": path_of(strange),
        "empty": "/a/",
        "cut": good[:30],
        "longer": good + "/x",
        "no link": "/a/" + "x" * 52,
        "strange signs": "/a/%00%F0%9F%92%A9",
    }
    before = await everything(store)
    said = set()
    async with telephone(store) as client:
        form = {"said": "acknowledged", "id": str(uuid4())}
        for path in wrong.values():
            for answer in (await client.get(path), await client.post(path, data=form)):
                kept = tuple(sorted((k, v) for k, v in answer.headers.items() if k != "date"))
                said.add((answer.status_code, answer.content, kept))
    assert len(said) == 1
    ((status, body, _),) = said
    assert status == 404
    assert "此链接无效" in body.decode()
    assert await everything(store) == before


async def test_a_form_of_another_s_page_answers_nothing_there(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    mine, theirs = path_of(calls["ks-env"]), path_of(calls["wj-env"])
    async with telephone(store) as client:
        form = {"said": "acknowledged", "id": form_id((await client.get(mine)).text)}
        assert (await client.post(mine, data=form)).status_code == 303
        replayed = await client.post(theirs, data=form)
    assert replayed.status_code == 404
    assert (await call_now(store, calls["wj-env"])).state is CallState.QUEUED
    assert (await kinds(store, incident)).count("muster.acknowledged") == 1


UNTAKEN = (
    ({"said": "declined"}, "请说明原因"),
    ({"said": "declined", "reason": "  "}, "请说明原因"),
    ({"said": "declined", "reason": "长" * 301}, "请说明原因"),
    ({"said": "on_the_way", "eta": "1440"}, "24 小时"),
    ({"said": "on_the_way", "eta": "-5"}, "24 小时"),
    ({"said": "on_the_way", "eta": "９"}, "24 小时"),
    ({"said": "withdrawn", "reason": "no"}, "没有记录"),
    ({"said": ""}, "没有记录"),
    ({"said": "acknowledged", "id": "x"}, "没有记录"),
    ({"said": "on_scene", "lon": "nan", "lat": "1", "accuracy": "1"}, "没有记录"),
    ({"said": "on_scene", "lon": "181", "lat": "1", "accuracy": "1"}, "没有记录"),
    ({"said": "on_scene", "lon": "120"}, "没有记录"),
    ({"said": "acknowledged", "more": "x" * 9000}, "没有记录"),
)


async def test_what_cannot_be_taken_is_said_and_not_recorded(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    path = path_of(calls["ks-env"])
    async with telephone(store) as client:
        for form, said in UNTAKEN:
            answer = await client.post(path, data={"id": str(uuid4()), **form})
            assert answer.status_code == 422, form
            assert said in answer.text, form
        bare = await client.post(path, content=b'{"said": "acknowledged"}')
        assert bare.status_code == 422
    assert await kinds(store, incident) == ["incident.opened", "incident.told"]


async def test_who_taps_too_often_waits_and_others_do_not(store: asyncpg.Pool) -> None:
    _, calls = await muster(store)
    limits = Limits()
    limits.link = Throttle(3, 0.001)
    limits.address = Throttle(8, 0.001)
    mine, theirs = path_of(calls["ks-env"]), path_of(calls["wj-env"])
    async with telephone(store, limits) as client:

        async def look(path: str, address: str) -> int:
            answer = await client.get(path, headers={"x-forwarded-for": address})
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) > 0
            return answer.status_code

        assert [await look(mine, "203.0.113.1") for _ in range(4)] == [200, 200, 200, 429]
        assert await look(mine, "203.0.113.2") == 429  # the link, wherever it was sent
        assert await look(theirs, "203.0.113.2") == 200
        guesses = [await look(f"/a/guess{n}", "203.0.113.3") for n in range(9)]
        assert guesses == [404] * 8 + [429]
        assert await look(theirs, "203.0.113.3") == 429
        assert await look(theirs, "203.0.113.4") == 200


async def test_a_store_that_is_away_is_said_and_the_token_is_not_logged(
    store: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, calls = await muster(store)
    path = path_of(calls["ks-env"])
    async with telephone(store) as client:
        await tap(client, path, "acknowledged")

        def refuse(*_: object, **__: object) -> None:
            raise ConnectionRefusedError("nobody listens")

        monkeypatch.setattr(asyncpg.Pool, "acquire", refuse)
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "没有记录" in answer.text
        posted = await client.post(path, data={"said": "seen", "id": str(uuid4())})
        assert posted.status_code == 503
    told = capsys.readouterr()
    assert "ack.answered" in told.out + told.err
    assert path[3:20] not in told.out + told.err


def _fields(call: Call) -> dict[str, object]:
    return {name: getattr(call, name) for name in call.__dataclass_fields__}
