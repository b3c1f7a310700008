"""When the lead case began, each time: a small file that the feeds of one machine share.

The barges' radios and the checkpoints' devices are different programs, and both have to know. Who
wants to see the case again writes another beginning; both notice within a second.
"""

import os
from pathlib import Path

import orjson

from domain.errors import InvalidInput
from seed.lead_case import PAIRS


class CaseBook:
    """The beginnings in `path`, epoch seconds, oldest first. A missing file is an empty book."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._starts: tuple[int, ...] = ()

    def starts(self) -> tuple[int, ...]:
        """All beginnings; reads the file only when it changed.

        Raises `InvalidInput` for a file that is no book.
        """
        try:
            state = self.path.stat()
        except FileNotFoundError:
            return ()
        seen = (state.st_mtime_ns, state.st_ino)
        if seen != self._seen:
            self._starts, self._seen = self._read(), seen
        return self._starts

    def playing(self) -> tuple[tuple[int, int], ...]:
        """(number, beginning) of each case whose barges no later one has taken over."""
        starts = self.starts()
        first = max(0, len(starts) - PAIRS)
        return tuple(enumerate(starts[first:], first))

    def begin(self, now: int) -> int:
        """Write a beginning at `now`, or a second after the last one; returns it."""
        known = self.starts()
        start = max(now, known[-1] + 1) if known else now
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        part.write_bytes(orjson.dumps({"started_at": [*known, start]}) + b"\n")
        part.replace(self.path)
        return start

    def begin_first(self, now: int) -> int | None:
        """Write the first beginning, unless there was one: then `None`."""
        return None if self.starts() else self.begin(now)

    def _read(self) -> tuple[int, ...]:
        try:
            starts = orjson.loads(self.path.read_bytes())["started_at"]
            return tuple(int(start) for start in starts)
        except (ValueError, TypeError, KeyError):
            raise InvalidInput(str(self.path), "a book of beginnings of the lead case") from None
