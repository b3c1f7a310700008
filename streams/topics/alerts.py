"""`whistle.alerts`: every step of every alert, for other systems, in order per vessel."""

from datetime import timedelta

from streams.contracts.alert_event import ALERTS
from streams.topics.topic import Topic

TOPIC = Topic(
    name=ALERTS.name,
    key="vessel: MMSI, or plate:…, or reading:…",
    contract=ALERTS,
    partitions=6,
    retention=timedelta(days=30),
)
