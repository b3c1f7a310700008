"""Tables that people send: what is wrong with one, all of it at once, by line and column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.errors import InvalidInput


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
    """A table with faults; nothing of it was taken."""

    code: ClassVar[str] = "input.table"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        first = self.faults[0]
        where = f"line {first.line}, {first.column}" if first.column else f"line {first.line}"
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        got = f", got {first.got!r}" if first.got else ""
        super().__init__(where, f"expected {first.expected}{got}{more}")
