"""Processes of an earlier run that are still there because their supervisor was killed."""

import contextlib
import json
from pathlib import Path

import psutil

SAME_S = 1.0
"""A process whose start differs by more is another one that got the same number."""


class Leftovers:
    """A file with the children's process ids and start times."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, tuple[int, float]] = {}

    def remember(self, name: str, pid: int) -> None:
        """Note a child just started; a disk that is full is no reason to stop."""
        with contextlib.suppress(psutil.Error, OSError):
            self._known[name] = (pid, psutil.Process(pid).create_time())
            self._path.write_text(json.dumps(self._known))

    def forget(self) -> None:
        """All of them ended in order."""
        self._known.clear()
        self._path.unlink(missing_ok=True)

    def end(self, but: str, timeout_s: float = 15) -> list[str]:
        """End what an earlier run left, except the child named `but`; returns their names."""
        found = {name: p for name, p in self._alive().items() if name != but}
        for process in found.values():
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, stubborn = psutil.wait_procs(found.values(), timeout_s)
        for process in stubborn:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(stubborn, timeout_s)
        return sorted(found)

    def _alive(self) -> dict[str, psutil.Process]:
        try:
            noted = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        alive = {}
        for name, (pid, started) in noted.items():
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                if abs(process.create_time() - started) <= SAME_S:
                    alive[name] = process
        return alive
