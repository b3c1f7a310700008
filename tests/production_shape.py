"""docker-compose.yml without an engine: each service of ours a process with exactly its command,
its environment and its health check, on free ports of this machine.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from compose_file import OURS, ROOT, SERVICES, filled
from ingest_process import free_port
from production_cage import caged

_SECONDS = re.compile(r"(\d+)s")
_ADDRESS = re.compile(r"(?P<host>0\.0\.0\.0|127\.0\.0\.1|[a-z]+):(?P<port>\d{4,5})")


class Shape:
    """Ports and folders in place of the containers'; `known` are those that run elsewhere.

    `known` is (service, its port) → the port here; `folders` a path of the container → one here.
    """

    def __init__(
        self,
        values: Mapping[str, str],
        known: Mapping[tuple[str, int], int],
        folders: Mapping[str, Path],
    ) -> None:
        self.values = values
        self.folders = folders
        self._ports = dict(known)

    def port(self, service: str, inner: int, replica: int = 1) -> int:
        """Where a service's port is here; of replicas each has its own."""
        name = service if replica == 1 else f"{service}-{replica}"
        return self._ports.setdefault((name, inner), free_port())

    def word(self, service: str, word: str, replica: int = 1) -> str:
        """A word of a command, a setting or a health check, as it has to be here."""

        def address(found: re.Match[str]) -> str:
            host, inner = found["host"], int(found["port"])
            if host in SERVICES:
                return f"127.0.0.1:{self.port(host, inner)}"
            if host in {"0.0.0.0", "127.0.0.1"}:  # noqa: S104 - the container's own
                return f"127.0.0.1:{self.port(service, inner, replica)}"
            return found[0]

        word = _ADDRESS.sub(address, filled(word, self.values))
        for inside, here in self.folders.items():
            word = word.replace(inside, str(here))
        return word

    def command(self, service: str, replica: int = 1) -> list[str]:
        words = [self.word(service, str(w), replica) for w in SERVICES[service]["command"]]
        if "--port" in words:  # address and port apart
            at = words.index("--port") + 1
            words[at] = str(self.port(service, int(words[at]), replica))
            words[words.index("--host") + 1] = "127.0.0.1"
        return words

    def environment(self, service: str, replica: int = 1) -> dict[str, str]:
        """What the container would have, and no more of ours."""
        given = SERVICES[service].get("environment", {})
        told = {name: self.word(service, str(value), replica) for name, value in given.items()}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        image = {"HOME": "/tmp", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}  # noqa: S108
        return {"PATH": path, **image, **told}

    def owned(self, service: str) -> list[Path]:
        """Its volumes: there, and its own."""
        found = []
        for mount in SERVICES[service].get("volumes", []):
            here = self.folders.get(str(mount).split(":")[1])
            if here is not None:
                here.mkdir(exist_ok=True)
                found.append(here)
        return found


class Container:
    """A service of ours as a process; use it as a context that kills what is left."""

    def __init__(
        self, shape: Shape, service: str, replica: int = 1, *, cage: bool = True, **instead: str
    ) -> None:
        assert service in OURS
        self.name = f"{service}-{replica}"
        self.service = SERVICES[service]
        self._command = shape.command(service, replica)
        self._environment = shape.environment(service, replica) | instead
        self._owned = shape.owned(service)
        self._cage = cage
        check = self.service.get("healthcheck", {}).get("test", ["CMD"])
        self._check = [shape.word(service, str(word), replica) for word in check[1:]]

    def __enter__(self) -> "Container":
        self._log = tempfile.TemporaryFile()
        words, around = caged(self.service, owned=self._owned) if self._cage else ([], {})
        self.process = subprocess.Popen(
            [*words, sys.executable, "-m", "ops.cli", *self._command],
            cwd=ROOT,
            env=self._environment | around,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        self._log.close()

    @property
    def said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode()

    def ended(self, timeout_s: float = 180) -> int:
        return self.process.wait(timeout_s)

    def healthy(self) -> bool:
        done = subprocess.run(
            self._check, check=False, env=self._environment, cwd=ROOT, capture_output=True
        )
        return done.returncode == 0

    def until_healthy(self, timeout_s: float = 180) -> None:
        deadline = time.monotonic() + timeout_s
        while not self.healthy():
            assert self.process.poll() is None, f"{self.name}: {self.said[-3000:]}"
            assert time.monotonic() < deadline, f"{self.name}: {self.said[-3000:]}"

    def stop(self) -> int:
        """As `docker compose stop`: SIGTERM, and within the grace period; the exit code."""
        found = _SECONDS.fullmatch(self.service["stop_grace_period"])
        assert found is not None
        self.process.terminate()
        return self.process.wait(int(found[1]))
