"""A contract: what may stand in a topic's messages, by version, and how it is checked.

Rules of change: a field is only added, with a default; an unknown field is passed over; what cannot
be added so is a new `v` with a class of its own, and the old class stays.
"""

from collections.abc import Sequence
from typing import Any, Union

import msgspec

VALUE_LIMIT = 1_048_576
"""Bytes of one message; a broker takes no more unless told to."""


class BadRecord(ValueError):
    """A message that is not what its contract says; the sentence for the operator."""


class Contract:
    """Decodes messages of the `versions` (structs tagged by an integer `v`), newest last."""

    def __init__(self, name: str, versions: Sequence[type[msgspec.Struct]]) -> None:
        self.name = name
        self.versions = tuple(versions)
        self._type: Any = Union[self.versions]  # noqa: UP007 - made from a list
        self._decoder = msgspec.json.Decoder(self._type)
        self._encoder = msgspec.json.Encoder()

    def decode(self, value: bytes | None) -> Any:  # noqa: ANN401 - one of the versions
        """The message as a struct of its version. Raises `BadRecord`."""
        if value is None:
            raise BadRecord("a message without a value")
        if len(value) > VALUE_LIMIT:
            raise BadRecord(f"{len(value)} bytes, at most {VALUE_LIMIT} are read")
        try:
            return self._decoder.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            raise BadRecord(str(fault) or type(fault).__name__) from fault

    def encode(self, record: msgspec.Struct) -> bytes:
        """The bytes that go to the topic."""
        return self._encoder.encode(record)

    def schema(self) -> dict[str, Any]:
        """JSON Schema 2020-12 of all versions, as published in docs/contracts."""
        (body,), parts = msgspec.json.schema_components([self._type], ref_template="#/$defs/{name}")
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.name,
            **body,
            "$defs": parts,
        }
