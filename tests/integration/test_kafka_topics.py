"""`whistle topics` at a real broker: made, compared, and clear words when something is wrong."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from ingest_process import free_port
from kafka_broker import installation
from pydantic import SecretStr

from ops.broker import Broker
from streams.kafka.errors import BrokerRefused, BrokerUnavailable
from streams.kafka.topics import check, create
from streams.settings import KafkaSettings
from streams.topics.registry import topics

ALL = list(topics().values())
PASSWORD = "not the usual one"  # noqa: S105 - of a broker that lives for a minute


async def test_topics_are_made_once_and_then_as_registered(broker: Broker) -> None:
    settings = installation(broker.bootstrap)
    before = await check(settings, ALL)
    assert all(one.fault and "whistle topics create" in one.said for one in before)
    assert all(one.said.startswith("made with") for one in await create(settings, ALL))
    assert {one.said for one in await create(settings, ALL)} == {"was there"}
    after = await check(settings, ALL)
    assert [one.said for one in after] == [f"{topic.partitions} partitions" for topic in ALL]
    assert not any(one.fault for one in after)


async def test_a_topic_that_forgets_too_soon_is_a_fault(broker: Broker) -> None:
    settings = installation(broker.bootstrap)
    short = replace(ALL[0], retention=timedelta(hours=1))
    await create(settings, [short])
    (finding,) = await check(settings, ALL[:1])
    assert finding.fault
    assert "1:00:00" in finding.said


async def test_nobody_listens() -> None:
    with pytest.raises(BrokerUnavailable, match="no broker answers at"):
        await check(KafkaSettings(kafka_bootstrap=f"127.0.0.1:{free_port()}"), ALL)


@pytest.fixture
def user(broker: Broker) -> str:
    """A user whom the broker knows, with `PASSWORD`."""
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    told = UserScramCredentialUpsertion(
        "whistle", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), PASSWORD.encode()
    )
    for done in admin.alter_user_scram_credentials([told]).values():
        done.result(30)
    return "whistle"


async def test_a_wrong_password_is_called_so(broker: Broker, user: str) -> None:
    settings = installation(
        broker.with_password,
        kafka_security="SASL_PLAINTEXT",
        kafka_user=user,
        kafka_password=SecretStr("guessed"),
    )
    with pytest.raises(BrokerRefused, match="does not accept this user and password"):
        await check(settings, ALL)


async def test_password_and_encryption_together(broker: Broker, user: str) -> None:
    settings = installation(
        broker.with_tls,
        kafka_security="SASL_SSL",
        kafka_user=user,
        kafka_password=SecretStr(PASSWORD),
        kafka_ca_file=Path(broker.root) / "cert.pem",
    )
    async with asyncio.timeout(30):
        assert all(one.said.startswith("made with") for one in await create(settings, ALL))


async def test_a_certificate_of_nobody_we_know_is_refused(broker: Broker, user: str) -> None:
    settings = installation(
        broker.with_tls,
        kafka_security="SASL_SSL",
        kafka_user=user,
        kafka_password=SecretStr(PASSWORD),
    )
    with pytest.raises(BrokerUnavailable, match="certificate"):
        await check(settings, ALL)
