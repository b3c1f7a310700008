"""A private PostgreSQL with PostGIS: made, started and stopped by us, reached by a socket only.

`root/pg` is the database's folder, `root/run` its socket, `root/log/postgres.log` what it says.
Nobody else can connect: no TCP, and the folder of the socket is open to its user alone.
"""

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from ops.account import Account, make_folder, server_account
from ops.errors import BrokenCluster, ChildFailed, DiskFull, MissingPackage, MissingRight
from ops.lifeline import die_with_parent

OWNER = "whistle"
DATABASE = "whistle"
INSTALLED = Path("/usr/lib/postgresql")
SOCKET_LIMIT = 107  # bytes in sockaddr_un.sun_path, less the closing zero
SOCKET_NAME = ".s.PGSQL.5432"
NEEDED_MB = 400  # a new cluster with its first write-ahead log and two hours of tracks
NO_ROOM_BYTES = 16 * 2**20  # one segment of the write-ahead log
READY_LINE = 7  # of postmaster.pid (LOCK_FILE_LINE_PM_STATUS in PostgreSQL's pidfile.h)


def find_binaries(installed: Path = INSTALLED) -> Path:
    """The `bin` folder of the newest installed server that has PostGIS.

    Raises:
        MissingPackage: there is none.
    """
    found = {int(p.parent.name): p for p in installed.glob("[0-9]*/bin") if (p / "initdb").exists()}
    for version in sorted(found, reverse=True):
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
            return found[version]
    if found:
        name = f"postgresql-{max(found)}-postgis-3"
        raise MissingPackage("PostgreSQL is installed without PostGIS", f"install {name}")
    raise MissingPackage("PostgreSQL is not installed", "run `make setup`, or `whistle doctor`")


class Cluster:
    """One database cluster under `root`. `durable=False` (tests) trades crash safety for speed."""

    def __init__(
        self,
        root: Path,
        *,
        account: Account | None = None,
        binaries: Path | None = None,
        durable: bool = True,
    ) -> None:
        self.root = root.absolute()
        self.account = account or server_account()
        self.binaries = binaries or find_binaries()
        self.durable = durable
        self.data = self.root / "pg"
        self.log = self.root / "log" / "postgres.log"
        self.sockets = self.root / "run"
        if len(os.fsencode(self.sockets / SOCKET_NAME)) > SOCKET_LIMIT:
            digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
            self.sockets = Path("/tmp") / f"whistle-{digest}"  # noqa: S108  (checked in prepare)
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = DATABASE) -> str:
        """Connection address of `database`."""
        return f"postgresql://{OWNER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def init(self) -> bool:
        """Make the cluster if there is none; True when it was made now.

        It is made beside its place and moved there when whole, so an interrupted start leaves
        nothing that looks like a cluster.

        Raises:
            BrokenCluster: the folder holds something that is no cluster of this version.
            DiskFull, MissingRight, ChildFailed: it cannot be made here.
        """
        make_folder(self.root)
        make_folder(self.log.parent)
        if not self.account.can_enter(self.root):
            raise MissingRight(
                f"the server's user {self.account.name} cannot enter {self.root}",
                "set WHISTLE_DATA_DIR to a folder that it can enter, for example under /var/lib",
            )
        if self._is_made():
            return False
        if self.data.exists() and any(self.data.iterdir()):
            raise BrokenCluster(
                f"{self.data} is no whole database cluster (PG_VERSION is missing)",
                "move it away, or remove it if nothing in it is needed, and start again",
            )
        self._check_room()
        part = self.data.with_name("pg.part")
        shutil.rmtree(part, ignore_errors=True)  # what an interrupted start left
        part.mkdir(mode=0o700)
        self.account.own(part)
        options = ["-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        options += ["--data-checksums"] if self.durable else ["--no-sync"]
        try:
            self._run("initdb", "-D", str(part), *options)
        except ChildFailed:
            shutil.rmtree(part, ignore_errors=True)
            raise
        if self.data.exists():
            self.data.rmdir()
        part.rename(self.data)
        return True

    def command(self) -> list[str]:
        """How to run the server in the foreground."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",  # short queries only: compiling them costs more than it saves
            "shared_buffers": "128MB",
            "max_connections": "60",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        pairs = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *pairs]

    def prepare(self) -> str | None:
        """Make the way free for a start; returns a sentence when something was in the way.

        A server that outlived its supervisor is stopped; a pid file without a server is removed.
        """
        make_folder(self.sockets, 0o700, owner=self.account.uid)
        self.account.own(self.sockets)
        self.sockets.chmod(0o700)
        note = None
        if self._end_earlier():
            note = "a database server was left from an earlier run: stopped"
        stale = [self.data / "postmaster.pid", self.sockets / f"{SOCKET_NAME}.lock"]
        found = [path for path in stale if path.exists()]
        for path in found:  # safe only now: no process works on this folder any more
            path.unlink()
        return note or ("the pid file of a server that is gone: removed" if found else None)

    def server_processes(self) -> list[psutil.Process]:
        """Every live process of a server on this folder, the postmaster first."""
        servers = [p for p in psutil.process_iter(["name"]) if p.info["name"] == "postgres"]
        mine = [process for process in servers if self._works_here(process)]
        with contextlib.suppress(psutil.NoSuchProcess):
            mine.sort(key=lambda process: process.create_time())
        return mine

    def _works_here(self, process: psutil.Process) -> bool:
        """Whether a server process belongs to this folder; one with a recycled pid does not."""
        try:
            return Path(process.cwd()) == self.data.resolve()
        except psutil.NoSuchProcess:
            return False
        except (OSError, psutil.AccessDenied):  # root in a container may not look at that
            lines = [p.cmdline() for p in (process, process.parent()) if p is not None]
            return any(str(self.data) in line for line in lines)

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this pid accepts connections, as it states in its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        ready = len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"
        return ready and lines[0] == str(pid)

    def start(self, timeout_s: float = 60) -> None:
        """Start the server as our child, made if need be; returns when it takes connections."""
        self.init()
        self.prepare()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C is ours to hand on, in order
                preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509  (no threads yet)
                **self.account.popen,
            )
        deadline = time.monotonic() + timeout_s
        while not self.is_ready(self.process.pid):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise self.failure()
            time.sleep(0.02)

    def stop(self, timeout_s: float = 30) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout_s)
        self.process = None

    def create_database(self, name: str = DATABASE) -> bool:
        """Make an empty database if it is not there; True when it was made now."""
        listed = self._run("psql", "-h", str(self.sockets), "-U", OWNER, "-XAtlq", "postgres")
        if any(line.split("|", 1)[0] == name for line in listed.splitlines()):
            return False
        self._run("createdb", "-h", str(self.sockets), "-U", OWNER, name)
        return True

    def failure(self) -> ChildFailed | DiskFull:
        """Why the server ended, from the end of its log."""
        tail = self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""
        return _explain("PostgreSQL did not start", tail, self.root)

    def _is_made(self) -> bool:
        """Whether there is a cluster; raises when it is another user's or of another version."""
        try:
            made = (self.data / "PG_VERSION").read_text().strip()
            owner = self.data.stat().st_uid
        except FileNotFoundError:
            return False
        except PermissionError:
            made, owner = "", self.data.stat().st_uid
        if owner != self.account.uid:
            raise MissingRight(
                f"the database in {self.data} belongs to user {_name(owner)}, the server would run "
                f"as {self.account.name}",
                "start it as the user who made it, or set WHISTLE_DATA_DIR to another folder",
            )
        if made != self.binaries.parent.name:
            raise BrokenCluster(
                f"{self.data} was made by PostgreSQL {made}, installed is "
                f"{self.binaries.parent.name}",
                f"install postgresql-{made}-postgis-3, or move the folder away for a fresh one",
            )
        return True

    def _check_room(self) -> None:
        """Refuse to begin what the disk cannot hold."""
        free = shutil.disk_usage(self.root).free // 2**20
        if free < NEEDED_MB:
            raise DiskFull(
                f"{self.root} has {free} MB free, a new database needs {NEEDED_MB} MB",
                "free some room, or set WHISTLE_DATA_DIR to a folder on another disk",
            )

    def _end_earlier(self, timeout_s: float = 30) -> bool:
        """Fast shutdown of a server that is not our child, then the hard way; True if one was."""
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            processes = self.server_processes()
            if not processes:
                return sign is not signal.SIGINT
            with contextlib.suppress(psutil.NoSuchProcess):
                processes[0].send_signal(sign)
            psutil.wait_procs(processes, timeout_s)
        return True

    def _run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as its user; returns what it printed."""
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            **self.account.popen,
        )
        if done.returncode != 0:
            raise _explain(f"{program} failed", done.stderr, self.root)
        return str(done.stdout)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _explain(what: str, said: str, root: Path) -> ChildFailed | DiskFull:
    """An error with the server's own last words, and a full disk called by its name."""
    # the log itself may have found no room for the reason
    if "No space left on device" in said or shutil.disk_usage(root).free < NO_ROOM_BYTES:
        return DiskFull(
            f"{what}: no room left in {root}",
            "free some room, or set WHISTLE_DATA_DIR to a folder on another disk",
        )
    worst = re.findall(r"(?:FATAL|PANIC|ERROR|error): +(.+)", said) or said.strip().splitlines()
    return ChildFailed(
        f"{what}: {worst[-1] if worst else 'it said nothing'}",
        f"see {root / 'log' / 'postgres.log'}, and `whistle doctor`",
    )
