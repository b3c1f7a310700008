"""A broker, a store and `whistle` processes in a temporary folder, measured from outside."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from db.migrate import migrate
from db.pool import connect
from ops.broker import Broker
from ops.cluster import Cluster
from ops.lifeline import die_with_parent
from seed.layers import load_builtin_layers
from streams.kafka.topics import create
from streams.settings import KafkaSettings
from streams.topics.registry import topics

_END_S = 30.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What the programs that are measured stand on."""

    folder: Path
    broker: Broker
    cluster: Cluster

    def settings(self, name: str) -> KafkaSettings:
        """An installation of its own at the broker."""
        return KafkaSettings(
            kafka_bootstrap=self.broker.bootstrap, kafka_prefix=f"{name}.", kafka_group=name
        )

    async def prepare(self, name: str) -> str:
        """Topics of this installation and a migrated database of this name; its address."""
        await create(self.settings(name), list(topics().values()))
        self.cluster.create_database(name)
        url = self.cluster.url(name)
        connection = await connect(url)
        try:
            await migrate(connection)
            await load_builtin_layers(connection)
        finally:
            await connection.close()
        return url

    @property
    def broker_pid(self) -> int:
        assert self.broker.process is not None
        return self.broker.process.pid

    @property
    def store_pid(self) -> int:
        assert self.cluster.process is not None
        return self.cluster.process.pid


@contextmanager
def standing() -> Iterator[Ground]:
    """Both servers on loopback and sockets, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="whistle-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server of a root user runs as another
        broker = Broker(folder / "kafka", heap_mb=512)
        broker.root.mkdir()
        cluster = Cluster(folder)
        cluster.start()
        try:
            broker.start()
            yield Ground(folder, broker, cluster)
        finally:
            broker.kill()
            cluster.stop()


class Program:
    """`whistle …` as a process, what it says in `log`; leaving the context ends it."""

    def __init__(self, log: Path, *arguments: str, **environment: str) -> None:
        self.log = log
        self._arguments = arguments
        self._environment = environment

    def __enter__(self) -> "Program":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops.cli", *self._arguments],
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509  (no threads yet)
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        return self.process.pid

    def end(self) -> None:
        """SIGTERM, and SIGKILL for one that does not hear it; callable again."""
        self.process.terminate()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(_END_S)

    def check(self) -> None:
        """Raises when it has ended by itself, with the end of what it said."""
        if self.process.poll() is not None:
            said = self.log.read_bytes()[-2000:].decode("utf-8", "replace")
            raise RuntimeError(f"{self._arguments} ended with {self.process.returncode}: {said}")


def addressed(kafka: KafkaSettings) -> dict[str, str]:
    """The settings as a process gets them."""
    return {
        "WHISTLE_KAFKA_BOOTSTRAP": kafka.kafka_bootstrap,
        "WHISTLE_KAFKA_PREFIX": kafka.kafka_prefix,
        "WHISTLE_KAFKA_GROUP": kafka.kafka_group,
    }


def processor_s(pids: Sequence[int]) -> float:
    """Seconds of the processor that these processes and all their children have had so far."""
    spent = 0.0
    for pid in pids:
        first = psutil.Process(pid)
        for one in (first, *first.children(recursive=True)):
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue  # its seconds are its parent's now
            spent += times.user + times.system + times.children_user + times.children_system
    return spent
