"""Readings of checkpoints as other systems send them: the body that the HTTP door takes."""

from msgspec import Raw, Struct

from domain.checkpoints import System
from streams.contracts.contract import BadRecord, Contract


class Reading1(Struct, tag_field="v", tag=1):
    """`body` is a passage or a sighting, as the door's /openapi.json describes it for `system`."""

    system: System
    body: Raw


READINGS = Contract("checkpoint.readings", [Reading1])
_ZERO = b"\\u0000"


def read_reading(value: bytes | None) -> Reading1:
    """The record, its body unread. Raises `BadRecord`."""
    record: Reading1 = READINGS.decode(value)
    if _ZERO in bytes(record.body):
        raise BadRecord("body: expected no zero character, which the store cannot hold")
    return record
