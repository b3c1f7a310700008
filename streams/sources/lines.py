"""A stream of bytes cut into lines, however it arrives, with bounded memory."""

from datetime import datetime

from streams.contracts.messages import Sentence
from streams.contracts.sentence import BLANK, LINE_LIMIT


class LineSplitter:
    """Turns chunks of bytes into sentences; a line ends with LF, a CR before it is dropped.

    Blank lines are counted and left out; of every other one all bytes are kept, blanks around the
    sentence too, so that a refusal has what was sent. Of a line longer than `limit` only its
    beginning is kept; the sentence then tells its `length`. With `offset` (of the first byte to
    come, in a file) sentences carry their place. `found` counts the sentences so far.
    """

    def __init__(
        self,
        feed_id: str,
        *,
        offset: int | None = None,
        line: int | None = None,
        limit: int = LINE_LIMIT,
    ) -> None:
        self.found = 0
        self._feed_id = feed_id
        self._limit = limit
        self._offset = offset
        self._line = line
        self._head = b""  # the beginning of the unfinished line, never longer than the limit
        self._length = 0  # of the unfinished line so far

    def feed(self, chunk: bytes, arrived_at: datetime) -> list[Sentence]:
        """The lines that `chunk` completes."""
        *complete, rest = chunk.split(b"\n")
        found: list[Sentence] = []
        for piece in complete:
            self._extend(piece)
            self._end(arrived_at, 1, found)
        self._extend(rest)
        return found

    def finish(self, arrived_at: datetime) -> list[Sentence]:
        """The last line, when the stream ends without a line end."""
        found: list[Sentence] = []
        if self._length:
            self._end(arrived_at, 0, found)
        return found

    def _extend(self, piece: bytes) -> None:
        if not self._length:
            self._head = piece[: self._limit + 1]
        elif len(self._head) <= self._limit:
            self._head += piece[: self._limit + 1 - len(self._head)]
        self._length += len(piece)

    def _end(self, arrived_at: datetime, terminator: int, found: list[Sentence]) -> None:
        length, start = self._length, self._offset
        cut = length if length > self._limit else None
        raw = self._head.removesuffix(b"\r") if cut is None else self._head[: self._limit]
        end = None
        if start is not None:
            self._offset = end = start + length + terminator
        line = self._line
        if line is not None:
            self._line = line + 1
        self._head, self._length = b"", 0
        if cut is not None or raw.strip(BLANK):
            self.found += 1
            found.append(Sentence(self._feed_id, arrived_at, raw, start, end, line, cut))
