"""The broker of docker-compose.yml as a process: its own start script, its own health check.

Apache Kafka comes from where the tests' broker has it; the image's tools are a line of shell each
there, with the classes that the image's own scripts name.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from compose_file import SERVICES
from ingest_process import free_port
from kafka_broker import DEMANDED
from production_cage import caged

from ops.broker import class_path
from ops.errors import MissingPackage
from ops.lifeline import die_with_parent
from streams.settings import KafkaSettings

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "deploy" / "kafka"
USER = "whistle"
PASSWORD = "a-password.of_letters~and-42"  # noqa: S105 - of a broker that lives for a minute
_TOOLS = {
    "kafka-server-start.sh": "kafka.Kafka",
    "kafka-storage.sh": "kafka.tools.StorageTool",
    "kafka-broker-api-versions.sh": "kafka.admin.BrokerApiVersionsCommand",
    "kafka-configs.sh": "kafka.admin.ConfigCommand",
    "kafka-acls.sh": "kafka.admin.AclCommand",
}


class ProductionKafka:
    """One broker with its data under `root`; use it as a context that kills what is left."""

    def __init__(self, root: Path, **environment: str) -> None:
        self.root = root
        self.log = root / "broker.log"
        self.inside = f"127.0.0.1:{free_port()}"
        self.process: subprocess.Popen[bytes] | None = None
        for tool, name in _TOOLS.items():
            _tool(root / "kafka" / "bin" / tool, name)
        for folder in ("data", "run"):
            (root / folder).mkdir()
        keystore = environment.get("KAFKA_KEYSTORE")
        self._secrets = [Path(keystore).parent] if keystore else []
        self.environment = {
            "PATH": os.environ["PATH"],
            "KAFKA_HOME": str(root / "kafka"),
            "KAFKA_DATA": str(root / "data"),
            "KAFKA_RUN": str(root / "run"),
            "KAFKA_INSIDE": self.inside,
            "KAFKA_CONTROLLER": f"127.0.0.1:{free_port()}",
            "WHISTLE_KAFKA_USER": USER,
            "WHISTLE_KAFKA_PASSWORD": PASSWORD,
            **environment,
        }

    def __enter__(self) -> "ProductionKafka":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)

    def start(self, timeout_s: float = 120) -> None:
        """Run the container's command; returns when its health check says healthy."""
        with self.log.open("ab") as log:
            jars = Path(os.path.commonpath(class_path().split(":")))
            words, around = caged(
                SERVICES["kafka"],
                kept=[jars, self.root / "kafka", *self._secrets],
                owned=[self.root / name for name in ("data", "run")],
            )
            self.process = subprocess.Popen(
                [*words, "sh", str(SCRIPTS / "start.sh")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment | around,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509  (no threads yet)
            )
        deadline = time.monotonic() + timeout_s
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text()[-4000:])

    def stop(self) -> int:
        """As `docker compose stop` does; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)

    def healthy(self) -> bool:
        done = subprocess.run(
            ["sh", str(SCRIPTS / "healthy.sh")],
            check=False,
            capture_output=True,
            env=self.environment,
        )
        return done.returncode == 0

    def tool(self, name: str, *arguments: str) -> str:
        """What one of Kafka's own tools prints, with the broker's own user."""
        done = subprocess.run(
            [
                str(self.root / "kafka" / "bin" / name),
                "--bootstrap-server",
                self.inside,
                "--command-config",
                str(self.root / "run" / "client.properties"),
                *arguments,
            ],
            check=False,
            capture_output=True,
            text=True,
            env=self.environment,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def settings(self, **more: object) -> KafkaSettings:
        """What compose gives to our processes."""
        known = {
            "kafka_bootstrap": self.inside,
            "kafka_security": "SASL_PLAINTEXT",
            "kafka_user": USER,
            "kafka_password": PASSWORD,
        }
        return KafkaSettings(**{**known, **more})  # type: ignore[arg-type]


def kafka_or_skip(root: Path, **environment: str) -> ProductionKafka:
    """Skips, loudly, where Apache Kafka is not there; an error where a real broker is demanded."""
    try:
        return ProductionKafka(root, **environment)
    except MissingPackage as error:
        if os.environ.get(DEMANDED) == "real":
            raise
        pytest.skip(f"NO REAL BROKER: {error}")


def _tool(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    quick = "-Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
    said = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    path.write_text(f'#!/bin/sh\nexec java {quick} {said} -cp "{class_path()}" {name} "$@"\n')
    path.chmod(0o755)
