"""`whistle.crossings`: what other systems are told, in order per key."""

from datetime import timedelta

from streams.contracts.cloud_event import CROSSINGS
from streams.topics.topic import Topic

TOPIC = Topic(
    name=CROSSINGS.name,
    key="MMSI",
    contract=CROSSINGS,
    partitions=6,
    retention=timedelta(days=30),
)
