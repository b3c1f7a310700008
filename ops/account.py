"""Which user runs PostgreSQL, and which folder that user can reach.

PostgreSQL refuses to run as root, so root hands it to another user. That user must be able to enter
the data folder: a clone under a folder of mode 0700 keeps its data elsewhere, in a place that
survives a restart of the machine.
"""

import hashlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.errors import MissingRight

SERVER_USER = "postgres"
"""Made by Debian's and Ubuntu's server package."""
LASTING_TEMPORARY = Path("/var/tmp")  # noqa: S108  (unlike /tmp it outlives a restart, FHS 5.15)


@dataclass(frozen=True, slots=True)
class Account:
    """The user that database processes run as; `switch` says whether we have to become it."""

    name: str
    uid: int
    gid: int
    switch: bool

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, path: Path) -> None:
        """Give `path` to this user (only root has to, and can)."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may pass through `folder`: asked of the kernel, so ACLs count too."""
        while not folder.exists():
            folder = folder.parent
        if not self.switch:
            return os.access(folder, os.X_OK)
        probe = subprocess.run(["test", "-x", str(folder)], check=False, cwd="/", **self.popen)
        return probe.returncode == 0


def server_account() -> Account:
    """The user for PostgreSQL: ourselves, or `postgres` when we are root.

    Raises:
        MissingRight: root, and there is no such user (the server package is not installed).
    """
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Account(me.pw_name, me.pw_uid, me.pw_gid, switch=False)
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise MissingRight(
            f"PostgreSQL does not run as root and there is no user {SERVER_USER!r}",
            "run `make setup`, which installs the server package and with it the user",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def data_folder(clone: Path, account: Account, wanted: Path | None = None) -> Path:
    """Where this clone keeps its data: `wanted`, else `.whistle` in the clone, else outside it.

    The folder outside is named after a hash of the clone's path, so that two clones never share one
    and the same clone finds its own again.
    """
    if wanted is not None:
        return wanted.absolute()
    clone = clone.resolve()
    if account.can_enter(clone):
        return clone / ".whistle"
    digest = hashlib.sha256(os.fsencode(clone)).hexdigest()[:12]
    return LASTING_TEMPORARY / f"whistle-{digest}"


def make_folder(folder: Path, mode: int = 0o755, owner: int | None = None) -> Path:
    """Make `folder` (and its parents); it may also belong to `owner`, the server's user.

    Raises:
        MissingRight: it cannot be made or written, or a stranger made it before us in a place where
            anybody may make folders.
    """
    way_out = "set WHISTLE_DATA_DIR to a folder you may write"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
    except OSError as error:
        raise MissingRight(f"cannot make {folder}: {error.strerror}", way_out) from error
    found = folder.lstat()
    if folder.parent.stat().st_mode & stat.S_ISVTX and (
        stat.S_ISLNK(found.st_mode) or found.st_uid not in {os.geteuid(), owner}
    ):
        raise MissingRight(f"{folder} belongs to another user", way_out)
    if not os.access(folder, os.W_OK | os.X_OK):
        me = pwd.getpwuid(os.geteuid()).pw_name
        raise MissingRight(f"{folder} is not writable for user {me}", way_out)
    return folder
