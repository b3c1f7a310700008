"""Where the data stand, who may use them, and what is said when the place is not fit."""

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import ports
from ops.account import Account, data_folder, make_folder, server_account
from ops.errors import AlreadyRunning, DiskFull, MissingRight, PortTaken
from ops.folder import choose_folder, hold, is_held, require_room
from ops.settings import CLONE, RunSettings

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anybody can enter."""
    with tempfile.TemporaryDirectory(prefix="whistle-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_data_stand_in_the_clone_when_the_server_can_enter_it(folder: Path) -> None:
    assert data_folder(folder, server_account()) == folder / ".whistle"


@as_root
@pytest.mark.parametrize("closed", [".", "inner"])
def test_a_closed_clone_has_its_data_elsewhere(folder: Path, closed: str) -> None:
    """Mode 0700 on the clone itself, or on a folder above it."""
    clone = folder / "inner" / "clone"
    clone.mkdir(parents=True)
    (folder / closed).chmod(0o700)
    chosen = data_folder(clone, server_account())
    # /var/tmp outlives a restart of the machine
    assert str(chosen).startswith("/var/tmp/whistle-")  # noqa: S108
    assert data_folder(clone, server_account()) == chosen
    other = folder / "inner" / "other"
    other.mkdir()
    assert data_folder(other, server_account()) != chosen


def test_who_is_not_root_keeps_the_data_in_the_clone(folder: Path) -> None:
    folder.chmod(0o700)
    me = Account("me", os.geteuid(), os.getegid(), switch=False)
    assert data_folder(folder, me) == folder / ".whistle"


def test_a_folder_that_is_named_wins(folder: Path) -> None:
    settings = RunSettings(data_dir=folder / "mine")
    assert choose_folder(settings) == folder / "mine"


def test_with_a_database_of_its_own_no_server_user_is_needed(monkeypatch) -> None:
    def no_user() -> Account:
        raise MissingRight("there is no user", "none")

    monkeypatch.setattr("ops.folder.server_account", no_user)
    settings = RunSettings(DATABASE_URL="postgresql://elsewhere/whistle")
    assert choose_folder(settings) == CLONE / ".whistle"


def test_a_place_that_is_a_file_is_refused_with_a_way_out(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(MissingRight, match=r"cannot make .*Set WHISTLE_DATA_DIR"):
        make_folder(folder / "file" / "data")


@as_root
def test_a_folder_without_the_right_to_write_is_refused(folder: Path) -> None:
    """Asked as a user that is not root, in a process of its own."""
    (folder / "closed").mkdir(mode=0o755)
    account = server_account()
    script = (
        "import sys; from pathlib import Path; from ops.account import make_folder\n"
        "from ops.errors import MissingRight\n"
        "try: make_folder(Path(sys.argv[1]))\n"
        "except MissingRight as error: print(error)\n"
    )
    # the interpreter of the environment may stand where that user cannot go
    python = Path("/usr/bin/python3")
    if not python.exists() or not account.can_enter(ROOT):
        pytest.skip("no place from which another user can run this")
    for place in ("closed", "closed/data"):
        done = subprocess.run(
            [str(python), "-c", script, str(folder / place)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            **account.popen,
        )
        assert "Set WHISTLE_DATA_DIR to a folder you may write" in done.stdout


@as_root
def test_a_folder_that_a_stranger_made_first_is_not_used(folder: Path) -> None:
    """Anybody can guess the name of a folder under a place like /var/tmp."""
    folder.chmod(0o1777)
    (folder / "data").mkdir()
    os.chown(folder / "data", 12345, 12345)
    with pytest.raises(MissingRight, match="belongs to another user"):
        make_folder(folder / "data")
    (folder / "link").symlink_to("/")
    with pytest.raises(MissingRight, match="belongs to another user"):
        make_folder(folder / "link")
    make_folder(folder / "data", owner=12345)


def test_a_second_start_is_told_where_the_first_is(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ops.folder import hold\n"
        "with hold(Path(sys.argv[1]), 'http://localhost:8501/'):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", script, str(folder / "data")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    told = f"pid {first.pid}, http://localhost:8501/"
    with pytest.raises(AlreadyRunning, match=told), hold(folder / "data", "second"):
        pass
    assert is_held(folder / "data")
    first.kill()  # however it ends, the folder is free again
    first.communicate()
    assert (folder / "data" / "running").read_text()
    assert not is_held(folder / "data")
    assert not is_held(folder / "none")
    with hold(folder / "data", "third"):
        pass


def test_a_disk_with_too_little_room_is_refused(folder: Path) -> None:
    with pytest.raises(DiskFull, match=r"MB free, at least .* are needed.*WHISTLE_DATA_DIR"):
        require_room(folder, least_mb=10**9)
    require_room(folder, least_mb=1)


def test_the_socket_folder_is_for_its_user_alone(folder: Path) -> None:
    made = make_folder(folder / "run", 0o700)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_taken_port_names_its_holder_and_another_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"pid {os.getpid()}\).*WHISTLE_X={port + 1}"):
            ports.require_free("127.0.0.1", port, "WHISTLE_X", "the console")
        assert ports.listens(os.getpid(), port)
        assert not ports.linked(os.getpid(), port)
        with socket.create_connection(("127.0.0.1", port)):
            assert ports.linked(os.getpid(), port)
    ports.require_free("127.0.0.1", port, "WHISTLE_X", "the console")
    assert not ports.answers("127.0.0.1", port, "/")


def test_a_right_that_is_missing_is_named() -> None:
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1:20000"):
        ports.require_free("192.0.2.1", 20000, "WHISTLE_X", "the console")  # nobody's address
