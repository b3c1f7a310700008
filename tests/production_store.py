"""The store of docker-compose.yml as a private cluster: password, TCP, its own archive scripts."""

import os
import shutil
import subprocess
from pathlib import Path

import asyncpg
import yaml
from ingest_process import free_port

from ops.cluster import OWNER, Cluster

ROOT = Path(__file__).parents[1]
PASSWORD = "s3cret-of_the.store"  # noqa: S105 - of a cluster that lives for a minute
_BIGGER_THAN_A_TEST = ("-cshared_buffers=", "-cmax_wal_size=")
_HBA = "local all all trust\nlocal replication all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
"""As the image's own: whoever is in the container needs no password, others do."""


def in_image(word: str, folder: Path) -> str:
    """A word of the compose file with this folder's paths for the container's."""
    return word.replace("/etc/whistle/", f"{folder}/scripts/")


class ProductionStore(Cluster):
    """Its data under `root/pg`, its backups under `root/backup`; `url()` goes by TCP."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.port = free_port()
        self.backup = root / "backup"
        self.password = {"PGPASSWORD": PASSWORD}
        scripts = root / "scripts"  # the server's user may not be able to enter the clone
        if not scripts.exists():
            shutil.copytree(ROOT / "deploy" / "store", scripts)
            scripts.chmod(0o755)
            for folder in (self.backup, self.backup / "wal", self.backup / "base"):
                folder.mkdir(mode=0o700)
                self.account.own(folder)

    def url(self, database: str = OWNER) -> str:
        return f"postgresql://{OWNER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    @property
    def bare_url(self) -> str:
        """Without the password, which stands in the environment."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{OWNER}"

    def command(self) -> list[str]:
        """The container's command, smaller, and at a free port."""
        service = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
        _, *options = service["store"]["command"]
        (self.root / "pg_hba.conf").write_text(_HBA)
        here = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets),
            "hba_file": str(self.root / "pg_hba.conf"),
        }
        folder = f"WHISTLE_BACKUP={self.backup} sh "
        kept = [
            in_image(one, self.root).replace("=sh ", f"={folder}")
            for one in options
            if not one.startswith(_BIGGER_THAN_A_TEST)
        ]
        return [
            str(self.binaries / "postgres"),
            "-D",
            str(self.data),
            *kept,
            *(f"-c{name}={value}" for name, value in here.items()),
        ]

    async def create(self) -> None:
        """Start it; the password and the database are made as the image does it."""
        self.start()
        socket = {"host": str(self.sockets), "port": self.port, "user": OWNER}
        connection = await asyncpg.connect(**socket, database="postgres")
        try:
            await connection.execute(f"alter role {OWNER} password '{PASSWORD}'")
            await connection.execute(f"create database {OWNER}")
        finally:
            await connection.close()

    def run(self, *command: str, **environment: str) -> str:
        """What a command prints that an operator gives inside the container."""
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env={
                "PATH": f"{self.binaries}:{os.environ['PATH']}",
                "PGHOST": str(self.sockets),
                "PGPORT": str(self.port),
                "PGDATA": str(self.data),
                "WHISTLE_BACKUP": str(self.backup),
                **environment,
            },
            **self.account.popen,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def script(self, name: str, *arguments: str) -> str:
        """One of deploy/store."""
        return self.run("sh", str(self.root / "scripts" / name), *arguments)
