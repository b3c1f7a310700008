"""The whole product as processes on free ports in a temporary folder, measured from outside."""

import contextlib
import os
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from ops import children
from ops.demo import Demo
from ops.settings import CLONE, RunSettings, child_environment
from ops.supervisor import Child


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product: where to look, where to send, and whom to watch."""

    page: str
    nmea_host: str
    nmea_port: int
    database_url: str
    demo: Demo

    def pid(self, name: str) -> int:
        """Process id of `database`, `ingest`, `console` or `traffic`."""
        return self.demo.supervisor.pid(name)


def free_port() -> int:
    """A TCP port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def running(barges: int, every_s: int | None = None) -> AsyncIterator[Stack]:
    """Database, ingest, console and `barges` simulated barges; all stopped at the end.

    `every_s`: seconds between a barge's reports under way (default: what AIS asks).
    """
    with tempfile.TemporaryDirectory(prefix="whistle-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103  (the server of a root user runs as another one)
        settings = RunSettings(
            data_dir=Path(folder), console_port=free_port(), nmea_port=free_port()
        )
        demo = Demo(settings, Path(folder), say=lambda _: None)
        try:
            demo.clear_the_way()
            await demo.start_database()
            await demo.migrate()
            await demo.load_layers()
            await demo.start_ingest()
            await demo.start_console()
            if barges:
                await demo.supervisor.start(_traffic(demo, barges, every_s))
            yield Stack(
                page=demo.address,
                nmea_host="127.0.0.1",
                nmea_port=settings.nmea_port,
                database_url=demo.url,
                demo=demo,
            )
        finally:
            await demo.supervisor.stop()


def _traffic(demo: Demo, barges: int, every_s: int | None) -> Child:
    standard = children.traffic(demo.settings, demo.url, demo.logs)
    command = [*standard.command, "--barges", str(barges)]
    if every_s is not None:
        command += ["--every", str(every_s)]
    return Child(
        name=standard.name,
        command=command,
        ready=standard.ready,
        log=standard.log,
        cwd=CLONE,
        environment=child_environment(DATABASE_URL=demo.url),
        grace_s=standard.grace_s,
    )
