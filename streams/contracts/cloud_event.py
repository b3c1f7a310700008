"""CloudEvents 1.0 in structured JSON mode: the frame of what goes out to other systems."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=300)]
Moment = Annotated[datetime, Meta(tz=True)]
"""ISO 8601 with an offset from UTC."""
Mmsi = Annotated[int, Meta(ge=1, le=999_999_999)]
District = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{6}|outside)$",
        description="adcode of a district (GB/T 2260), or `outside` of all that are known",
    ),
]


class Position(Struct):
    """Degrees, WGS-84."""

    lon: Annotated[float, Meta(ge=-180, le=180)]
    lat: Annotated[float, Meta(ge=-90, le=90)]


class CloudEvent(Struct, kw_only=True):
    """`id` is stable: who sees one twice has seen it. `type` ends in the version of `data`.

    `time`: when it happened out there. `subject`: the vessel, as the record's key names it.
    """

    id: Name
    source: Literal["whistle"]
    time: Moment
    subject: Name
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"
