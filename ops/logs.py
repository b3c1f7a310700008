"""The log files of the children: their last words, and a limit to their size."""

import os
import shutil
from pathlib import Path

LIMIT_BYTES = 20 * 2**20
TAIL_BYTES = 8192


def tail(path: Path, lines: int = 20) -> list[str]:
    """The last `lines` lines that are not empty; none when there is no file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-lines:]


def trim(path: Path, limit: int = LIMIT_BYTES) -> bool:
    """Keep a log that has grown over `limit` bytes as `.1` and begin it anew; True if it was done.

    The writer goes on with its open file (it appends), so it needs no telling.
    """
    try:
        if path.stat().st_size <= limit:
            return False
        shutil.copyfile(path, path.with_name(path.name + ".1"))
        os.truncate(path, 0)
    except OSError:  # a full disk must not take the supervisor with it
        return False
    return True
