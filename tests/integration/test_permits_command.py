"""`whistle permits` on a real database: in, out, and files with faults."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from papers import AGO, SAILS, paper

from commands.put_registers import PutEntries, put_carriers
from db.permit import permits_at
from domain.clock import utc_now
from domain.permit_csv import write_permits

SOON = timedelta(milliseconds=1)


def whistle(url: str, *words: str, exit_code: int = 0) -> tuple[list[dict[str, Any]], str]:
    """Run `whistle permits`; the JSON lines it prints, and what it says beside them."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "permits", *words],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


async def test_the_command_imports_and_exports(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """Out, in again unchanged; an edit in Excel's encoding; a file with faults stores nothing."""
    async with pool.acquire() as connection:
        await put_carriers(connection, "test", PutEntries([SAILS], since=AGO))
    one, two = paper(), paper("沪固转2026-02", mmsi=None, carrier_id="c-yun", quantity_t=None)
    first, out = tmp_path / "first.csv", tmp_path / "out.csv"
    first.write_bytes(write_permits([one, two]))
    told, _ = await asyncio.to_thread(whistle, database_url, "import", str(first))
    assert told == [
        {
            "papers": 2,
            "added": [one.number, two.number],
            "changed": [],
            "restored": [],
            "unchanged": 0,
            "stored": True,
        }
    ]
    told, _ = await asyncio.to_thread(whistle, database_url, "export", str(out), "--chinese")
    assert told == [{"papers": 2, "file": str(out)}]
    told, _ = await asyncio.to_thread(whistle, database_url, "import", str(out))
    assert (told[0]["unchanged"], told[0]["stored"]) == (2, False)

    text = out.read_text("utf-8-sig").replace(",5000,0,", ",6000,0,")
    out.write_bytes(text.encode("gb18030"))
    told, _ = await asyncio.to_thread(
        whistle,
        database_url,
        "import",
        str(out),
        "--since",
        "2026-06-01",
        "--reason",
        "typing error",
    )
    assert told[0]["changed"] == [
        {"number": one.number, "kind": "approval", "changes": {"quantity_t": [5000.0, 6000.0]}}
    ]
    midnight = datetime(2026, 5, 31, 16, tzinfo=UTC)
    quantities = [(await permits_at(pool, at))[0].quantity_t for at in (midnight - SOON, midnight)]
    assert quantities == [5000.0, 6000.0]

    out.write_bytes(text.replace("c-yun", "c-nobody").encode())
    told, said = await asyncio.to_thread(whistle, database_url, "import", str(out), exit_code=2)
    assert [(one["line"], one["column"], one["got"]) for one in told] == [
        (3, "承运单位编号", "c-nobody")
    ]
    assert said == (
        f"whistle: {out} has 1 fault, the first at line 3, 承运单位编号: "
        "expected a carrier on the register, got 'c-nobody'; nothing was stored\n"
    )
    out.write_bytes(text.replace("转移审批", "批文").replace("3212", "Taixing").encode())
    told, said = await asyncio.to_thread(
        whistle, database_url, "import", str(out), "--dry-run", exit_code=2
    )
    assert [(one["line"], one["field"]) for one in told] == [
        (2, "kind"),
        (2, "to_adcode"),
        (3, "kind"),
        (3, "to_adcode"),
    ]
    assert "has 4 faults" in said
    assert len(await permits_at(pool, utc_now())) == 2


def test_a_moment_that_is_none_is_named(database_url: str) -> None:
    _, said = whistle(database_url, "export", "--at", "yesterday", exit_code=2)
    assert said.startswith("whistle: at: expected a day or a time")
    _, said = whistle(database_url, "import", "nowhere.csv", exit_code=2)
    assert said.startswith("whistle: file: nowhere.csv")
