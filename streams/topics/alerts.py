"""`whistle.alerts`: what other systems are told, in order per key."""

from datetime import timedelta

from streams.contracts.cloud_event import ALERTS
from streams.topics.topic import Topic

TOPIC = Topic(
    name=ALERTS.name,
    key="id of the alert",
    contract=ALERTS,
    partitions=6,
    retention=timedelta(days=30),
)
