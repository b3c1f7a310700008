"""A batch: what goes to the store in one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from db.feed import CursorMove
from db.stream import OffsetMove
from streams.contracts.messages import Message, Sentence
from streams.handlers.fixes import Fixes
from streams.intake import FeedIntake, SourceEnded


@dataclass(slots=True)
class Batch:
    """Messages in order of arrival, and how far their sources were read when it was closed."""

    messages: list[Message] = field(default_factory=list)
    cursors: list[CursorMove] = field(default_factory=list)
    offsets: list[OffsetMove] = field(default_factory=list)
    _fixes: Fixes | None = None

    @property
    def fixes(self) -> Fixes:
        """The fixes among the messages in columns; made once, when nothing is added any more."""
        if self._fixes is None:
            self._fixes = Fixes.of(self.messages)
        return self._fixes

    def make_ready(self) -> None:
        """Make the columns now, while the store is busy with the batch before.

        A message that they cannot be made of is the store's to find.
        """
        with suppress(Exception):
            self.fixes  # noqa: B018 - kept

    @property
    def empty(self) -> bool:
        return not self.messages and not self.cursors and not self.offsets


class BatchBuilder:
    """Decodes sentences into batches of at most some `limit` messages and a sentence's worth."""

    def __init__(self, feeds: Mapping[str, FeedIntake], limit: int) -> None:
        self._feeds = feeds
        self._limit = limit
        self._open = Batch()

    @property
    def started(self) -> bool:
        """Whether something waits for its batch to be closed."""
        return bool(self._open.messages)

    def add(self, sentences: Iterable[Sentence]) -> Iterator[Batch]:
        """Take sentences in; yields every batch that is full."""
        messages = self._open.messages
        for sentence in sentences:
            found = self._feeds[sentence.feed_id].take(sentence)
            messages += found
            if len(messages) >= self._limit:
                yield self.close()
                messages = self._open.messages

    def end(self, ended: SourceEnded) -> None:
        """A source has ended: what its decoder still holds is given up if that is final."""
        feed = self._feeds[ended.feed_id]
        feed.ended = ended.unasked
        if ended.final:
            self._open.messages += feed.finish()

    def close(self) -> Batch:
        """The batch so far, with the cursors where they stand; the next one begins."""
        batch, self._open = self._open, Batch()
        batch.make_ready()
        batch.cursors = [move for feed in self._feeds.values() if (move := feed.move())]
        return batch
