"""Strict contracts: JSON bytes to a struct; a refusal names the field as the device writes it."""

import re
from typing import Annotated, Any, Final, TypeVar

import msgspec

from streams.sources.http.refusal import Refused

Shape = TypeVar("Shape", bound=msgspec.Struct)

ImageReference = Annotated[
    str,
    msgspec.Meta(
        pattern="^[0-9a-f]{64}$",
        description="SHA-256, in hex, of an image uploaded before",
    ),
]
Mmsi = Annotated[int, msgspec.Meta(ge=1, le=999_999_999)]

_PATH: Final = re.compile(r"^(?P<said>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_NAMED: Final = re.compile(r"(?:field|required field) `(?P<name>[^`]+)`")


def parse(body: bytes, shape: type[Shape]) -> Shape:
    """`body` as `shape`; raises `Refused` (400 for what is no JSON, 422 for a field)."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise _field_refused(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "body.json", "body", f"expected JSON in UTF-8: {error}") from None


def original(body: bytes) -> dict[str, Any]:
    """What the device sent, for the record; `parse` has proved that it is an object."""
    sent: dict[str, Any] = msgspec.json.decode(body)
    return sent


def _field_refused(message: str) -> Refused:
    """msgspec says "Expected `float`, got `str` - at `$.draught.value_m`"."""
    found = _PATH.match(message)
    said, path = (found["said"], found["path"] or "$") if found else (message, "$")
    named = _NAMED.search(said)
    inside = path.removeprefix("$").removeprefix(".")
    parts = [part for part in (inside, named["name"] if named else "") if part]
    if said.startswith("Object contains unknown"):
        return Refused(422, "field.unknown", ".".join(parts), "expected no such field")
    if said.startswith("Object missing"):
        return Refused(422, "field.missing", ".".join(parts), "expected it to be there")
    said = said[:1].lower() + said[1:]
    expected = said if said.startswith("expected") else f"expected what /openapi.json says: {said}"
    return Refused(422, "field.wrong", ".".join(parts) or "body", expected)
