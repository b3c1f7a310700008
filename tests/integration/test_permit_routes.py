"""The permit register over HTTP: words for every fault, nothing for strangers, nothing twice."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from console_parts import console_of, coordinator
from papers import AGO, BARGE, SAILS, paper
from starlette.applications import Starlette

from commands.put_registers import PutEntries, put_carriers, put_hulls
from dashboard.api.permit_edits import FORM_MOST, permit_edit_routes
from dashboard.api.permits import permit_routes
from dashboard.bodies import Bodies
from dashboard.console import Console
from dashboard.paper_entry import written
from db.errors import StoreUnavailable
from domain.csv_table import LARGEST_FILE_BYTES
from domain.permit_csv import read_permits, write_permits

HOSTILE = "<IMG SRC=X ONERROR=ALERT(1)>"
WHO = "王一"


@pytest.fixture
async def console(pool: asyncpg.Pool) -> Console:
    async with pool.acquire() as connection:
        await put_carriers(connection, "test", PutEntries([SAILS], since=AGO))
        await put_hulls(connection, "test", PutEntries([BARGE], since=AGO))
    bodies = Bodies({})
    return console_of(coordinator(pool, bodies), bodies)


@pytest.fixture
async def client(console: Console) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[*permit_routes(console), *permit_edit_routes(console)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as asked:
        yield asked


def form(number: str = "沪固转2026-01", **said: Any) -> dict[str, Any]:
    fields = {**written(paper(number)), "reason": "过磅单", **said.pop("fields", {})}
    return {"command": str(uuid4()), "who": WHO, "fields": fields} | said


async def put(client: httpx.AsyncClient, **said: Any) -> UUID:
    answer = await client.post("/permits/new", json=form(**said))
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["permit"])


async def seen(pool: asyncpg.Pool, permit: UUID) -> str:
    at = await pool.fetchval("select max(recorded_from) from permit where permit_id = $1", permit)
    return str(at.isoformat())


async def test_a_new_paper_is_listed_and_has_a_history(client: httpx.AsyncClient) -> None:
    permit = await put(client, fields={"holder": HOSTILE, "reason": HOSTILE}, who=HOSTILE)
    for path in ("table.html?text=img", f"{permit}.html?", f"form/edit.html?permit={permit}"):
        answer = await client.get(f"/permits/{path}&lang=en")
        assert answer.status_code == 200
        assert "<img" not in answer.text.lower().replace("&lt;img", "")
        assert "&lt;IMG SRC=X ONERROR=ALERT(1)&gt;" in answer.text
    assert "put on the register" in (await client.get(f"/permits/{permit}.html?lang=en")).text
    form_html = (await client.get(f"/permits/form/withdraw.html?permit={permit}")).text
    assert 'data-paper-form="withdraw"' in form_html
    again = await client.get("/permits/table.html")
    same = await client.get("/permits/table.html", headers={"if-none-match": again.headers["etag"]})
    assert same.status_code == 304


async def test_what_is_not_there(client: httpx.AsyncClient) -> None:
    nobody = uuid4()
    for path in (f"{nobody}.html", f"form/edit.html?permit={nobody}", "form/edit.html?permit=x"):
        answer = await client.get(f"/permits/{path}")
        assert "登记簿中无此许可" in answer.text
    assert "登记簿为空" in (await client.get("/permits/table.html")).text
    assert (await client.get("/permits/<b>.html")).status_code in {404, 405}


async def test_faults_are_told_by_field_in_words(client: httpx.AsyncClient) -> None:
    wrong = form(fields={"mmsi": "4.14E+08", "waste": "", "last_day": "2020-01-01"})
    answer = await client.post("/permits/new?lang=zh", json=wrong)
    assert answer.status_code == 422
    assert answer.json()["faults"] == {
        "mmsi": "完整的九位 MMSI",
        "waste": "不能为空",
        "last_day": "不早于起始日的日期",
    }
    carrier = await client.post("/permits/new?lang=en", json=form(fields={"carrier_id": "c-no"}))
    assert carrier.json()["faults"] == {"carrier_id": "a carrier on the register"}
    await put(client)
    twice = await client.post("/permits/new?lang=en", json=form())
    assert "another number" in twice.json()["faults"]["number"]
    nobody = await client.post("/permits/new?lang=en", json=form("2", who=""))
    assert "who" in nobody.json()["faults"]


async def test_a_double_click_is_one_and_a_late_editor_is_told(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    permit = await put(client)
    at = await seen(pool, permit)
    mine = form(permit=str(permit), seen=at, fields={"used_t": "800"})
    for _ in range(2):
        assert (await client.post("/permits/change", json=mine)).status_code == 200
    counted = "select count(*) from event where stream_kind = 'permit' and stream_id = $1"
    assert await pool.fetchval(counted, str(permit)) == 2
    late = form(permit=str(permit), seen=at, fields={"holder": "x"})
    answer = await client.post("/permits/change?lang=en", json=late)
    assert answer.status_code == 409
    assert "look again" in answer.json()["text"]
    now = await seen(pool, permit)
    same = form(permit=str(permit), seen=now, fields={"used_t": "800"})
    answer = await client.post("/permits/change?lang=en", json=same)
    assert answer.json()["text"] == "The register said so already."
    gone = form(permit=str(permit), seen=now)
    assert (await client.post("/permits/withdraw", json=gone)).status_code == 200
    again = form(permit=str(permit), seen=await seen(pool, permit))
    answer = await client.post("/permits/withdraw?lang=en", json=again)
    assert (answer.status_code, answer.json()["text"]) == (409, "This paper is not in force then.")
    table = await client.get("/permits/table.html?look=withdrawn&lang=en")
    assert str(permit) in table.text


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"origin": "http://elsewhere.example", "content-type": "application/json"},
        {"sec-fetch-site": "cross-site", "content-type": "application/json"},
    ],
)
async def test_a_foreign_page_can_change_nothing(
    client: httpx.AsyncClient, pool: asyncpg.Pool, headers: dict[str, str]
) -> None:
    body = httpx.Request("POST", "http://console", json=form()).content
    answer = await client.post("/permits/new", content=body, headers=headers)
    assert answer.status_code == 403
    csv = await client.post("/permits/import", content=b"x", headers=headers)
    assert csv.status_code == 403
    assert await pool.fetchval("select count(*) from permit") == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"fields":[]}', b'"x"'])
async def test_what_is_no_form_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/json", "origin": "http://console"}
    answer = await client.post("/permits/new", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["faults"]


async def bring(client: httpx.AsyncClient, data: bytes, **query: str) -> httpx.Response:
    params = {"who": WHO, "command": str(uuid4()), "lang": "en"} | query
    headers = {"content-type": "text/csv"}
    return await client.post("/permits/import", content=data, headers=headers, params=params)


async def test_a_file_is_tried_taken_and_given_back(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    papers = [paper("1"), paper("2", carrier_id="c-yun", via=("320509",))]
    data = write_permits(papers)
    tried = await bring(client, data, **{"try": "1"})
    assert "This would be stored" in tried.json()["html"]
    assert await pool.fetchval("select count(*) from permit") == 0
    assert await pool.fetchval("select count(*) from event where stream_kind = 'permit'") == 0
    command = str(uuid4())
    for _ in range(2):
        taken = await bring(client, data, command=command, reason="yearly list")
        assert taken.json()["text"] == "Done."
    assert await pool.fetchval("select count(*) from event where stream_kind = 'permit'") == 2
    again = await bring(client, data)
    assert "Nothing new." in again.json()["html"]
    given = await client.get("/permits/export.csv?lang=zh")
    assert given.headers["content-type"].startswith("text/csv")
    assert "attachment" in given.headers["content-disposition"]
    assert given.content.decode("utf-8-sig").startswith("编号,类型")
    assert [row.permit for row in read_permits(given.content).rows] == papers


async def test_faults_of_a_file_by_line_and_none_is_stored(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    data = write_permits([paper("1", holder=HOSTILE), paper("2", carrier_id="c-no")])
    unknown = await bring(client, data)
    assert unknown.status_code == 422
    assert "c-no" in unknown.json()["html"]
    assert "carrier_id" in unknown.json()["html"]
    cells = write_permits([paper("1")]).replace(b"2026-03-01", HOSTILE.encode())
    wrong = await bring(client, cells)
    assert "<IMG" not in wrong.json()["html"]
    assert "&lt;IMG" in wrong.json()["html"]
    assert (await bring(client, b"\x89PNG\r\n\x1a\n\x00\xff")).status_code == 422
    assert (await bring(client, data, who="")).json()["faults"].keys() == {"who"}
    assert (await bring(client, data, since="soon")).json()["faults"].keys() == {"since"}
    assert await pool.fetchval("select count(*) from permit") == 0


async def test_what_is_too_large_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    large = await bring(client, b"x" * (LARGEST_FILE_BYTES + 1))
    assert large.status_code == 413
    assert "20 MB" in large.json()["faults"]["file"]
    headers = {"content-type": "application/json"}
    answer = await client.post("/permits/new", content=b" " * (FORM_MOST + 1), headers=headers)
    assert answer.status_code == 413


async def test_while_the_database_is_away(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreUnavailable("nobody listens")

    monkeypatch.setattr(asyncpg.Pool, "acquire", refuse)
    for path in ("table.html", f"{uuid4()}.html", "form/new.html", "export.csv"):
        assert (await client.get(f"/permits/{path}")).status_code == 503
    answer = await client.post("/permits/new?lang=en", json=form())
    assert answer.status_code == 503
    assert "did not answer" in answer.json()["text"]
