"""How every client of ours reaches the broker, and why it does not when it cannot."""

import asyncio
import logging
import ssl
from contextlib import suppress
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError

from domain.errors import InvalidInput, WhistleError
from streams.kafka.errors import BrokerUnavailable, broker_error
from streams.settings import KafkaSettings

_REQUEST_MS = 10_000
_DEFAULT_PORT = 9092


def options(settings: KafkaSettings) -> dict[str, Any]:
    """The arguments that aiokafka's clients share. Raises `InvalidInput` for a setting.

    The library's own log lines are left out: what they tell is said once, by us, in words.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if not settings.kafka_bootstrap:
        raise InvalidInput("WHISTLE_KAFKA_BOOTSTRAP", "expected host:port of a broker")
    found: dict[str, Any] = {
        "bootstrap_servers": [one.strip() for one in settings.kafka_bootstrap.split(",")],
        "client_id": settings.kafka_client_id,
        "security_protocol": settings.kafka_security,
        "request_timeout_ms": _REQUEST_MS,
        "metadata_max_age_ms": 30_000,
    }
    if settings.kafka_security.startswith("SASL"):
        if not settings.kafka_user:
            raise InvalidInput("WHISTLE_KAFKA_USER", "expected a user, since SASL is asked for")
        found |= {
            "sasl_mechanism": settings.kafka_mechanism,
            "sasl_plain_username": settings.kafka_user,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    if settings.kafka_security.endswith("SSL"):
        try:
            found["ssl_context"] = ssl.create_default_context(cafile=settings.kafka_ca_file)
        except (OSError, ssl.SSLError) as error:
            raise InvalidInput("WHISTLE_KAFKA_CA_FILE", str(error)) from error
    return found


async def why_not(settings: KafkaSettings, error: BaseException) -> WhistleError | None:
    """The reason behind `error`: the library says only that no broker could be reached."""
    mapped = broker_error(error)
    if not isinstance(mapped, BrokerUnavailable):
        return mapped
    shared = options(settings)
    shared.pop("metadata_max_age_ms")
    address = shared.pop("bootstrap_servers")[0]
    host, _, port = address.rpartition(":") if ":" in address else (address, "", "")
    try:
        connection = await create_conn(host, int(port or _DEFAULT_PORT), **shared)
    except (KafkaError, OSError, TimeoutError) as cause:
        found = broker_error(cause)
        if isinstance(found, BrokerUnavailable):
            return BrokerUnavailable(f"no broker answers at {settings.kafka_bootstrap}: {cause}")
        return found
    except ValueError as cause:
        return InvalidInput("WHISTLE_KAFKA_BOOTSTRAP", str(cause))
    connection.close()
    return mapped


def topic_name(settings: KafkaSettings, name: str) -> str:
    """The broker's name of a topic of ours."""
    return f"{settings.kafka_prefix}{name}"


async def part(producer: AIOKafkaProducer) -> None:
    """Close a producer without waiting for what it could not send.

    Its own `stop` waits for a broker that is away for as long as that takes. aiokafka 0.14 has no
    public way round it: a `stop` that is cancelled leaves the sending task and the connections as
    they are, and a second one does nothing any more. So the task and the batches are ended here, by
    private names, which is why the version is held by the lock file and tests part from a broker
    that is gone.
    """
    sender, held = producer._sender.sender_task, producer._message_accumulator
    if sender is not None:
        sender.cancel()
        await asyncio.wait([sender])
        held._pending_batches = _Forgetful(held._pending_batches)
        for batch in [*chain.from_iterable(held._batches.values()), *held._pending_batches]:
            batch.done_noack()  # nobody listens any more
    with suppress(KafkaError, OSError, KeyError):
        await producer.stop()


class _Forgetful(set[Any]):
    """The library removes a batch that it tried twice twice."""

    def remove(self, element: object) -> None:
        self.discard(element)
