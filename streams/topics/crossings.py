"""`whistle.crossings`: confirmed crossings, for other systems, in order per vessel."""

from datetime import timedelta

from streams.contracts.crossing_event import CROSSINGS
from streams.topics.topic import Topic

TOPIC = Topic(
    name=CROSSINGS.name,
    key="MMSI",
    contract=CROSSINGS,
    partitions=6,
    retention=timedelta(days=30),
)
