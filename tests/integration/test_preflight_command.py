"""`whistle preflight` on a real database: the demo's registers are whole, and what then is not."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import asyncpg

from commands.import_layer import ImportLayer, import_layer
from commands.put_people import RemovePeople, remove_people
from domain.clock import utc_now
from layers.stored import packaged_layers
from seed.load_people import load_people


def preflight(url: str, *words: str, exit_code: int = 0) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "preflight", *words],
        env={**os.environ, "DATABASE_URL": url, "COLUMNS": "160"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


async def test_the_demo_is_whole_and_holes_are_found(pool: asyncpg.Pool, database_url: str) -> None:
    now = utc_now()
    async with pool.acquire() as connection:
        layer = next(one for one in packaged_layers() if one.kind == "district")
        command = ImportLayer("district", layer.source, layer.sha256, layer.datum, layer.features)
        await import_layer(connection, "test", command)
        await load_people(connection, "test", now - timedelta(days=365), now)
        assert preflight(database_url) == []
        assert "Nothing is missing" in preflight(database_url, "--table")[0]
        for noun, key in (
            ("authority", "suzhou-maritime"),
            ("contact", "board-kunshan-env-head"),
            ("officer", "wujiang-env-deputy"),
        ):
            await remove_people(connection, "test", RemovePeople(noun, [key]))
    told: list[dict[str, Any]] = [json.loads(x) for x in preflight(database_url, exit_code=1)]
    by_check: dict[str, list[dict[str, Any]]] = {}
    for one in told:
        by_check.setdefault(one["check"], []).append(one)
    assert {one["place"] for one in by_check["nobody_on_duty"]} == {"deputy"}
    assert {one["authority_id"] for one in by_check["nobody_on_duty"]} == {"wujiang-env"}
    assert [one["officer_id"] for one in by_check["no_verified_channel"]] == ["kunshan-env-head"]
    assert {(one["adcode"], one["matter"]) for one in by_check["no_authority"]} == {
        ("320506", "vessel_violation"),
        ("320583", "vessel_violation"),
    }
    drawn = "\n".join(preflight(database_url, "--table", exit_code=1))
    for word in ("昆山 320583", "吴江环境执法组", "副班 deputy", "船舶违规"):
        assert word in drawn
