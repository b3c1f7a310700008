"""The broker as docker-compose.yml starts it: a password from the first start on, and rights."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError
from confluent_kafka import Consumer, KafkaError
from ingest_process import free_port
from kafka_traffic import good, producing, send
from production_kafka import PASSWORD, SCRIPTS, ProductionKafka, kafka_or_skip
from pydantic import SecretStr

from streams.contracts.records import RECEIVERS, VESSELS
from streams.kafka.client import options
from streams.kafka.errors import BrokerRefused, BrokerUnavailable
from streams.kafka.topics import check, create
from streams.topics.registry import topics

ALL = list(topics().values())


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductionKafka]:
    """One broker for this file, its door for relays elsewhere open."""
    folder = tmp_path_factory.mktemp("kafka")
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o755)
    authority, keystore = _papers(secrets)
    outside = f"127.0.0.1:{free_port()}"
    made = kafka_or_skip(folder, KAFKA_OUTSIDE=outside, KAFKA_KEYSTORE=str(keystore))
    made.environment["AUTHORITY"] = str(authority)
    with made:
        made.start()
        yield made


def _papers(folder: Path) -> tuple[Path, Path]:
    """An authority of our own, and the broker's key with a certificate that it signed."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    key = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=own authority",
            "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    openssl("req", *key, "-subj", "/CN=kafka", "-keyout", "kafka.key", "-out", "kafka.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "kafka.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
            "-CAcreateserial", "-extfile", "names", "-out", "kafka.pem")  # fmt: skip
    both = folder / "keystore.pem"
    both.write_text((folder / "kafka.key").read_text() + (folder / "kafka.pem").read_text())
    both.chmod(0o644)  # of a broker that lives for a minute, and runs as another user
    return folder / "ca.pem", both


async def test_the_user_of_the_first_start_works_and_survives_a_restart(
    kafka: ProductionKafka,
) -> None:
    settings = kafka.settings()
    assert all(one.said.startswith("made with") for one in await create(settings, ALL))
    async with producing(settings) as producer:
        assert await send(settings, producer, [good(1), good(2)]) == 2
    assert kafka.stop() in {0, 143}
    kafka.start()
    assert not any(one.fault for one in await check(settings, ALL))
    (place,) = await _where(kafka)
    async with AIOKafkaConsumer(**options(settings)) as reader:
        reader.assign([place])
        reader.seek(place, 0)
        assert [(await reader.getone()).offset for _ in range(2)] == [0, 1]


async def _where(kafka: ProductionKafka) -> list[TopicPartition]:
    """The partition that `good` went to."""
    from kafka_traffic import KEY, PARTITIONS

    from streams.topics.keys import partition_of

    return [TopicPartition("vessel.positions", partition_of(KEY, PARTITIONS))]


async def test_nobody_else_comes_in(kafka: ProductionKafka) -> None:
    with pytest.raises(BrokerRefused, match="does not accept this user and password"):
        await check(kafka.settings(kafka_password=SecretStr("guessed")), ALL)
    with pytest.raises((BrokerRefused, BrokerUnavailable)):
        await check(kafka.settings(kafka_security="PLAINTEXT"), ALL)


async def test_a_relay_elsewhere_comes_in_encrypted(kafka: ProductionKafka) -> None:
    outside = {
        "kafka_bootstrap": kafka.environment["KAFKA_OUTSIDE"],
        "kafka_security": "SASL_SSL",
    }
    authority = Path(kafka.environment["AUTHORITY"])
    await create(kafka.settings(), ALL)
    async with producing(kafka.settings(**outside, kafka_ca_file=authority)) as producer:
        assert await send(kafka.settings(), producer, [good(3)]) == 1
    with pytest.raises(BrokerUnavailable, match="certificate"):
        await check(kafka.settings(**outside), ALL)


async def test_another_system_gets_a_user_and_only_the_rights_that_it_is_given(
    kafka: ProductionKafka,
) -> None:
    """The commands of docs/operations.md."""
    await create(kafka.settings(), ALL)
    kafka.tool(
        "kafka-configs.sh", "--alter", "--entity-type", "users", "--entity-name", "wujiang",
        "--add-config", "SCRAM-SHA-512=[password=other-system-1]",
    )  # fmt: skip
    kafka.tool(
        "kafka-acls.sh", "--add", "--allow-principal", "User:wujiang",
        "--operation", "Read", "--operation", "Describe", "--topic", "whistle.crossings",
    )  # fmt: skip
    seen = Consumer(
        {
            "bootstrap.servers": kafka.inside,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "wujiang",
            "sasl.password": "other-system-1",
            "group.id": "wujiang",
        }
    )
    try:
        assert seen.list_topics("whistle.crossings", 20).topics["whistle.crossings"].error is None
        other = seen.list_topics("vessel.positions", 20).topics["vessel.positions"].error
        assert other.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    finally:
        seen.close()


async def test_a_relay_elsewhere_needs_two_rights_on_two_topics(kafka: ProductionKafka) -> None:
    await create(kafka.settings(), ALL)
    kafka.tool(
        "kafka-configs.sh", "--alter", "--entity-type", "users", "--entity-name", "mast",
        "--add-config", "SCRAM-SHA-512=[password=of-the-mast]",
    )  # fmt: skip
    kafka.tool(
        "kafka-acls.sh", "--add", "--allow-principal", "User:mast",
        "--operation", "Write", "--operation", "Describe",
        "--topic", VESSELS.name, "--topic", RECEIVERS.name,
    )  # fmt: skip
    mast = kafka.settings(kafka_user="mast", kafka_password=SecretStr("of-the-mast"))
    producer = AIOKafkaProducer(**options(mast), acks="all", enable_idempotence=True)
    async with producer, asyncio.timeout(60):
        assert await send(mast, producer, [good(4)]) == 1
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("whistle.alerts", b"forged")


@pytest.mark.faults  # a restart more: too long for every run
async def test_the_password_is_changed_at_the_broker(kafka: ProductionKafka) -> None:
    """The command of docs/operations.md; the tools go on with what the broker was started with."""
    kafka.tool(
        "kafka-configs.sh", "--alter", "--entity-type", "users", "--entity-name", "whistle",
        "--add-config", "SCRAM-SHA-512=[password=another-one]",
    )  # fmt: skip
    assert not kafka.healthy()
    changed = kafka.settings(kafka_password=SecretStr("another-one"))
    await create(changed, ALL)
    kafka.stop()
    kafka.environment["WHISTLE_KAFKA_PASSWORD"] = "another-one"  # noqa: S105
    try:
        kafka.start()
        assert not any(one.fault for one in await check(changed, ALL))
        kafka.tool(
            "kafka-configs.sh", "--alter", "--entity-type", "users", "--entity-name", "whistle",
            "--add-config", f"SCRAM-SHA-512=[password={PASSWORD}]",
        )  # fmt: skip
    finally:
        kafka.environment["WHISTLE_KAFKA_PASSWORD"] = PASSWORD


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WHISTLE_KAFKA_PASSWORD", "", "WHISTLE_KAFKA_PASSWORD is not set"),
        ("WHISTLE_KAFKA_PASSWORD", "a]b,c", "letters, digits and . _ ~ - only"),
        ("KAFKA_OUTSIDE", "kafka.example:9094", "cannot be read: a key and its certificates"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_formatted(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "KAFKA_RUN": str(tmp_path / "run"),
        "KAFKA_DATA": str(tmp_path / "data"),
        "WHISTLE_KAFKA_USER": "whistle",
        "WHISTLE_KAFKA_PASSWORD": PASSWORD,
        name: value,
    }
    done = subprocess.run(
        ["sh", str(SCRIPTS / "start.sh")], check=False, capture_output=True, text=True,
        env=environment,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "data").exists()
