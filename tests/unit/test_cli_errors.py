"""A mistake in the environment is one line that names the setting, and exit code 2."""

import os
import subprocess
import sys

import pytest


def whistle(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("arguments", "variable", "value"),
    [
        (("traffic", "--connect", "127.0.0.1:9"), "WHISTLE_BARGES", "99999"),
        (("serve",), "WHISTLE_CONSOLE_PORT", "none"),
        (("demo",), "WHISTLE_BARGES", "many"),
        (("demo",), "WHISTLE_BATCH_MESSAGES", "0"),
    ],
)
def test_a_wrong_setting_is_named(arguments: tuple[str, ...], variable: str, value: str) -> None:
    done = whistle(*arguments, **{variable: value})
    assert done.returncode == 2
    assert done.stderr.startswith(f"whistle: {variable}: ")
    assert value in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:9/none", "no address"])
def test_a_database_that_is_not_there_is_named(url: str) -> None:
    done = whistle("migrate", DATABASE_URL=url)
    assert done.returncode == 2
    assert done.stderr.startswith("whistle: ")
    assert "DATABASE_URL" in done.stderr
    assert done.stderr.count("\n") == 1
