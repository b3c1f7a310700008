"""One file of the spool: entries one behind the other, only ever appended to."""

import os
from dataclasses import dataclass
from pathlib import Path

from streams.relay.entry import HEAD_BYTES, MAGIC, Entry, Head, entry_of, head_of

SUFFIX = ".spool"
_WINDOW = 65536


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a place: an entry, or `None` for `damaged` bytes; the next begins at `end`."""

    entry: Entry | None
    end: int
    damaged: int = 0


class Segment:
    """A file, or memory where no file can be written; `size` in bytes, with `messages` in it."""

    def __init__(self, number: int, descriptor: int, path: Path | None) -> None:
        self.number = number
        self.size = os.fstat(descriptor).st_size
        self.messages = 0
        self.torn = 0  # bytes cut off when it was opened again
        self.synced = self.size
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def create(cls, folder: Path, number: int) -> "Segment":
        """A new file. Raises `OSError`."""
        path = folder / f"{number:016d}{SUFFIX}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        return cls(number, os.open(path, flags, 0o600), path)

    @classmethod
    def in_memory(cls, number: int) -> "Segment":
        """The same without a file: gone with the process."""
        return cls(number, os.memfd_create(f"spool-{number}"), None)

    @classmethod
    def existing(cls, path: Path, offset: int = 0) -> "Segment":
        """A file as it was left, whatever happened to it; counts the messages behind `offset`.

        A frame at its end that was not written wholly is cut off. Raises `OSError`.
        """
        made = cls(int(path.stem), os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC), path)
        made._look_through(offset)
        return made

    @property
    def on_disk(self) -> bool:
        return self._path is not None

    def append(self, data: bytes, messages: int) -> None:
        """Write whole frames behind the others. Raises `OSError`; nothing of them stays then."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)
        self.messages += messages

    def read(self, offset: int) -> Found | None:
        """What stands at `offset`; `None` at the end. What is damaged is passed over."""
        if offset >= self.size:
            return None
        head = self._head(offset)
        if head is not None:
            end = offset + head.frame_bytes
            entry = entry_of(head, os.pread(self._descriptor, head.length, offset + HEAD_BYTES))
            if entry is not None:
                return Found(entry, end)
            if end <= self.size and self._begins(end):
                return Found(None, end, end - offset)
        end = self._next(offset + 1)
        return Found(None, end, end - offset)

    def sync(self) -> None:
        """Bring to the disk what was written. Callable from another thread."""
        size = self.size
        if self._path is not None and self.synced < size:
            os.fsync(self._descriptor)
            self.synced = size

    def close(self) -> None:
        """Leave the file as it is."""
        os.close(self._descriptor)

    def remove(self) -> None:
        """The file is not wanted any more."""
        os.close(self._descriptor)
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _head(self, offset: int) -> Head | None:
        return head_of(os.pread(self._descriptor, HEAD_BYTES, offset))

    def _begins(self, offset: int) -> bool:
        """Whether a frame begins here, or the file ends."""
        return offset == self.size or self._head(offset) is not None

    def _next(self, offset: int) -> int:
        """Where the next frame begins at or behind `offset`; the file's end if none does."""
        while offset < self.size:
            window = os.pread(self._descriptor, _WINDOW, offset)
            place = window.find(MAGIC)
            while place >= 0:
                if self._head(offset + place) is not None:
                    return offset + place
                place = window.find(MAGIC, place + 1)
            if len(window) < _WINDOW:
                break
            offset += len(window) - len(MAGIC) + 1
        return self.size

    def _look_through(self, offset: int) -> None:
        """Count messages behind `offset` as the heads say, and find the end."""
        while offset < self.size:
            head = self._head(offset)
            end = offset + head.frame_bytes if head is not None else 0
            if head is not None and end <= self.size:
                self.messages += head.messages
            else:
                end = self._next(offset + 1)
                if end == self.size:
                    os.ftruncate(self._descriptor, offset)
                    self.torn, self.size = self.size - offset, offset
            offset = end
