"""The cage of the production tests keeps what a container of docker-compose.yml would keep."""

import os
import subprocess
from pathlib import Path

import pytest
from compose_file import SERVICES
from production_cage import ROOT, caged, possible

_TRIES = """
id -u; grep -h CapEff /proc/self/status
for there in / /var "$1" "$2" /tmp; do touch "$there/x" 2>/dev/null && echo "$there"; done
cp /bin/true /tmp/true; /tmp/true && echo runs
"""


@pytest.mark.parametrize(("service", "runs"), [("relay", False), ("kafka", True)])
def test_nothing_can_be_written_but_what_is_its_own(
    tmp_path: Path, service: str, runs: bool
) -> None:
    if not possible():
        pytest.skip("NOT CAGED: that needs root and the right to mount")
    own = tmp_path / "own"
    own.mkdir()
    words, around = caged(SERVICES[service], owned=[own])
    done = subprocess.run(
        [*words, "sh", "-c", _TRIES, "sh", str(ROOT), str(own)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **around},
    )
    uid = SERVICES[service]["user"].split(":")[0]
    expected = [uid, "CapEff:\t0000000000000000", str(own), "/tmp"]  # noqa: S108
    assert done.stdout.splitlines() == expected + ["runs"] * runs
    assert (own / "x").exists()
