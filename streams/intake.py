"""One feed on its way in: its decoder, and how far a replayable source was taken."""

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from db.feed import CursorMove
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Message, PositionMessage, Sentence


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """In the queue after a source's last sentence. `final`: it has no more and never will.

    `unasked`: it ended by itself, as a file does, and was not stopped.
    """

    feed_id: str
    final: bool
    unasked: bool = False


class FeedIntake:
    """Turns the sentences of one feed into messages and keeps its cursor.

    `source_id` names a replayable source (a file), `None` a socket. `next_offset` and `pending`
    are its cursor as stored: sentences before it were stored by an earlier run and are skipped,
    but for the half-read parts, which go to the decoder again.
    """

    def __init__(
        self,
        feed_id: str,
        decoder: AisDecoder,
        *,
        source_id: str | None = None,
        next_offset: int = 0,
        pending: tuple[int, ...] = (),
    ) -> None:
        self.feed_id = feed_id
        self.source_id = source_id
        self.last_sentence_at: datetime | None = None
        self.last_fix_at: datetime | None = None
        self.ended = False
        self._decoder = decoder
        self._taken = next_offset
        self._moved = next_offset
        self._skip_before = next_offset
        self._pending = frozenset(pending)

    @property
    def resume_offset(self) -> int:
        """Byte from which the source has to be read."""
        return min(self._pending, default=self._taken)

    def take(self, sentence: Sentence) -> list[Message]:
        """The messages that `sentence` brings; `[]` for what an earlier run has stored."""
        self.last_sentence_at = sentence.arrived_at
        if sentence.offset is not None:
            if sentence.offset < self._skip_before:
                self._replay(sentence)
                return []
            if sentence.end is not None:
                self._taken = sentence.end
        messages = self._decoder.decode(sentence)
        for message in messages:
            if isinstance(message, PositionMessage):
                self.last_fix_at = sentence.arrived_at
        return messages

    def finish(self) -> list[Message]:
        """Give up half-read messages: the source has ended for good."""
        return self._decoder.flush()

    def move(self) -> CursorMove | None:
        """The cursor's step since the last call; `None` without a step or without a cursor."""
        if self.source_id is None:
            return None
        pending = tuple(self._decoder.pending_offsets)
        if self._taken == self._moved and frozenset(pending) == self._pending:
            return None
        move = CursorMove(self.feed_id, self.source_id, self._moved, self._taken, pending)
        self._moved, self._pending = self._taken, frozenset(pending)
        return move

    def _replay(self, sentence: Sentence) -> None:
        """Bring the decoder where it stood: half-read parts as they are, the rest as blanks.

        Blanks keep the distance between sentences, by which the decoder gives parts up.
        """
        known = sentence.offset in self._pending
        self._decoder.decode(sentence if known else replace(sentence, raw=b""))
