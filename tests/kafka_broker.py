"""The broker that tests talk to: one that is given, Apache Kafka of our own, or librdkafka's."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from ops.broker import Broker
from ops.errors import MissingPackage
from streams.settings import KafkaSettings

GIVEN = "KAFKA_BOOTSTRAP_SERVERS"
DEMANDED = "WHISTLE_TEST_BROKER"
"""Set to `real`, a broker of our own that cannot be had is an error and no skip."""


@dataclass(frozen=True)
class Foreign:
    """A broker that we may use and not stop."""

    bootstrap: str


@contextmanager
def provided() -> Iterator[Broker | Foreign]:
    """A broker for a run of tests; loud when it is not a real one, an error if that is demanded."""
    given = os.environ.get(GIVEN)
    if given:
        yield Foreign(given)
        return
    with ExitStack() as stack:
        try:
            made: Broker | Foreign = stack.enter_context(_own())
        except MissingPackage as error:
            if os.environ.get(DEMANDED) == "real":
                raise
            print(f"\nNO REAL BROKER, librdkafka's instead: {error}", file=sys.__stderr__)
            made = Foreign(_in_process(stack))
        yield made


@contextmanager
def _own() -> Iterator[Broker]:
    """Apache Kafka under a temporary folder, gone afterwards."""
    with TemporaryDirectory(prefix="whistle-kafka-", ignore_cleanup_errors=True) as folder:
        made = Broker(Path(folder), keystore=_keystore(Path(folder)))
        made.start()
        try:
            yield made
        finally:
            made.kill()  # nothing of it is wanted any more; SIGKILL ends a frozen one too


def _keystore(folder: Path) -> Path:
    """A key and a certificate of its own for the loopback address; `cert.pem` beside it."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=whistle test", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *made, *subject, *files], check=True, capture_output=True)
    both = folder / "keystore.pem"
    both.write_text(key.read_text() + certificate.read_text())
    return both


def _in_process(stack: ExitStack) -> str:
    """Address of librdkafka's broker: real sockets, groups and offsets, but it never restarts."""
    from confluent_kafka import Producer

    holder = Producer({"test.mock.num.brokers": 1})
    stack.callback(lambda: holder.flush(1))  # it lives as long as this object
    (one,) = holder.list_topics(timeout=10).brokers.values()
    return f"{one.host}:{one.port}"


_installations = count(1)


def installation(bootstrap: str, **settings: object) -> KafkaSettings:
    """Settings of an installation that nobody else has at this broker."""
    number = f"t{os.getpid()}-{next(_installations)}"
    return KafkaSettings(
        kafka_bootstrap=bootstrap,
        kafka_prefix=f"{number}.",
        kafka_group=number,
        **settings,  # type: ignore[arg-type]
    )


def environment(settings: KafkaSettings) -> dict[str, str]:
    """The same for a process."""
    return {
        f"WHISTLE_{name.upper()}": value.get_secret_value()
        if isinstance(value, SecretStr)
        else str(value)
        for name, value in settings
        if value is not None
    }
