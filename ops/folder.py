"""The data folder of a run: who may use it, who uses it now, and whether there is room."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.answer_links import KEY_LEAST
from ops.account import data_folder, make_folder, server_account
from ops.errors import AlreadyRunning, DiskFull
from ops.settings import CLONE, RunSettings

LEAST_FREE_MB = 150
"""Below this, PostgreSQL could stop at any moment for want of room."""

SEAL_KEY = "seal.key"
"""In the data folder: the key that seals what the demo records."""
LINK_KEY = "link.key"
"""In the data folder: the key that signs the demo's one-tap links."""


def choose_folder(settings: RunSettings) -> Path:
    """The data folder; where a private server has to enter it, one that its user can enter."""
    if settings.database_url:
        return (settings.data_dir or CLONE / ".whistle").absolute()
    return data_folder(CLONE, server_account(), settings.data_dir)


@contextmanager
def hold(folder: Path, note: str) -> Iterator[None]:
    """Make `folder` if need be and keep it for this process alone.

    The lock ends with the process, however it ends. `note` tells a second start where the first is.

    Raises:
        AlreadyRunning: another run has it. MissingRight: it cannot be made or written.
    """
    make_folder(folder)
    path = folder / "running"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(
                f"Whistle already runs on {folder} ({file.read().strip()})",
                "use that one, stop it with Ctrl-C, or set WHISTLE_DATA_DIR and other ports",
            ) from None
        file.truncate(0)
        file.write(f"pid {os.getpid()}, {note}\n")
        file.flush()
        yield
        file.truncate(0)


def link_key(folder: Path) -> Path:
    """The key that signs one-tap links, made on the first start, readable by its owner only."""
    path = folder / LINK_KEY
    if not path.exists():
        made = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(made, "wb") as file:  # noqa: PTH123  (a descriptor)
            file.write(os.urandom(KEY_LEAST))
        path.with_suffix(".new").rename(path)
    return path


def is_held(folder: Path) -> bool:
    """Whether a run has `folder` now; a note alone says nothing, a killed run leaves one."""
    try:
        with (folder / "running").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no such folder, or one of another user: no run of ours
        return False
    return False


def require_room(folder: Path, least_mb: int = LEAST_FREE_MB) -> None:
    """Raise `DiskFull` when the disk of `folder` has less than `least_mb` megabytes free."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < least_mb:
        raise DiskFull(
            f"{folder} has {free} MB free, at least {least_mb} MB are needed",
            "free some room, or set WHISTLE_DATA_DIR to a folder on another disk",
        )
