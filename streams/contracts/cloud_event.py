"""CloudEvents 1.0 in structured JSON mode: what goes out to other systems."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from streams.contracts.contract import Contract

Name = Annotated[str, Meta(min_length=1, max_length=300)]


class CloudEvent(Struct):
    """`id` is stable: who sees one twice has seen it. `type` ends in the version of `data`."""

    id: Name
    source: Name
    type: Name
    time: Annotated[datetime, Meta(tz=True)]
    data: dict[str, Any]
    subject: Name | None = None
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: str = "application/json"


ALERTS = Contract("whistle.alerts", [CloudEvent])
CROSSINGS = Contract("whistle.crossings", [CloudEvent])
