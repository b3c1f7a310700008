"""Messages to other systems: records of the broker's topics, keyed as the outbox orders them."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka
from aiokafka.client import AIOKafkaClient

from db.outbox import Waiting
from domain.outgoing import KAFKA
from streams.contracts.contract import VALUE_LIMIT
from streams.kafka.client import options, part, topic_name, why_not
from streams.kafka.errors import BrokerUnavailable, broker_error
from streams.lifecycle import first_error
from streams.outbox.channel import Later, Refused, Sent, Tell
from streams.settings import KafkaSettings
from streams.topics.keys import partition_of

_ENVELOPE_BYTES = 4096
_ASKED = 2
_AGAIN_S = 15.0
_ALONE = 1  # bytes of a batch: each record is one by itself, so that a refusal names its record
_NEVER = (
    kafka.MessageSizeTooLargeError,
    kafka.RecordListTooLargeError,
    kafka.InvalidTopicError,
    kafka.InvalidTimestampError,
    kafka.PolicyViolationError,
)
_OF_THE_TOPIC = (kafka.UnknownTopicOrPartitionError, kafka.TopicAuthorizationFailedError)


class KafkaChannel:
    """Sends by the idempotent client with `acks=all`; each record says that it is a CloudEvent.

    A record that the broker refused leaves a hole in the client's numbers: the client is given up
    then, and the next call has another.
    """

    name = KAFKA
    apart = False

    def __init__(self, settings: KafkaSettings) -> None:
        """Raises `InvalidInput` for a setting that cannot be."""
        options(settings)
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._spoilt = False

    async def send(self, messages: Sequence[Waiting], tell: Tell) -> None:
        """As `Channel` says. Raises `BrokerError`."""
        chains: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
        for message in messages:
            chains[message.destination, message.ordering_key].append(message)
        try:
            producer = await self._started()
            missing = await self._missing(producer, {topic for topic, _ in chains})
            async with asyncio.TaskGroup() as group:
                for (topic, _), chain in chains.items():
                    if topic in missing:
                        tell(chain[0], Later(missing[topic], _AGAIN_S))
                    else:
                        group.create_task(self._send_chain(producer, chain, tell))
        except Exception as error:
            await self.close()
            cause = first_error(error) if isinstance(error, ExceptionGroup) else error
            mapped = await why_not(self._settings, cause)
            if mapped is None:
                raise
            raise mapped from error
        if self._spoilt:
            await self.close()

    async def close(self) -> None:
        """Let go of the broker; what is on its way may still arrive."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await part(producer)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._spoilt = False
            self._producer = AIOKafkaProducer(
                **options(self._settings),
                acks="all",
                enable_idempotence=True,
                max_batch_size=_ALONE,
                max_request_size=VALUE_LIMIT + _ENVELOPE_BYTES,
            )
            await self._producer.start()
        return self._producer

    async def _missing(self, producer: AIOKafkaProducer, topics: set[str]) -> dict[str, str]:
        """Topics that cannot be written to now, and why."""
        client = producer.client
        for _ in range(_ASKED):  # the first answer may be that of a question asked before ours
            names = {topic: topic_name(self._settings, topic) for topic in topics}
            topics = {one for one, its in names.items() if _unknown(client, its)}
            if not topics:
                break
            for topic in topics:
                client.add_topic(names[topic])
            if not await client.force_metadata_update():
                raise BrokerUnavailable("the broker does not say which topics it has")
        return {topic: _why_missing(client, topic_name(self._settings, topic)) for topic in topics}

    async def _send_chain(
        self, producer: AIOKafkaProducer, chain: Sequence[Waiting], tell: Tell
    ) -> None:
        """Messages of one key, one after the other, until one of them is not sent."""
        for message in chain:
            if self._spoilt:
                return
            try:
                await self._send_one(producer, message)
            except _NEVER as error:
                self._spoilt = True
                tell(message, Refused(f"the broker refuses it: {_said(error)}"))
                return
            except kafka.OutOfOrderSequenceNumber:
                if not self._spoilt:
                    raise
                return  # the hole that a refused record left
            except _OF_THE_TOPIC as error:
                tell(message, Later(str(broker_error(error)), _AGAIN_S))
                return
            tell(message, Sent())

    async def _send_one(self, producer: AIOKafkaProducer, message: Waiting) -> None:
        name = topic_name(self._settings, message.destination)
        key = message.ordering_key.encode()
        count = len(await producer.partitions_for(name))
        await producer.send_and_wait(
            name,
            value=message.payload,
            key=key,
            partition=partition_of(key, count),
            headers=[("content-type", message.content_type.encode())],
        )


def _unknown(client: AIOKafkaClient, name: str) -> bool:
    return client.cluster.partitions_for_topic(name) is None


def _why_missing(client: AIOKafkaClient, name: str) -> str:
    error: kafka.KafkaError = kafka.UnknownTopicOrPartitionError(f"{name} is not there")
    if name in client.cluster.unauthorized_topics:
        error = kafka.TopicAuthorizationFailedError(name)
    return str(broker_error(error))


def _said(error: kafka.KafkaError) -> str:
    return str(error) or type(error).__name__
