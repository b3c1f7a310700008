"""`whistle store verify`: a whole store, and what a restore can leave behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from killing import opened

ROOT = Path(__file__).parents[2]


def verify(url: str, *options: str) -> tuple[int, list[dict[str, object]], str]:
    """Exit code, the JSON lines, the text on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "store", "verify", *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


async def test_equal_stores_have_equal_contents_and_a_changed_cell_is_seen(
    database_url: str, second_url: str
) -> None:
    for url in (database_url, second_url):
        connection = await asyncpg.connect(url)
        await connection.execute("select make_position_partition('2026-03-01')")
        await connection.execute(
            """insert into vessel_position (mmsi, t, payload_hash, lon, lat, message_type, feed_id,
            recorded_at) select n, '2026-03-01T12:00:00Z', 1, 120, 31, 1, 'ais',
            '2026-03-01T12:00:00Z' from generate_series(1, 50) as n"""
        )
        await connection.close()
    _, first, said = verify(database_url, "--content")
    assert said == "the store is whole\n"
    tables = {row["table"]: row for row in first if "table" in row}
    assert tables["vessel_position"]["rows"] == 50
    assert "spatial_ref_sys" not in tables
    assert "vessel_position_20260301" not in tables
    assert first[0]["positions"] == {"first": "20260301", "last": "20260301", "days": 1}
    code, second, _ = verify(second_url, "--content")
    assert code == 0

    def digests(rows: list[dict[str, object]]) -> dict[object, object]:
        unlike = {"schema_migration"}  # when each was applied
        return {r["table"]: r["digest"] for r in rows if r.get("table", "") not in unlike | {""}}

    assert digests(first) == digests(second)
    connection = await asyncpg.connect(second_url)
    await connection.execute("update vessel_position set lat = 31.0000001 where mmsi = 7")
    await connection.close()
    _, changed, _ = verify(second_url, "--content")
    one, other = digests(first), digests(changed)
    assert [name for name in one if one[name] != other[name]] == ["vessel_position"]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            "alter table event disable trigger event_is_append_only",
            "the trigger event_is_append_only of event is switched off",
        ),
        (
            "drop trigger event_is_append_only on event",
            "the trigger event_is_append_only is missing",
        ),
        (
            "alter table layer alter column layer_id restart",
            "the counter of layer.layer_id stands at 0, in use is 5",
        ),
        ("delete from schema_migration where name like '0013%'", "is missing"),
        (
            "update pg_index set indisvalid = false where indexrelid = 'vessel_current'::regclass",
            "the index vessel_current is not valid",
        ),
    ],
)
async def test_what_is_wrong_is_said(database_url: str, harm: str, said: str) -> None:
    async with opened(database_url) as connection:
        await connection.execute(harm)
    code, lines, _ = verify(database_url)
    assert code == 1
    assert [line for line in lines if said in str(line.get("fault", ""))], lines
