"""Signs of life of a device, with its clock."""

from datetime import datetime
from typing import Annotated

import msgspec


class Heartbeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device lives; `sent_at` is its own clock, so that we know how far that is off."""

    point: str
    sent_at: Annotated[datetime, msgspec.Meta(tz=True, description="ISO 8601 with an offset")]
