"""A private Apache Kafka (KRaft, one node) for tests and measurements: start, stop, kill, freeze.

`ops/setup.sh test` lets Maven fetch it and writes down its class path; nothing of it is part of the
product. It listens on loopback only and keeps its ports and data over a restart.
"""

import shutil
import signal
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from ops.errors import ChildFailed, MissingPackage
from ops.lifeline import die_with_parent

CLASS_PATH = Path(__file__).parents[1] / ".venv" / ".kafka-classpath"
HOST = "127.0.0.1"
_STARTED = b"Kafka Server started"
_WAY_OUT = "run `ops/setup.sh test`, which needs Java 11 or newer and Maven"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
_ONE_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "2000",  # a restart waits until its killed self counts as gone
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.enable": "false",
    "log.retention.check.interval.ms": "1000",
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
}


def class_path() -> str:
    """The jars of the broker. Raises `MissingPackage` when they or Java are not here."""
    if shutil.which("java") is None:
        raise MissingPackage("Java is not installed", _WAY_OUT)
    known = CLASS_PATH.read_text("utf-8").strip() if CLASS_PATH.exists() else ""
    if not known or not all(Path(jar).exists() for jar in known.split(":")):
        raise MissingPackage("the jars of Apache Kafka are not here", _WAY_OUT)
    return known


class Broker:
    """One broker with its data under `root`; `bootstrap` is where clients ask first.

    `keystore` (PEM: key, then certificates) adds two listeners that want a password (SCRAM-SHA-512)
    at `with_password` and, encrypted, at `with_tls`. `settings` go into its properties.
    """

    def __init__(
        self,
        root: Path,
        *,
        heap_mb: int = 256,
        keystore: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.log = root / "broker.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._heap_mb = heap_mb
        self._class_path = class_path()
        self._listeners = {"PLAIN": "PLAINTEXT"}
        properties = dict(_ONE_NODE)
        if keystore is not None:
            self._listeners |= {"PASSWORD": "SASL_PLAINTEXT", "TLS": "SASL_SSL"}
            properties |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(keystore)}
            for name in ("password", "tls"):
                properties[f"listener.name.{name}.scram-sha-512.sasl.jaas.config"] = _SCRAM
        self._ports = dict(
            zip(
                [*self._listeners, "CONTROLLER"],
                _free_ports(len(self._listeners) + 1),
                strict=True,
            )
        )
        protocols = self._listeners | {"CONTROLLER": "PLAINTEXT"}
        at = {name: f"{name}://{HOST}:{port}" for name, port in self._ports.items()}
        properties |= {
            "listeners": ",".join(at.values()),
            "advertised.listeners": ",".join(at[name] for name in self._listeners),
            "listener.security.protocol.map": ",".join(f"{k}:{v}" for k, v in protocols.items()),
            "controller.quorum.voters": f"1@{HOST}:{self._ports['CONTROLLER']}",
            "log.dirs": str(root / "data"),
        }
        self._properties = properties | dict(settings or {})

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self._ports['PLAIN']}"

    @property
    def with_password(self) -> str:
        return f"{HOST}:{self._ports['PASSWORD']}"

    @property
    def with_tls(self) -> str:
        return f"{HOST}:{self._ports['TLS']}"

    def start(self, timeout_s: float = 90) -> None:
        """Start it, made if need be; returns when it takes connections."""
        self._make()
        begins = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.root,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509  (no threads yet)
            )
        deadline = time.monotonic() + timeout_s
        while _STARTED not in self._said(begins):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                tail = self._said(begins)[-2000:].decode("utf-8", "replace")
                raise ChildFailed(f"Apache Kafka did not start: {tail}", f"look at {self.log}")
            time.sleep(0.05)

    def stop(self, timeout_s: float = 30) -> None:
        """Shut it down in order."""
        self._end(signal.SIGTERM, timeout_s)

    def kill(self) -> None:
        """SIGKILL, as a machine that loses its power."""
        self._end(signal.SIGKILL, 30)

    def freeze(self) -> None:
        """SIGSTOP: connections stay, nobody answers."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._running().send_signal(signal.SIGCONT)

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise ChildFailed("Apache Kafka does not run", "start it first")
        return self.process

    def _end(self, sign: signal.Signals, timeout_s: float) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(sign)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout_s)

    def _make(self) -> None:
        """Properties, and the data folder's papers as Kafka's own format tool writes them."""
        data = self.root / "data"
        data.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{key}={value}\n" for key, value in self._properties.items())
        (self.root / "server.properties").write_text(lines, "utf-8")
        papers = data / "meta.properties"
        if not papers.exists():
            cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            papers.write_text(f"version=1\ncluster.id={cluster}\nnode.id=1\n", "utf-8")

    def _command(self) -> list[str]:
        quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
        said = "-Dorg.slf4j.simpleLogger."
        return [
            "java",
            f"-Xmx{self._heap_mb}m",
            *quick,
            f"{said}defaultLogLevel=warn",
            f"{said}log.kafka.server.KafkaRaftServer=info",
            f"{said}showDateTime=true",
            "-cp",
            self._class_path,
            "kafka.Kafka",
            str(self.root / "server.properties"),
        ]

    def _said(self, begins: int) -> bytes:
        with self.log.open("rb") as log:
            log.seek(begins)
            return log.read()


def _free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
