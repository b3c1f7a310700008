"""Replaying a recording at its own pace: when was this line received?"""

from collections.abc import Callable

from streams.contracts.messages import Sentence
from streams.contracts.sentence import BLANK, BadSentence, parse


def received_s(sentence: Sentence) -> int | None:
    """The receiver's clock in the tag block, epoch seconds; `None` where there is none to trust."""
    if not sentence.raw.lstrip(BLANK).startswith(b"\\"):
        return None
    try:
        frame = parse(sentence.raw)
    except BadSentence:
        return None
    return frame.tag.time_s if frame.tag is not None else None


class Pace:
    """Says how long to wait before a line may go: the recorded gaps divided by `speed`.

    `clock` gives seconds that only go forward (the event loop's time).

    A line without a time goes with the one before it. Time that runs backwards waits for nothing,
    and a gap longer than `most_s` (recorded seconds) is cut to that: nobody watches a night pass.
    """

    def __init__(self, speed: float, clock: Callable[[], float], *, most_s: float = 3600.0) -> None:
        self._speed = speed
        self._clock = clock
        self._most_s = most_s
        self._latest_s: int | None = None
        self._due = clock()

    def wait_s(self, sentence: Sentence) -> float:
        """Seconds from now until `sentence` is due; 0 or less: it is."""
        received = received_s(sentence)
        if received is not None:
            if self._latest_s is not None and received > self._latest_s:
                self._due += min(received - self._latest_s, self._most_s) / self._speed
            if self._latest_s is None or received > self._latest_s:
                self._latest_s = received
        return self._due - self._clock()
