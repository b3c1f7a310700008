"""Refused records on their way to `whistle.dead-letter`, and back again by `whistle replay`."""

import json
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from db.rejection import Parked, parked
from domain.errors import WhistleError
from streams.contracts.dead_letter import DEAD_LETTERS, DeadLetter1
from streams.contracts.messages import Message, Rejected
from streams.kafka.client import options, topic_name, why_not
from streams.kafka.errors import broker_error
from streams.settings import KafkaSettings
from streams.topics.topic import Topic

_log = structlog.get_logger(__name__)
Later = Callable[[WhistleError], Coroutine[Any, Any, None]]


class DeadLetters:
    """Sends a letter for every record of a batch that was refused, before the batch is stored.

    So none is missing; one may be there twice, with the same topic, partition and offset, when the
    worker dies in between. `rejected_message` has each of them once.
    """

    def __init__(self, kafka: KafkaSettings, topics: Sequence[str], later: Later) -> None:
        self._kafka = kafka
        self._topics = frozenset(topics)
        self._later = later
        self._producer: AIOKafkaProducer | None = None

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns when the broker has them all; a broker that is away is waited for."""
        letters = [one for message in messages if (one := self._letter(message)) is not None]
        while letters:
            try:
                if self._producer is None:
                    self._producer = await _started(self._kafka)
                name = topic_name(self._kafka, DEAD_LETTERS.name)
                key = f"{letters[0].topic}/{letters[0].partition}".encode()
                value = DEAD_LETTERS.encode(letters[0])
                await self._producer.send_and_wait(name, value, key=key)
                letters.pop(0)
            except (KafkaError, OSError) as error:
                mapped = await why_not(self._kafka, error)
                if mapped is None or not mapped.retriable:
                    raise mapped or error from error
                await self._later(mapped)

    async def close(self) -> None:
        """Let go of the broker."""
        if self._producer is not None:
            await self._producer.stop()

    def _letter(self, message: Message) -> DeadLetter1 | None:
        sentence = message.sentence
        if not isinstance(message, Rejected) or sentence.offset is None:
            return None
        topic, _, partition = (sentence.source_id or "").rpartition("/")
        if topic not in self._topics:
            return None
        return DeadLetter1(
            topic, int(partition), sentence.offset, message.detail, value=message.raw
        )


async def replay(
    pool: asyncpg.Pool, kafka: KafkaSettings, topic: Topic, since: datetime, *, send: bool
) -> int:
    """Send what of a topic was refused since then to its partition again; how many.

    What is sound by now has its effect, the rest is refused and parked again. Raises `BrokerError`.
    """
    name = topic_name(kafka, topic.name)
    async with pool.acquire() as connection:
        found = await parked(connection, name, since)
    if not send or not found:
        return len(found)
    try:
        producer = await _started(kafka)
        try:
            for one in found:
                partition = int(one.source_id.rpartition("/")[2])
                await producer.send_and_wait(name, _value(one), partition=partition)
        finally:
            await producer.stop()
    except (KafkaError, OSError) as error:
        raise await why_not(kafka, error) or broker_error(error) or error from error
    _log.info("replayed", action="stream.replayed", topic=name, records=len(found))
    return len(found)


async def _started(kafka: KafkaSettings) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(**options(kafka), acks="all", enable_idempotence=True)
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer


def _value(one: Parked) -> bytes:
    """The record again; an item alone becomes a batch of one."""
    if not one.raw.startswith(b"["):
        return one.raw
    feed = json.dumps(one.feed_id).encode()
    return b'{"v":1,"feed":' + feed + b',"items":[' + one.raw + b"]}"
