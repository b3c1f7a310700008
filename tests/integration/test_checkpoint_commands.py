"""`whistle checkpoints` as people type it, and the documented curl lines against the real door."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from door_process import DoorProcess, prepare
from ingest_process import free_port
from PIL import Image

from commands.take_reading import ContradictingReading
from db.checkpoint import tokens
from domain.checkpoints import token_hash
from domain.clock import utc_now

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "checkpoints.md").read_text("utf-8")


def whistle(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", "checkpoints", *arguments],
        env={**os.environ, "DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_points_and_tokens(pool: asyncpg.Pool, database_url: str) -> None:
    await prepare(pool)
    listed = whistle(database_url, "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    found = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [one["checkpoint_id"] for one in found[:2]] == ["wj-1", "wj-2"]
    assert sum(one["system"] == "jiashan" for one in found) == 19
    assert {one["health"] for one in found} == {"silent"}

    issued = whistle(database_url, "token", "wj-1", "--days", "2")
    assert (issued.returncode, issued.stderr) == (0, "")
    made = json.loads(issued.stdout)
    async with pool.acquire() as connection:
        known = (await tokens(connection))[token_hash(made["token"])]
    assert known.checkpoint_id == made["checkpoint_id"] == "wj-1"
    assert known.expires_at.isoformat() == made["expires_at"]

    ended = whistle(database_url, "token", "wj-1", "--revoke")
    assert json.loads(ended.stdout) == {"checkpoint_id": "wj-1", "revoked": 2}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("wj-99",), "checkpoint_id"), (("wj-1", "--days", "0"), "--days")],
)
def test_what_is_wrong_is_named(database_url: str, arguments: tuple[str, ...], named: str) -> None:
    answer = whistle(database_url, "token", *arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert named in answer.stderr


def receive(url: str, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", "receive", "--listen", f"127.0.0.1:{port}"],
        env={**os.environ, "DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_door_that_cannot_open_says_why(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = receive(database_url, port)
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"whistle: 127.0.0.1:{port}: ")
    away = receive("postgresql://nobody@127.0.0.1:1/nothing", free_port())
    assert away.returncode == 2
    assert away.stderr.splitlines()[-1].startswith("whistle: ")
    assert "Traceback" not in away.stderr


def documented_calls() -> list[str]:
    """Every `curl` of the page, with its continuation lines."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    return [block for block in blocks if block.startswith("curl ")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
async def test_every_documented_curl_works(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    made = await prepare(pool)
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "still.jpg")
    calls = documented_calls()
    assert len(calls) == 4
    async with DoorProcess(database_url, free_port()) as door:
        await door.listening()
        for call in calls:
            point = "js-07" if "js-07" in call else "wj-1"
            command = call.replace("http://127.0.0.1:10112", door.address)
            command = re.sub(r"2026-\d\d-\d\dT[\d:]+(\+08:00|Z)", utc_now().isoformat(), command)
            ran = await asyncio.to_thread(
                subprocess.run,
                ["bash", "-c", command],
                env={**os.environ, "TOKEN": made[point]},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == 0, (command, ran.stderr)
            answer = json.loads(ran.stdout)
            assert "code" not in answer, (command, answer)
        assert await door.terminate() == 0
    assert await pool.fetchval("select count(*) from reading") == 2
    assert await pool.fetchval("select count(*) from image") == 1


def test_every_code_of_the_door_is_documented() -> None:
    folder = ROOT / "streams" / "sources" / "http"
    sources = [*folder.glob("*.py"), ROOT / "domain" / "checkpoints.py"]
    said = re.compile(r'(?:Refused\(\s*\d{3},|unauthorised\(|Fault\()\s*"([\w.]+)"')
    codes = {code for path in sources for code in said.findall(path.read_text("utf-8"))}
    codes |= {ContradictingReading.code, "path.unknown", "method.unknown", "door.failed"}
    assert codes == set(re.findall(r"^\| `(\w+\.\w+)` \| \d{3} \|", PAGE, re.MULTILINE))
