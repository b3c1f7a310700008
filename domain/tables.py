"""Tables that people send: what is wrong with one, all of it at once, by line and column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from domain.errors import InvalidInput

_LINES_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One cell, or a whole line (`column` `""`), that is not what was expected. Lines count from 1.

    `column` is the header as the file writes it, `field` the name it stands for.
    """

    line: int
    column: str
    expected: str
    got: str = ""
    field: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "line": self.line,
            "column": self.column,
            "field": self.field or self.column,
            "expected": self.expected,
            "got": self.got,
        }


class WrongTable(InvalidInput):
    """A table with faults; nothing of it was taken.

    `others`: how many there are beyond `faults`, where a file has too many to name them all.
    """

    code: ClassVar[str] = "input.table"

    def __init__(self, faults: Sequence[Fault], others: int = 0) -> None:
        self.faults = tuple(sorted(faults))
        first = self.faults[0]
        where = f"line {first.line}, {first.column}" if first.column else f"line {first.line}"
        more = self._more(others)
        got = f", got {first.got!r}" if first.got else ""
        super().__init__(where, f"expected {first.expected}{got}{more}")

    def _more(self, others: int) -> str:
        """How many more than the first, and on which lines."""
        count = len(self.faults) - 1 + others
        if not count:
            return ""
        lines = list(dict.fromkeys(fault.line for fault in self.faults[1:]))
        named = ", ".join(map(str, lines[:_LINES_SHOWN]))
        if others or len(lines) > _LINES_SHOWN:
            named += ", …"
        word = "line" if len(lines) == 1 and not others else "lines"
        return f" (and {count} more: {word} {named})"
