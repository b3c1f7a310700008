"""Errors that an operator reads: a stable code, one sentence, and whether trying again can help."""

from typing import ClassVar


class WhistleError(Exception):
    """Base of every error that reaches a person; the message names the field and what was meant."""

    code: ClassVar[str] = "whistle.error"
    retriable: ClassVar[bool] = False


class InvalidInput(WhistleError):
    """A value from outside was not what was expected.

    `field` names the offending field (`"lon"`, `"features[3].properties.adcode"`, `"line 7"`).
    """

    code: ClassVar[str] = "input.invalid"

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: {expected}")
        self.field = field
        self.expected = expected
