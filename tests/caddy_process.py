"""The proxy of docker-compose.yml as a process: Caddy with deploy/Caddyfile, on free ports."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import httpx
from compose_file import ROOT, SERVICES, filled
from ingest_process import free_port
from production_cage import caged
from production_shape import Shape

FILE = ROOT / "deploy" / "Caddyfile"
_OWN = ROOT / ".venv" / "bin" / "caddy"
PROGRAM = shutil.which("caddy") or (str(_OWN) if _OWN.exists() else None)
"""Caddy of this machine, or the one that `ops/setup.sh test` has put into .venv."""


class CaddyProcess:
    """Its authority and its certificates are in `folder`; use it as a context that ends it."""

    def __init__(self, folder: Path, shape: Shape) -> None:
        self.ports = {name: free_port() for name in ("HTTP", "HTTPS", "DOOR", "HEALTH")}
        self.data = folder / "caddy"
        self.data.mkdir()
        told = SERVICES["proxy"]["environment"]
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.data),
            "XDG_DATA_HOME": str(self.data),
            "XDG_CONFIG_HOME": str(self.data),
            **{name: filled(value, shape.values) for name, value in told.items()},
            **{f"WHISTLE_PROXY_{name}": str(port) for name, port in self.ports.items()},
            "WHISTLE_CONSOLE": f"127.0.0.1:{shape.port('console', 8501)}",
            "WHISTLE_DOOR": f"127.0.0.1:{shape.port('receive', 10112)}",
        }
        self.name = shape.values["WHISTLE_NAME"]

    def __enter__(self) -> "CaddyProcess":
        assert PROGRAM is not None
        with (self.data / "log").open("wb") as log:
            words, around = caged(SERVICES["proxy"], kept=[FILE.parent], owned=[self.data])
            self.process = subprocess.Popen(
                [*words, PROGRAM, "run", "--config", str(FILE), "--adapter", "caddyfile"],
                env=self._environment | around,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while not self._serving():
            assert self.process.poll() is None, (self.data / "log").read_text()[-3000:]
            assert time.monotonic() < deadline, (self.data / "log").read_text()[-3000:]
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)

    @property
    def authority(self) -> Path:
        """What people's browsers and checkpoints' devices have to be given."""
        return self.data / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def url(self, path: str, *, door: bool = False) -> str:
        return f"https://{self.name}:{self.ports['DOOR' if door else 'HTTPS']}{path}"

    def client(self) -> httpx.Client:
        """One that knows our authority and no other."""
        import ssl

        return httpx.Client(verify=ssl.create_default_context(cafile=self.authority), timeout=20)

    def get(self, path: str, *, door: bool = False) -> httpx.Response:
        with self.client() as client:
            return client.get(self.url(path, door=door))

    def _serving(self) -> bool:
        """The health check, and a certificate for both names."""
        try:
            health = f"http://127.0.0.1:{self.ports['HEALTH']}/"
            if httpx.get(health, timeout=5).status_code != 200:
                return False
            return all(self.get("/healthz", door=door).status_code for door in (False, True))
        except (httpx.HTTPError, OSError):
            return False
