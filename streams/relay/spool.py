"""The spool: every record stands in a file from the moment it is made until the broker has it."""

import fcntl
import os
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from domain.errors import InvalidInput
from streams.relay.cursor import Cursor, Position
from streams.relay.entry import Entry, framed
from streams.relay.segment import SUFFIX, Segment

_log = structlog.get_logger(__name__)
_SEGMENT_BYTES = 16 * 1024 * 1024
_FEWEST, _MOST = 16, 256
"""Segments of a full spool: it loses its oldest at once, and each holds a descriptor."""
_MEMORY_SEGMENTS = 2


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry to be sent; give it back by `Spool.done` when the broker has it."""

    entry: Entry
    end: Position


class Spool:
    """Entries in the order they came, on disk under `folder`, at most some `limit_bytes` of them.

    Written through to the operating system at once, so that the death of this process loses none;
    `sync` brings them to the disk for the death of the machine. When it is full the oldest segment
    is given up, counted in `dropped`. While the disk takes nothing, a little is kept in memory.
    Damage is passed over and counted (`damaged`, bytes). For one process and one thread.
    """

    def __init__(
        self, folder: Path, *, limit_bytes: int, segment_bytes: int = _SEGMENT_BYTES
    ) -> None:
        """Open it as it was left. Raises `InvalidInput` if it cannot be had."""
        self.limit_bytes = limit_bytes
        self.dropped = 0
        self.damaged = 0
        self.fault: str | None = None
        self._folder = folder
        self._segment_bytes = max(min(segment_bytes, limit_bytes // _FEWEST), limit_bytes // _MOST)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._cursor = Cursor(folder / "sent")
            self._segments = self._left()
        except BlockingIOError as error:
            os.close(self._lock)
            raise InvalidInput("spool", f"{folder} is another relay's") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InvalidInput("spool", f"{folder}: {reason}") from error
        self._done_messages = 0  # of the oldest segment
        self._next = self._looked = self.start
        torn = sum(one.torn for one in self._segments)
        if torn:
            self._tell_damage(torn)

    @property
    def pending_bytes(self) -> int:
        """Bytes that the broker does not have yet."""
        if not self._segments:
            return 0
        return sum(one.size for one in self._segments) - self.start.offset

    @property
    def pending_messages(self) -> int:
        """Messages that the broker does not have yet."""
        return sum(one.messages for one in self._segments) - self._done_messages

    @property
    def empty(self) -> bool:
        return self.pending_bytes == 0

    @property
    def end(self) -> Position:
        """Behind the last entry."""
        last = self._segments[-1] if self._segments else None
        return Position(last.number, last.size) if last else self._cursor.position

    def append(self, entries: Sequence[Entry]) -> None:
        """Put them behind all others; room is made for them if need be."""
        data = b"".join(framed(entry) for entry in entries)
        messages = sum(entry.messages for entry in entries)
        while self._segments and self.pending_bytes + len(data) > self.limit_bytes:
            self._give_up(self._segments[0])
        last = self._segments[-1] if self._segments else None
        if last is None or (last.size and last.size + len(data) > self._most_of(last)):
            last = self._begin()
        try:
            last.append(data, messages)
        except OSError as error:
            self._begin_in_memory(error).append(data, messages)
        else:
            if last.on_disk and self.fault is not None:
                self.fault = None
                _log.info("spool writes again", action="spool.recovered")

    def take(self) -> Taken | None:
        """The next entry that was not taken since the start or `rewind`, if there is one."""
        for segment in [one for one in self._segments if one.number >= self._next.segment]:
            offset = self._next.offset if segment.number == self._next.segment else 0
            while (found := segment.read(offset)) is not None:
                offset = found.end
                self._next = Position(segment.number, offset)
                if found.entry is not None:
                    return Taken(found.entry, self._next)
                if self._next > self._looked:
                    self._looked = self._next
                    self._tell_damage(found.damaged)
        return None

    def rewind(self) -> None:
        """Take again from the first entry that is not done."""
        self._next = self.start

    def done(self, taken: Taken) -> None:
        """The broker has this entry and all before it; of one given up meanwhile, nothing."""
        if taken.end <= self.start:
            return
        while self._segments and self._segments[0].number < taken.end.segment:
            self._forget_oldest()
        self._move(taken.end)
        first = self._segments[0] if self._segments else None
        if first is not None and first.number == taken.end.segment:
            self._done_messages += taken.entry.messages
            if len(self._segments) > 1 and taken.end.offset >= first.size:
                self._forget_oldest()
        if self._next < self.start:
            self.rewind()

    def to_sync(self) -> list[Segment]:
        """Segments that the disk does not have wholly; `Segment.sync` may run in a thread."""
        return [one for one in self._segments if one.on_disk and one.synced < one.size]

    def close(self) -> None:
        """Bring what is pending to the disk and leave it for the next start."""
        done = self.empty
        lost = 0 if done else sum(one.messages for one in self._segments if not one.on_disk)
        if lost:
            _log.error("messages lost: no file held them", action="spool.lost", messages=lost)
        for one in self._segments:
            if done:
                one.remove()
            else:
                with suppress(OSError):
                    one.sync()
                one.close()
        self._segments.clear()
        self._cursor.close()
        os.close(self._lock)

    def _left(self) -> deque[Segment]:
        """The segments of earlier runs; what was done of them is removed."""
        position = self._cursor.position
        found: deque[Segment] = deque()
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            number = int(path.stem)
            offset = position.offset if number == position.segment else 0
            if number < position.segment or offset >= path.stat().st_size:
                path.unlink()
            else:
                found.append(Segment.existing(path, offset))
        return found

    @property
    def start(self) -> Position:
        """The first byte that is not done."""
        if not self._segments:
            return self._cursor.position
        first = self._segments[0].number
        return max(self._cursor.position, Position(first, 0))

    def _forget_oldest(self) -> None:
        self._segments.popleft().remove()
        self._done_messages = 0

    def _tell_damage(self, size: int) -> None:
        self.damaged += size
        _log.error("spool is damaged", action="spool.damaged", bytes=size)

    def _move(self, position: Position) -> None:
        try:
            self._cursor.move(position)
        except OSError as error:
            self.complain(error)

    def _most_of(self, segment: Segment) -> int:
        """Bytes that it may grow to."""
        return self._segment_bytes if segment.on_disk else min(self._segment_bytes, _SEGMENT_BYTES)

    def _begin(self) -> Segment:
        number = max(self._cursor.position.segment, self.end.segment) + 1
        try:
            made = Segment.create(self._folder, number)
        except OSError as error:
            return self._begin_in_memory(error)
        self._segments.append(made)
        return made

    def _begin_in_memory(self, error: OSError) -> Segment:
        """A segment without a file; what memory cannot hold is given up, the oldest first."""
        self.complain(error)
        number = max(self._cursor.position.segment, self.end.segment) + 1
        held = [one for one in self._segments if not one.on_disk]
        for one in held[: max(0, len(held) - _MEMORY_SEGMENTS + 1)]:
            self._give_up(one)
        made = Segment.in_memory(number)
        self._segments.append(made)
        return made

    def _give_up(self, segment: Segment) -> None:
        lost = segment.messages
        if segment is self._segments[0]:
            lost -= self._done_messages
            self._done_messages = 0
        self._segments.remove(segment)
        segment.remove()
        if not self._segments:
            self._move(Position(segment.number + 1, 0))
        if self._next.segment == segment.number:
            self._next = Position(segment.number + 1, 0)
        self.dropped += lost
        _log.error("messages given up: the spool is full", action="spool.dropped", messages=lost)

    def complain(self, error: OSError) -> None:
        """Note and say once that the disk does not take what it should."""
        if self.fault is None:
            _log.error("spool cannot write", action="spool.failed", error=str(error))
        self.fault = error.strerror or str(error)
