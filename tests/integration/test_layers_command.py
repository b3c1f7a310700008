"""`whistle layers import` on a real database: versions are added, never overwritten."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg

ROOT = Path(__file__).parents[2]
GATES = ROOT / "layers/data/gates.geojson"


def layers_import(database_url: str, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "layers", "import", str(path), "--kind", "gate"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


async def test_each_import_is_a_version_and_the_old_one_stays(
    database_url: str, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    first = layers_import(database_url, GATES)
    assert first["stored"] is True
    assert len(first["added"]) == first["features"]

    again = layers_import(database_url, GATES)
    assert again["stored"] is False
    assert again["version"] == first["version"]

    fewer = json.loads(GATES.read_text())
    dropped = fewer["features"].pop(0)["properties"]["gate_id"]
    path = tmp_path / "gates.geojson"
    path.write_text(json.dumps(fewer))
    second = layers_import(database_url, path)
    assert second["removed"] == [dropped]
    assert second["version"] == first["version"] + 1

    counts = await pool.fetch(
        """
        select l.version, count(f.*) as features, l.recorded_to = 'infinity' as current
        from layer l left join layer_feature f using (layer_id)
        where l.kind = 'gate' group by l.layer_id order by l.version
        """
    )
    assert [(row["features"], row["current"]) for row in counts] == [
        (first["features"], False),
        (first["features"] - 1, True),
    ]
