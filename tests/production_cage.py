"""What a container of docker-compose.yml keeps from its process, kept from a process here.

That needs root and the right to mount (Linux namespaces); elsewhere the process runs as we do, and
that is said.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_SCRIPT = ROOT / "tests" / "cage.sh"
_TMP = Path("/tmp")  # noqa: S108 - the one that the cage has anew


def caged(service: dict[str, Any], kept: Sequence[Path] = (), owned: Sequence[Path] = ()) -> Any:
    """Words that go before the command of a service, and variables that go with it.

    `kept` are folders that it needs; `owned` those that it writes to, which become its user's.
    """
    uid = int(str(service["user"]).split(":")[0])
    free = any("exec" in str(one).split(",") for one in service["tmpfs"])
    if not possible():
        return [], {}
    for folder in owned:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, uid)
    return _words(uid, "exec" if free else "noexec"), _around([*kept, *owned])


@cache
def possible() -> bool:
    """Whether a cage can be made here; said loudly when not."""
    if os.geteuid() == 0 and shutil.which("unshare") and shutil.which("setpriv"):
        done = subprocess.run(
            [
                *_words(10001, "noexec"),
                sys.executable,
                "-c",
                "print(open('/proc/self/status').read())",
            ],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **_around([])},
        )
        if done.returncode == 0 and "CapBnd:\t0000000000000000" in done.stdout:
            return True
    print("\nNOT CAGED: processes run as we do, not as in a container", file=sys.__stderr__)
    return False


def _words(uid: int, exec_: str) -> list[str]:
    return ["unshare", "-m", "sh", str(_SCRIPT), str(uid), exec_]


def _around(kept: Sequence[Path]) -> dict[str, str]:
    """The folders that would be out of reach, and what they are in."""
    needed = [ROOT, Path(sys.base_prefix), *kept]
    hidden = {path: _closed(path) for path in needed}
    return {
        "CAGE_KEPT": " ".join(str(path) for path, around in hidden.items() if around),
        "CAGE_CLOSED": " ".join(sorted({str(a) for a in hidden.values() if a and a != _TMP})),
    }


def _closed(path: Path) -> Path | None:
    """The outermost folder around `path` that other users cannot enter, or /tmp."""
    for around in reversed(path.resolve().parents):
        if around == _TMP or not around.stat().st_mode & 0o001:
            return around
    return None
