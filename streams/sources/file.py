"""A recording of sentences: replayable, so every sentence knows its place in the file."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from domain.clock import utc_now
from domain.errors import InvalidInput
from streams.contracts.messages import Sentence
from streams.contracts.sentence import LINE_LIMIT
from streams.sources.intake import CHUNK_BYTES
from streams.sources.lines import LineSplitter
from streams.sources.pace import Pace
from streams.sources.source import Batch


class FileSource:
    """Reads `path` once from `offset` to its end, as fast as the queue takes it or at `speed`.

    `speed` 1 is the pace at which the receiver's clock (tag block `c:`) says it was recorded, 10
    ten times that. `source_id` is the path and a digest of the first line: another file under the
    same name is another source, a file that grew is the same. Raises `InvalidInput` for a file that
    cannot be read, or is shorter than `offset`.
    """

    def __init__(
        self,
        path: Path,
        *,
        feed_id: str = "ais",
        offset: int = 0,
        speed: float | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if speed is not None and speed <= 0:
            raise InvalidInput("speed", f"expected a number above 0, not {speed:g}")
        self.feed_id = feed_id
        self.connected = False
        self._path = path
        self._speed = speed
        self._now = now
        self._stopped = asyncio.Event()
        self.source_id = _identity(path)
        self.offset = offset

    @property
    def offset(self) -> int:
        """Byte at which reading begins; set it before `read` to go on where a cursor stands."""
        return self._offset

    @offset.setter
    def offset(self, offset: int) -> None:
        size = self._path.stat().st_size
        if not 0 <= offset <= size:
            raise InvalidInput(
                "offset", f"{self._path} has {size} bytes, the cursor stands at {offset}"
            )
        self._offset = offset

    async def read(self, out: asyncio.Queue[Batch]) -> None:
        # the place is known, the number of the line only when nothing was skipped
        line = 1 if self._offset == 0 else None
        splitter = LineSplitter(self.feed_id, offset=self._offset, line=line)
        clock = asyncio.get_running_loop().time
        pace = Pace(self._speed, clock) if self._speed is not None else None
        with self._path.open("rb") as file:
            file.seek(self._offset)
            self.connected = True
            try:
                while not self._stopped.is_set():
                    chunk = await asyncio.to_thread(file.read, CHUNK_BYTES)
                    if chunk:
                        sentences = splitter.feed(chunk, self._now())
                    else:
                        sentences = splitter.finish(self._now())
                    if pace is None:
                        await _put(out, sentences)
                    else:
                        await self._put_in_time(out, sentences, pace)
                    if not chunk:
                        break
            finally:
                self.connected = False

    def stop(self) -> None:
        self._stopped.set()

    async def _put_in_time(
        self, out: asyncio.Queue[Batch], sentences: list[Sentence], pace: Pace
    ) -> None:
        """Put what is due; stopped while waiting, leave the rest: the file still has it."""
        due: list[Sentence] = []
        for sentence in sentences:
            wait_s = pace.wait_s(sentence)
            if wait_s > 0:
                await _put(out, due)
                due = []
                if await self._stopped_within(wait_s):
                    return
            # in a paced replay a sentence arrives when it is let go
            due.append(replace(sentence, arrived_at=self._now()))
        await _put(out, due)

    async def _stopped_within(self, wait_s: float) -> bool:
        try:
            async with asyncio.timeout(wait_s):
                await self._stopped.wait()
        except TimeoutError:
            return False
        return True


async def _put(out: asyncio.Queue[Batch], sentences: list[Sentence]) -> None:
    if sentences:
        await out.put(sentences)


def _identity(path: Path) -> str:
    try:
        with path.open("rb") as file:
            first = file.readline(LINE_LIMIT)
    except OSError as fault:
        raise InvalidInput("file", f"{path}: {fault.strerror or fault}") from fault
    return f"file:{path.resolve()}#{hashlib.sha256(first).hexdigest()[:12]}"
