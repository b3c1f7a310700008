"""`whistle.dead-letter`: records that could not be taken, kept to be replayed."""

from datetime import timedelta

from streams.contracts.dead_letter import DEAD_LETTERS
from streams.topics.topic import Topic

TOPIC = Topic(
    name=DEAD_LETTERS.name,
    key="topic/partition",
    contract=DEAD_LETTERS,
    partitions=1,
    retention=timedelta(days=30),
)
