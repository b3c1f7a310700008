"""What a relay tells of itself every few seconds: what waits for the broker, and who is gone."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from streams.contracts.contract import Contract

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
Count = Annotated[int, Meta(ge=0, le=2**62)]


class FeedStatus1(Struct):
    """`connected`: whether sentences could come. `sentences` taken and datagrams `lost` so far."""

    feed: Name
    connected: bool
    sentences: Count = 0
    lost: Count = 0


class RelayStatus1(Struct, tag_field="v", tag=1):
    """By the relay's clock. `ended`: it was stopped in order and says no more."""

    relay: Name
    at: Annotated[datetime, Meta(tz=True)]
    waiting_messages: Count
    waiting_bytes: Count
    limit_bytes: Annotated[int, Meta(ge=1, le=2**62)]
    dropped_messages: Count = 0
    spool_fault: Annotated[str, Meta(max_length=300, pattern=r"^[^\x00]*$")] | None = None
    feeds: Annotated[list[FeedStatus1], Meta(max_length=200)] = []
    ended: bool = False


RELAYS = Contract("relay.status", [RelayStatus1])
