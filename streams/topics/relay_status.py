"""`relay.status`: what relays tell of themselves. The newest word of each counts."""

from datetime import timedelta

from streams.contracts.messages import Message, Sentence
from streams.contracts.relay_status import RELAYS
from streams.handlers.relay_status import RelayHandler, RelayMessage
from streams.topics.topic import Limits, Record, Topic


def take(record: Record, limits: Limits) -> list[Message]:
    """The word of a relay."""
    status = RELAYS.decode(record.value)
    arrived_at = min(record.at, limits.now())
    return [RelayMessage(Sentence(RELAYS.name, arrived_at, record.value or b""), status)]


TOPIC = Topic(
    name=RELAYS.name,
    key="name of the relay",
    contract=RELAYS,
    partitions=1,
    retention=timedelta(days=1),
    take=take,
    handler=RelayHandler,
)
