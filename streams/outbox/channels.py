"""The ways out that there are."""

from streams.outbox.channel import Channel
from streams.outbox.kafka import KafkaChannel
from streams.settings import KafkaSettings


def channels(kafka: KafkaSettings) -> list[Channel]:
    """One of each. Raises `InvalidInput` for a setting that cannot be."""
    return [KafkaChannel(kafka)]
