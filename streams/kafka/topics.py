"""The topics at the broker: made as the register wants them, and compared with it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from streams.contracts.contract import VALUE_LIMIT
from streams.kafka.client import options, topic_name, why_not
from streams.kafka.errors import NoLeader, UnknownTopic, broker_error
from streams.settings import KafkaSettings
from streams.topics.topic import Topic

_NONE = 0
_NO_LEADER = -1
_SETTLE_TRIES, _SETTLE_S = 100, 0.1
_ENVELOPE_BYTES = 4096  # of a batch around one value of the largest size
_RETENTION = "retention.ms"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of one topic; `fault`: it cannot be worked with."""

    topic: str
    said: str
    fault: bool = False


async def create(settings: KafkaSettings, wanted: Sequence[Topic]) -> list[Finding]:
    """Make the topics that are missing; the others are left as they are."""
    found = []
    async with _admin(settings) as admin:
        for topic in wanted:
            name = topic_name(settings, topic.name)
            new = NewTopic(
                name,
                topic.partitions,
                settings.kafka_replication,
                topic_configs={
                    "cleanup.policy": "delete",
                    _RETENTION: str(_milliseconds(topic.retention)),
                    "max.message.bytes": str(VALUE_LIMIT + _ENVELOPE_BYTES),
                    "min.insync.replicas": str(max(1, settings.kafka_replication - 1)),
                },
            )
            answer = await admin.create_topics([new])
            _, code, said = answer.topic_errors[0]
            if code == TopicAlreadyExistsError.errno:
                found.append(Finding(name, "was there"))
            elif code == _NONE:
                found.append(Finding(name, f"made with {topic.partitions} partitions"))
            else:
                raise broker_error(for_code(code)(f"{name}: {said}")) or RuntimeError(said)
        await _settled(admin, wanted, [one.topic for one in found])
    return found


async def _settled(admin: AIOKafkaAdminClient, wanted: Sequence[Topic], names: list[str]) -> None:
    """Wait until every broker's metadata know new topics, which takes a moment."""
    for _ in range(_SETTLE_TRIES):
        described = {one["topic"]: one for one in await admin.describe_topics(names)}
        seen = [
            _partitions(topic, name, described.get(name))
            for topic, name in zip(wanted, names, strict=True)
        ]
        if not any(one.fault for one in seen):
            return
        await asyncio.sleep(_SETTLE_S)


async def check(settings: KafkaSettings, wanted: Sequence[Topic]) -> list[Finding]:
    """Compare the broker's topics with the register: there, leaders, partitions, retention."""
    async with _admin(settings) as admin:
        names = [topic_name(settings, topic.name) for topic in wanted]
        described = {one["topic"]: one for one in await admin.describe_topics(names)}
        found = []
        for topic, name in zip(wanted, names, strict=True):
            finding = _partitions(topic, name, described.get(name))
            if not finding.fault:
                kept = await _kept(admin, name)
                if kept != topic.retention:
                    said = f"keeps messages for {kept}, the register says {topic.retention}"
                    finding = Finding(name, said, fault=kept is not None and kept < topic.retention)
            found.append(finding)
    return found


async def require(settings: KafkaSettings, wanted: Sequence[Topic]) -> str:
    """The cluster's id. Raises `UnknownTopic`, `NoLeader`, and what `check` raises."""
    async with _admin(settings) as admin:
        names = [topic_name(settings, topic.name) for topic in wanted]
        described = {one["topic"]: one for one in await admin.describe_topics(names)}
        for topic, name in zip(wanted, names, strict=True):
            finding = _partitions(topic, name, described.get(name))
            if finding.fault:
                there = bool((described.get(name) or {}).get("partitions"))
                raise (NoLeader if there else UnknownTopic)(f"{name}: {finding.said}")
        cluster_id: str = (await admin.describe_cluster())["cluster_id"]
        return cluster_id


def _partitions(topic: Topic, name: str, described: dict | None) -> Finding:  # type: ignore[type-arg]
    """What the broker's metadata say of a topic."""
    if described is None or described["error_code"] not in {_NONE, 5}:
        return Finding(name, "is not there; run `whistle topics create`", fault=True)
    partitions = described["partitions"]
    headless = sorted(one["partition"] for one in partitions if one["leader"] == _NO_LEADER)
    if headless:
        return Finding(name, f"partitions {headless} have no leader: brokers are away", fault=True)
    if len(partitions) != topic.partitions:
        return Finding(name, f"{len(partitions)} partitions, the register says {topic.partitions}")
    return Finding(name, f"{len(partitions)} partitions")


async def _kept(admin: AIOKafkaAdminClient, name: str) -> timedelta | None:
    """How long the broker keeps a topic's messages; `None`: for ever."""
    resource = ConfigResource(ConfigResourceType.TOPIC, name, {_RETENTION: ""})
    (answer,) = await admin.describe_configs([resource])
    (_, _, _, _, entries), *_ = answer.resources
    value = next((int(entry[1]) for entry in entries if entry[0] == _RETENTION), -1)
    return timedelta(milliseconds=value) if value >= 0 else None


@asynccontextmanager
async def _admin(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client; what goes wrong inside is raised as a `BrokerError`."""
    shared = options(settings)
    admin = AIOKafkaAdminClient(**shared)
    try:
        await admin.start()
        yield admin
    except Exception as error:
        mapped = await why_not(settings, error)
        if mapped is None or mapped is error:
            raise
        raise mapped from error
    finally:
        await admin.close()


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
