"""`ops/setup.sh` and `whistle doctor`: what is there is left alone, what is missing is named."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.doctor import State, examine
from ops.settings import RunSettings

ROOT = Path(__file__).parents[2]
SETUP = ["ops/setup.sh", "Makefile", "requirements.lock", "requirements-dev.lock", "pyproject.toml"]


@pytest.fixture
def clone() -> Iterator[Path]:
    """What the set-up reads, without an environment, where any user can go."""
    with tempfile.TemporaryDirectory(prefix="whistle-test-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        for name in SETUP:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        yield folder


def setup(clone: Path, *before: str, kind: str = "run", **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, "sh", "ops/setup.sh", kind],
        cwd=clone,
        check=False,
        capture_output=True,
        text=True,
        **more,
    )


def without_postgis(clone: Path) -> list[str]:
    """Words that make a command see a system without PostGIS, as a user without rights."""
    hide = "mount -t tmpfs none /usr/share/postgresql"
    if subprocess.run(
        ["unshare", "-m", "sh", "-c", hide], check=False, capture_output=True
    ).returncode:
        pytest.skip("this user may not make a mount namespace")
    drop = "exec setpriv --reuid=65534 --regid=65534 --clear-groups"
    path = "PATH=/usr/bin:/bin:/usr/sbin:/sbin"
    return ["unshare", "-m", "sh", "-c", f'{hide}; {drop} env -i {path} "$@"', "sh"]


def test_what_cannot_be_installed_is_named_and_the_set_up_stops(clone: Path) -> None:
    done = setup(clone, *without_postgis(clone))
    assert done.returncode != 0
    assert "packages are missing:" in done.stderr
    assert "postgis-3" in done.stderr
    assert "sudo apt-get install " in done.stderr
    assert not (clone / ".venv").exists()


def test_make_stops_too(clone: Path) -> None:
    """`make demo` must not go on to start what is not there."""
    drop = without_postgis(clone)
    done = subprocess.run(
        [*drop, "make", "demo"], cwd=clone, check=False, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "postgis-3" in done.stderr


def test_an_environment_that_is_up_to_date_is_left_alone(clone: Path) -> None:
    """The stamp counts, not the network: pip is not even asked."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=clone, check=True)
    state = subprocess.run(
        ["sh", "-c", "echo $(cat requirements.lock pyproject.toml | sha256sum | cut -c1-64)-$PWD"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (clone / ".venv" / ".installed-run").write_text(state)
    done = setup(clone)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert (clone / ".venv" / ".installed-run").exists()


def test_an_index_out_of_reach_is_a_clear_failure(clone: Path) -> None:
    environment = {
        **os.environ,
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
    }
    done = setup(clone, env=environment)
    assert done.returncode != 0
    assert "the libraries could not be installed" in done.stderr
    assert not (clone / ".venv" / ".installed-run").exists()


def findings(**settings: object) -> dict[str, tuple[State, str, str]]:
    # every field is given, so that the settings of this very run do not count
    values = {"DATABASE_URL": None, "CHROMIUM_PATH": None, **settings}
    return {f.what: (f.state, f.found, f.mend) for f in examine(RunSettings(**values))}


def test_the_doctor_finds_this_machine_well(tmp_path: Path) -> None:
    ports = {"console_port": free_port(), "nmea_port": free_port()}
    found = findings(data_dir=Path(tempfile.gettempdir()) / "whistle-nowhere", **ports)
    ill = {what: finding for what, finding in found.items() if finding[0] is State.MISSING}
    assert ill == {}
    assert {"Python", "libraries", "disk", "console port", "time zone tables"} <= found.keys()


def test_the_doctor_names_a_taken_port_and_the_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        state, found, mend = findings(console_port=port)["console port"]
    assert state is State.MISSING
    assert f"pid {os.getpid()}" in found
    assert "WHISTLE_CONSOLE_PORT" in mend


def test_the_doctor_names_a_database_out_of_reach() -> None:
    found = findings(DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert found["database"][0] is State.MISSING


def test_the_doctor_names_a_schema_that_is_behind(empty_database_url: str) -> None:
    state, found, mend = findings(DATABASE_URL=empty_database_url)["schema"]
    assert state is State.MISSING
    assert "0001" in found
    assert mend == "run `whistle migrate`"


def test_the_doctor_names_a_cluster_that_is_not_whole(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="whistle-test-") as made:
        Path(made).chmod(0o755)
        (Path(made) / "pg" / "base").mkdir(parents=True)
        state, found, mend = findings(data_dir=Path(made))["database cluster"]
    assert state is State.MISSING
    assert "is not whole" in found
    assert "move it away" in mend


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_the_doctor_names_a_folder_that_the_server_cannot_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    state, found, _ = findings(data_dir=tmp_path)["data folder"]
    assert state is State.MISSING
    assert "postgres cannot enter" in found


def test_the_exit_code_says_whether_something_is_missing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment = {**os.environ, "WHISTLE_NMEA_PORT": str(server.getsockname()[1])}
        done = subprocess.run(
            [sys.executable, "-m", "ops.cli", "doctor"],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )
    assert done.returncode == 1
    assert "→ end it, or set WHISTLE_NMEA_PORT" in done.stdout


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
