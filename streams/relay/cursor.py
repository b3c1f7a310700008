"""How far the broker has taken the spool: a place that is never lost to a torn write."""

import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

_SLOT = struct.Struct(">QQQ")
_SLOT_BYTES = 32


class Position(NamedTuple):
    """Number of a segment and a byte in it."""

    segment: int
    offset: int


_START = Position(0, 0)


class Cursor:
    """Two slots written in turn: the newer sound one counts. Raises `OSError` when opened."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._turn, self.position = max(self._slots(), default=(0, _START))

    def move(self, position: Position) -> None:
        """Remember that everything before `position` is done. Raises `OSError`."""
        self.position = position
        self._turn += 1
        data = _SLOT.pack(self._turn, *position)
        data += zlib.crc32(data).to_bytes(4, "big")
        os.pwrite(self._descriptor, data, self._turn % 2 * _SLOT_BYTES)

    def close(self) -> None:
        os.close(self._descriptor)

    def _slots(self) -> list[tuple[int, Position]]:
        found = []
        for place in (0, _SLOT_BYTES):
            data = os.pread(self._descriptor, _SLOT.size + 4, place)
            body, crc = data[: _SLOT.size], data[_SLOT.size :]
            if len(crc) == 4 and zlib.crc32(body) == int.from_bytes(crc, "big"):
                turn, segment, offset = _SLOT.unpack(body)
                found.append((turn, Position(segment, offset)))
        return found
