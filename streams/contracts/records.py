"""The two AIS topics' messages: batches of what one feed brought, by vessel and by receiver.

`vessel.positions` holds fixes and static reports; all vessels of one message belong to one
partition (`streams.topics.keys`). `ais.sentences` holds the rest of what a receiver sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from streams.contracts.contract import BadRecord, Contract
from streams.contracts.items import (
    ReceiverItem,
    SentenceItem,
    VesselItem,
    item_of,
)
from streams.contracts.messages import Message, Sentence

FeedId = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
SourceId = Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00]*$")]
ITEMS_LIMIT = 10_000


class VesselBatch1(Struct, tag_field="v", tag=1, omit_defaults=True):
    """What vessels of one partition said on `feed`. `source`: the recording it comes from, if any.

    `relay` names the program that sent it.
    """

    feed: FeedId
    items: Annotated[list[VesselItem], Meta(max_length=ITEMS_LIMIT)]
    source: SourceId | None = None
    relay: FeedId | None = None


class ReceiverBatch1(Struct, tag_field="v", tag=1, omit_defaults=True):
    """What a receiver sent beside the vessels' own reports; fields as in `VesselBatch1`."""

    feed: FeedId
    items: Annotated[list[ReceiverItem], Meta(max_length=ITEMS_LIMIT)]
    source: SourceId | None = None
    relay: FeedId | None = None


class _Loose(Struct):
    """The same with items unread: for finding those of a message that are as they should be."""

    v: int
    feed: FeedId
    items: Annotated[list[msgspec.Raw], Meta(max_length=ITEMS_LIMIT)]
    source: SourceId | None = None


VESSELS = Contract("vessel.positions", [VesselBatch1])
RECEIVERS = Contract("ais.sentences", [ReceiverBatch1])
_LOOSE = msgspec.json.Decoder(_Loose)
_ITEMS: dict[tuple[str, int], Any] = {
    (VESSELS.name, 1): msgspec.json.Decoder(VesselItem),
    (RECEIVERS.name, 1): msgspec.json.Decoder(ReceiverItem),
}


def encode_vessels(
    feed_id: str,
    messages: Iterable[Message],
    *,
    source_id: str | None = None,
    relay: str | None = None,
) -> bytes:
    """A value of `vessel.positions` from position and static messages of one feed."""
    items: list[Any] = [item_of(message) for message in messages]
    return VESSELS.encode(VesselBatch1(feed_id, items, source_id, relay))


def encode_receiver(
    feed_id: str,
    messages: Iterable[Message],
    *,
    source_id: str | None = None,
    relay: str | None = None,
) -> bytes:
    """A value of `ais.sentences` from other and refused messages of one feed."""
    items: list[Any] = [item_of(message) for message in messages]
    return RECEIVERS.encode(ReceiverBatch1(feed_id, items, source_id, relay))


@dataclass(slots=True)
class Contents:
    """What a message of either topic holds: of one feed, in order, each item in one of the lists.

    `faults`: what is wrong with an item, and its bytes.
    """

    feed_id: str
    messages: list[Message] = field(default_factory=list)
    unread: list[Sentence] = field(default_factory=list)
    faults: list[tuple[str, bytes]] = field(default_factory=list)


def read(contract: Contract, value: bytes | None) -> Contents:
    """What `value` holds. Raises `BadRecord` when it is no batch at all.

    A bad item does not take its neighbours with it.
    """
    try:
        batch: VesselBatch1 | ReceiverBatch1 = contract.decode(value)
        return _contents(batch)
    except (BadRecord, UnicodeEncodeError) as fault:
        loose = _loose(value) if value is not None else None
        decoder = _ITEMS.get((contract.name, loose.v)) if loose is not None else None
        if loose is None or decoder is None:
            raise BadRecord(str(fault)) from fault
        return _sorted_out(decoder, loose)


def _contents(batch: VesselBatch1 | ReceiverBatch1) -> Contents:
    found = Contents(batch.feed)
    for item in batch.items:
        _put(found, item, batch.source)
    return found


def _put(found: Contents, item: VesselItem | ReceiverItem, source_id: str | None) -> None:
    if isinstance(item, SentenceItem):
        found.unread.append(item.sentence(found.feed_id, source_id))
    else:
        found.messages.append(item.message(found.feed_id, source_id))


def _loose(value: bytes) -> _Loose | None:
    try:
        return _LOOSE.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _sorted_out(decoder: Any, batch: _Loose) -> Contents:  # noqa: ANN401
    found = Contents(batch.feed)
    for item in batch.items:
        try:
            _put(found, decoder.decode(item), batch.source)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
            found.faults.append((str(fault) or type(fault).__name__, bytes(item)))
    return found
