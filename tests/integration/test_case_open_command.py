"""`whistle case open` and `blow`: an incident by command, and messages that wait to go out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from mustering import furnish

from domain.notices import notice_of

JISHUI = ("--lon", "120.85385", "--lat", "31.10979")


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await furnish(connection)
    return pool


def whistle(url: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", "case", *arguments],
        env={**os.environ, "DATABASE_URL": url, **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def test_an_incident_is_opened_where_it_is_and_whistled_for(
    store: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    made = said(whistle(database_url, "open", "两船渣土出沪", "--who", "王一", *JISHUI))
    assert {made["adcode"], *made["border_adcodes"]} >= {"310118", "320583"}
    assert {"qp-env", "ks-env"} <= made["authorities"].keys()
    assert made["where"]
    key = tmp_path / "link.key"
    key.write_bytes(bytes(range(32)))
    settings = {
        "WHISTLE_LINK_KEY_FILE": str(key),
        "WHISTLE_CONSOLE_URL": "https://whistle.example",
    }
    blown = said(whistle(database_url, "blow", made["number"], "--who", "王一", **settings))
    assert (blown["state"], blown["calls"]) == ("mustering", len(made["authorities"]))
    rows = await store.fetch("select payload from outbox where channel <> 'kafka'")
    assert len(rows) == blown["calls"]
    notices = [notice_of(row["payload"]) for row in rows]
    assert {notice.number for notice in notices} == {made["number"]}
    assert {notice.where for notice in notices} == {made["where"]}
    assert all(one.answer_link.startswith("https://whistle.example/a/") for one in notices)
    again = whistle(database_url, "blow", made["number"], "--who", "王一")
    assert again.returncode == 2
    assert "not told yet" in again.stderr


async def test_what_cannot_be_opened_is_named(store: asyncpg.Pool, database_url: str) -> None:
    for arguments, field in (
        (("open", "x", "--who", "王一", *JISHUI, "--matter", "smuggling"), "matter"),
        (("open", "x", "--who", "王一", *JISHUI, "--authority", "nobody"), "parts"),
        (("open", "x", "--who", " ", *JISHUI), "who"),
        (("open", "x", "--who", "王一", *JISHUI, "--datum", "mars"), "datum"),
        (("open", "x", "--who", "王一", "--lon", "200", "--lat", "31"), "--lon"),
        (("blow", "2026-0101-01", "--who", "王一"), "2026-0101-01"),
    ):
        done = whistle(database_url, *arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert field in done.stderr
        assert "Traceback" not in done.stderr
    assert await store.fetchval("select count(*) from incident") == 0
