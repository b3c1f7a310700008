"""`whistle checkpoints import`, `export` and `retire` on a real database and the real door."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from door_process import Device, DoorProcess
from ingest_process import free_port

from commands.take_reading import TakeReading, take_reading
from db import checkpoint, event
from domain.checkpoints import Direction, Reading, System
from domain.clock import utc_now
from domain.errors import InvalidInput

FILE = (
    "checkpoint_id,system,name,name_en,lon,lat,datum,bearing_deg,width_m,waterway,adcode,every_s\n"
    "wj-1,wujiang,周庄卡口,Zhouzhuang gate,120.85128,31.10969,wgs84,279,160,急水港,320583,60\n"
    "js-1,jiashan,一号点,Point 1,120.9,30.9,wgs84,180,60,太浦河,330421,30\n"
)


def whistle(url: str, *words: str, exit_code: int = 0) -> tuple[list[dict[str, Any]], str]:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "checkpoints", *words],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


async def test_in_out_and_in_again(pool: asyncpg.Pool, database_url: str, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(FILE, "utf-8-sig")
    told, said = whistle(database_url, "import", str(file), "--dry-run")
    assert (told, said) == ([{"checkpoints": 2, "stored": False}], "")
    told, said = whistle(database_url, "import", str(file))
    assert (told[0]["added"], told[0]["stored"]) == (["wj-1", "js-1"], True)
    assert told[0]["without_token"] == ["wj-1", "js-1"]
    assert "wj-1, js-1" in said
    assert "whistle checkpoints token ID" in said
    whistle(database_url, "token", "wj-1")
    told, said = whistle(database_url, "import", str(file))
    assert (told[0]["unchanged"], told[0]["stored"]) == (2, False)
    assert told[0]["without_token"] == ["js-1"]

    told, _ = whistle(database_url, "export", str(out))
    assert told == [{"checkpoints": 2, "file": str(out)}]
    assert out.read_bytes() == b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode()
    whistle(database_url, "export", str(out), "--chinese")
    told, _ = whistle(database_url, "import", str(out))
    assert not told[0]["stored"]

    file.write_text(FILE.replace(",160,", ",150,"), "utf-8")
    told, _ = whistle(database_url, "import", str(file), "--reason", "surveyed")
    assert told[0]["changed"] == [{"checkpoint_id": "wj-1", "changes": {"width_m": [160.0, 150.0]}}]
    async with pool.acquire() as connection:
        events = await event.stream(connection, "checkpoint", "wj-1")
    assert [one.kind for one in events] == [
        "checkpoint.registered",
        "checkpoint.token_issued",
        "checkpoint.changed",
    ]
    changed = json.loads(events[-1].payload)
    assert (changed["width_m"], changed["reason"], events[-1].actor) == (
        150.0,
        "surveyed",
        "operator",
    )


async def test_faults_store_nothing(pool: asyncpg.Pool, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(FILE.replace(",60,太", ",wide,太"), "utf-8")
    told, said = whistle(database_url, "import", str(file), exit_code=2)
    assert [(one["line"], one["column"], one["got"]) for one in told] == [(3, "width_m", "wide")]
    assert said.endswith("nothing was stored\n")
    file.write_text(FILE.replace("wgs84", ""), "utf-8")
    told, _ = whistle(database_url, "import", str(file), exit_code=2)
    assert [(one["line"], one["field"]) for one in told] == [(2, "datum"), (3, "datum")]
    _, said = whistle(database_url, "import", str(file), "--datum", "utm", exit_code=2)
    assert said.startswith("whistle: --datum: expected one of wgs84, gcj02, bd09, got 'utm'")
    assert await pool.fetchval("select count(*) from checkpoint") == 0
    assert await pool.fetchval("select count(*) from event") == 0

    told, said = whistle(database_url, "import", str(file), "--datum", "gcj02")
    assert told[0]["stored"]
    lon, lat = await pool.fetchrow("select lon, lat from checkpoint where checkpoint_id = 'wj-1'")
    assert 300 < ((lon - 120.85128) ** 2 + (lat - 31.10969) ** 2) ** 0.5 * 111_000 < 700
    other = FILE.replace("wgs84", "gcj02").replace("js-1,jiashan", "js-1,wujiang")
    file.write_text(other.replace(",160,", ",150,"), "utf-8")
    told, _ = whistle(database_url, "import", str(file), exit_code=2)
    assert [(one["line"], one["column"], one["got"]) for one in told] == [(3, "system", "wujiang")]
    assert await pool.fetchval("select width_m from checkpoint where checkpoint_id = 'wj-1'") == 160


async def test_a_wrong_datum_is_asked_about(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(FILE.replace("330421", "310118"), "utf-8")
    _, said = whistle(database_url, "import", str(file), "--dry-run")
    assert said.startswith("whistle: line 3: js-1 should stand in 310118, the map has it in 330421")


async def test_a_retired_point_reads_no_more(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "in.csv"
    file.write_text(FILE, "utf-8")
    whistle(database_url, "import", str(file))
    made = whistle(database_url, "token", "wj-1")[0][0]
    before = utc_now()
    async with (
        DoorProcess(database_url, free_port()) as door,
        httpx.AsyncClient(base_url=door.address) as client,
    ):
        await door.listening()
        device = Device(client, "wj-1", made["token"])
        assert (await device.passes("1")).is_success
        told, _ = whistle(database_url, "retire", "wj-1", "wj-9", "--reason", "dredged away")
        assert told == [{"retired": ["wj-1"], "tokens_revoked": 1, "not_standing": ["wj-9"]}]
        code = None
        while code != "token.revoked":  # the door looks at the tokens again within a second
            answer = await device.passes("2")
            assert answer.is_client_error
            code = answer.json()["code"]
        assert await door.terminate() == 0
    whistle(database_url, "retire", "wj-1", exit_code=2)
    _, said = whistle(database_url, "token", "wj-1", exit_code=2)
    assert "expected a registered checkpoint that stands, here wj-1" in said
    listed, _ = whistle(database_url, "list")
    assert [one["checkpoint_id"] for one in listed if "health" in one] == ["js-1"]

    waited = Reading("wj-1", System.WUJIANG, "waited", before, Direction.FORTH)
    late = Reading("wj-1", System.WUJIANG, "late", utc_now(), Direction.FORTH)
    async with pool.acquire() as connection:
        assert (await take_reading(connection, "test", TakeReading(waited, {}, utc_now()))).new
        with pytest.raises(InvalidInput, match="stood then"):
            await take_reading(connection, "test", TakeReading(late, {}, utc_now()))
        assert "wj-1" in await checkpoint.checkpoints(connection)  # what it read is judged yet
        events = await event.stream(connection, "checkpoint", "wj-1")
    assert [one.kind for one in events][2:] == ["checkpoint.retired", "checkpoint.tokens_revoked"]
    assert json.loads(events[2].payload) == {"reason": "dredged away"}

    told, said = whistle(database_url, "import", str(file))
    assert (told[0]["restored"], told[0]["unchanged"]) == (["wj-1"], 1)
    assert told[0]["without_token"] == ["wj-1", "js-1"]
    async with pool.acquire() as connection:
        late = Reading("wj-1", System.WUJIANG, "late", utc_now(), Direction.FORTH)
        assert (await take_reading(connection, "test", TakeReading(late, {}, utc_now()))).new
