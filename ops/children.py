"""The processes of the embedded product: how each is run, and how it is known to be ready."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.cluster import Cluster
from ops.logs import tail
from ops.ports import answers, linked, listens
from ops.settings import CLONE, RunSettings, child_environment
from ops.supervisor import Child


def postgres(cluster: Cluster) -> Child:
    """The private database server."""
    return Child(
        name="database",
        command=cluster.command(),
        ready=cluster.is_ready,
        log=cluster.log,
        before=cluster.prepare,
        explain=cluster.failure,
        stop_signal=signal.SIGINT,  # fast shutdown
        orphan_signal=signal.SIGTERM,  # smart shutdown: the ingest may still finish its batch
        grace_s=30,
        cwd=Path("/"),  # its user may not be able to enter ours
        popen=cluster.account.popen,
    )


def ingest(settings: RunSettings, url: str, logs: Path) -> Child:
    """Takes sentences from whoever connects; told to stop, it stores what it took."""
    address = f"{settings.nmea_host}:{settings.nmea_port}"
    return Child(
        name="ingest",
        command=whistle("ingest", "--listen", address),
        ready=lambda pid: listens(pid, settings.nmea_port),
        log=logs / "ingest.log",
        cwd=CLONE,
        environment=child_environment(DATABASE_URL=url),
        grace_s=20,
    )


def console(settings: RunSettings, url: str, logs: Path, links: Mapping[str, str]) -> Child:
    """The pages. `links`: settings of where messages lead, and of their key."""
    host, port = settings.console_host, settings.console_port
    return Child(
        name="console",
        command=whistle("serve", "--host", host, "--port", str(port)),
        # the first page, and behind it a database that answers and a fresh picture
        ready=lambda pid: (
            listens(pid, port)
            and answers(reachable(host), port, "/sign-in")
            and answers(reachable(host), port, "/readyz")
        ),
        log=logs / "console.log",
        cwd=CLONE,
        environment=child_environment(DATABASE_URL=url, WHISTLE_DEMO_SIGN_IN="true", **links),
        grace_s=10,
    )


def traffic(settings: RunSettings, url: str, logs: Path, case: Path | None = None) -> Child:
    """Simulated barges, sent to the port that a real receiver would use; with a book, the case."""
    address = f"{reachable(settings.nmea_host)}:{settings.nmea_port}"
    more = () if case is None else ("--case", str(case), "--strays")
    return Child(
        name="traffic",
        command=whistle("traffic", "--connect", address, *more),
        ready=lambda pid: linked(pid, settings.nmea_port),
        log=logs / "traffic.log",
        cwd=CLONE,
        environment=child_environment(DATABASE_URL=url),
        grace_s=5,
    )


def receive(settings: RunSettings, url: str, logs: Path) -> Child:
    """The door for checkpoints."""
    host, port = settings.receive_host, settings.receive_port
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return Child(
        name="door",
        command=whistle("receive", "--listen", listen),
        ready=lambda pid: listens(pid, port) and answers(reachable(host), port, "/healthz"),
        log=logs / "receive.log",
        cwd=CLONE,
        environment=child_environment(DATABASE_URL=url),
        grace_s=15,
    )


def watch(url: str, logs: Path, links: Mapping[str, str], seal_key: Path | None = None) -> Child:
    """What makes alerts of what comes in, and seals what was recorded, where there is a key.

    `links`: as for `console`.
    """
    log = logs / "watch.log"
    more = dict(links)
    if seal_key is not None:
        more["WHISTLE_SEAL_KEY_FILE"] = str(seal_key)

    def has_looked(pid: int) -> bool:
        return any("watch.started" in line and f'"pid": {pid}' in line for line in tail(log))

    return Child(
        name="watch",
        command=whistle("watch"),
        ready=has_looked,
        log=log,
        cwd=CLONE,
        environment=child_environment(DATABASE_URL=url, **more),
        grace_s=20,
    )


def outbox(url: str, logs: Path) -> Child:
    """What tells people, and other systems where a broker is set."""
    log = logs / "outbox.log"

    def has_begun(pid: int) -> bool:
        return any("outbox.started" in line and f'"pid": {pid}' in line for line in tail(log))

    return Child(
        name="outbox",
        command=whistle("outbox", "--metrics", ""),
        ready=has_begun,
        log=log,
        cwd=CLONE,
        environment=child_environment(DATABASE_URL=url),
        grace_s=15,
    )


def devices(settings: RunSettings, url: str, logs: Path, files: tuple[Path, Path]) -> Child:
    """Simulated checkpoints, sent to the door that real ones would use; `files`: tokens, case."""
    tokens, case = files
    address = f"{reachable(settings.receive_host)}:{settings.receive_port}"
    return Child(
        name="devices",
        command=whistle(
            *("devices", "--connect", address, "--tokens", str(tokens)),
            *("--case", str(case), "--strays"),
        ),
        ready=lambda pid: linked(pid, settings.receive_port),
        log=logs / "devices.log",
        cwd=CLONE,
        environment=child_environment(DATABASE_URL=url),
        ready_within_s=120,
        grace_s=5,
    )


def whistle(*arguments: str) -> list[str]:
    """A sub-command of ours, run by this very Python."""
    return [sys.executable, "-m", "ops.cli", *arguments]


def reachable(host: str) -> str:
    """An address to connect to, for one to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (compared, not bound)
