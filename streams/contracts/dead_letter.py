"""A record that could not be taken, as it stands in the dead-letter topic."""

from typing import Annotated

from msgspec import Meta, Struct

from streams.contracts.contract import Contract


class DeadLetter1(Struct, tag_field="v", tag=1, omit_defaults=True):
    """Where the record stood, why it was refused, and its bytes (`key`, `value`: base64)."""

    topic: Annotated[str, Meta(min_length=1, max_length=249)]
    partition: Annotated[int, Meta(ge=0)]
    offset: Annotated[int, Meta(ge=0)]
    detail: str
    key: bytes | None = None
    value: bytes | None = None


DEAD_LETTERS = Contract("whistle.dead-letter", [DeadLetter1])
