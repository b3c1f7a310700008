"""A file of truth labels: JSON lines that can be read alone, put aside when they grow too long."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

Row = Mapping[str, Any]


class LabelFile:
    """Labels in `path`: put aside as `.1` and begun anew when it grows over `max_bytes`.

    Each file begins with the rows of `head`. Raises `OSError`.
    """

    def __init__(self, path: Path, head: Callable[[], Iterable[Row]], max_bytes: int) -> None:
        self.path = path
        self._head = head
        self._max_bytes = max_bytes
        self._begin()

    def write(self, rows: Iterable[Row]) -> None:
        """Append `rows` and hand them to the system."""
        lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
        if lines and self._file.tell() > self._max_bytes:
            self._file.close()
            self.path.replace(self.path.with_name(self.path.name + ".1"))
            self._begin()
        self._file.write(lines)
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _begin(self) -> None:
        self._file = self.path.open("wb")
        self.write(self._head())


def iso(t: float) -> str:
    """Epoch seconds as ISO 8601 in UTC, whole seconds."""
    return datetime.fromtimestamp(t, UTC).isoformat(timespec="seconds")
