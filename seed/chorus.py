"""All that one radio channel carries: the fleet, the strays, and the lead case once begun."""

from collections.abc import Callable, Iterator
from typing import Protocol

from seed.case_book import CaseBook
from seed.lead_case import PAST_S, LeadCase, lead_case
from seed.reception import Reception
from seed.strays import Strays


class Heard(Protocol):
    """What can be asked for the sentences of a time."""

    def lines(self, start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        """For every second of [start, end): the second and its lines."""
        ...


class StraysReception:
    """The sentences of the strays; the silent ones say nothing while they are silent."""

    def __init__(self, strays: Strays) -> None:
        self._strays = strays
        self._heard = [Reception(world) for world in strays.worlds]

    def lines(self, start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        """For every second of [start, end): the second and its lines."""
        for t in range(start, end):
            said: list[bytes] = []
            for number, reception in enumerate(self._heard):
                if not self._strays.muted(number, t):
                    said += [line for _, lines in reception.lines(t, t + 1) for line in lines]
            yield t, said


class CaseReception:
    """The sentences of the lead case, every time it was begun.

    `listening`: whether somebody takes them. The first case begins when that is first so; a case
    that is noticed late, or after an interruption, brings its past along, as receivers do that kept
    what they could not send.
    """

    def __init__(self, book: CaseBook, seed: int, listening: Callable[[], bool]) -> None:
        self.book = book
        self._seed = seed
        self._listening = listening
        self._cases: dict[int, tuple[LeadCase, Reception]] = {}
        self._said_until: dict[int, int] = {}

    def lines(self, start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        """For every second of [start, end): the second and its lines."""
        for t in range(start, end):
            if self._listening():
                self.book.begin_first(t)
                yield t, self._second(t)
            else:
                yield t, []

    def _second(self, t: int) -> list[bytes]:
        said: list[bytes] = []
        for number, started_at in self.book.playing():
            if t >= started_at and (number in self._cases or self._is_on(number, started_at, t)):
                case, reception = self._cases[number]
                since = max(self._said_until.get(number, 0), case.heard_from, t + 1 - PAST_S)
                until = min(t + 1, case.heard_until)
                if since < until:
                    said += [line for _, lines in reception.lines(since, until) for line in lines]
                self._said_until[number] = t + 1
        return said

    def _is_on(self, number: int, started_at: int, t: int) -> bool:
        case = lead_case(self._seed, started_at, number)
        if t >= case.heard_until:
            return False
        self._cases[number] = case, Reception(case.world)
        return True


class Chorus:
    """Several receptions as one."""

    def __init__(self, *parts: Heard) -> None:
        self._parts = parts

    def lines(self, start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        """For every second of [start, end): the second and the lines of all."""
        for seconds in zip(*(part.lines(start, end) for part in self._parts), strict=True):
            yield seconds[0][0], [line for _, lines in seconds for line in lines]
