"""The private PostgreSQL: made once, kept, and every way in which its start can be spoilt."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from ops.cluster import Cluster, find_binaries
from ops.errors import BrokenCluster, ChildFailed, DiskFull, MissingPackage, MissingRight

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user can enter, unlike pytest's own when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="whistle-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def made(folder: Path) -> Iterator[Cluster]:
    """A cluster that was started once and stopped in order."""
    cluster = Cluster(folder / "data", durable=False)
    cluster.start()
    cluster.stop()
    yield cluster
    cluster.stop()


async def ask(cluster: Cluster, query: str, database: str = "postgres"):
    connection = await asyncpg.connect(cluster.url(database))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_it_has_postgis_and_speaks_utf8_and_utc(cluster: Cluster) -> None:
    cluster.create_database("look")
    assert await ask(cluster, "show server_encoding") == "UTF8"
    assert await ask(cluster, "show timezone") == "UTC"
    assert await ask(cluster, "show listen_addresses") == ""
    await ask(cluster, "create extension postgis", "look")
    assert await ask(cluster, "select st_srid(st_setsrid(st_point(121, 31), 4326))", "look") == 4326
    assert await ask(cluster, "select lower('吹哨 É')") == "吹哨 é"


async def test_nobody_else_can_reach_its_socket(cluster: Cluster) -> None:
    assert cluster.sockets.stat().st_mode & 0o077 == 0
    assert cluster.sockets.stat().st_uid == cluster.account.uid
    assert cluster.data.stat().st_mode & 0o077 == 0


async def test_the_next_start_keeps_the_data(made: Cluster) -> None:
    made.start()
    assert made.create_database("kept")
    await ask(made, "create table barge (name text)", "kept")
    made.stop()
    made.start()
    assert not made.create_database("kept")
    assert await ask(made, "select count(*) from barge", "kept") == 0


def test_making_it_twice_changes_nothing(made: Cluster) -> None:
    before = (made.data / "PG_VERSION").stat().st_mtime_ns
    assert made.init() is False
    assert (made.data / "PG_VERSION").stat().st_mtime_ns == before


@pytest.mark.parametrize("pid", ["999999999", "1", "", "not a number"])
async def test_a_stale_pid_file_is_in_nobodys_way(made: Cluster, pid: str) -> None:
    """1 lives, but is no server of ours: PostgreSQL alone would refuse to start."""
    (made.data / "postmaster.pid").write_text(f"{pid}\n{made.data}\n")
    (made.sockets / ".s.PGSQL.5432.lock").write_text(f"{pid}\n{made.data}\n")
    note = made.prepare()
    assert note is not None
    assert "removed" in note
    made.start()
    assert await ask(made, "select 1") == 1


async def test_a_server_that_was_left_behind_is_stopped_in_order(made: Cluster) -> None:
    made.start()
    assert made.process is not None
    first = made.process.pid
    left = psutil.Process(first)
    again = Cluster(made.root, durable=False)
    # somebody has to collect the first server, which is our child here
    waiter = asyncio.get_running_loop().run_in_executor(None, made.process.wait)
    note = await asyncio.to_thread(again.prepare)
    await waiter
    assert note is not None
    assert "stopped" in note
    assert not left.is_running()
    made.process = None
    again.start()
    try:
        assert await ask(again, "select 1") == 1
        assert again.process is not None
        assert again.process.pid != first
    finally:
        again.stop()


async def test_backends_that_outlive_a_killed_server_are_waited_for(made: Cluster) -> None:
    """Starting beside them could spoil the data, which is what the pid file guards against."""
    made.start()
    made.create_database("busy")
    connection = await asyncpg.connect(made.url("busy"))
    assert made.process is not None
    made.process.kill()
    made.process.wait()
    made.process = None
    await asyncio.to_thread(made.prepare)
    assert made.server_processes() == []
    made.start()
    assert await ask(made, "select 1") == 1
    with contextlib.suppress(Exception):
        await connection.close(timeout=1)


def test_an_interrupted_making_is_begun_again(folder: Path) -> None:
    """initdb is killed in the middle: nothing that looks like a cluster may be left."""
    root = folder / "data"
    script = textwrap.dedent(f"""
        from pathlib import Path
        from ops.cluster import Cluster
        print("go", flush=True)
        Cluster(Path({str(root)!r}), durable=False).init()
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE
    )
    while not (root / "pg.part" / "base").exists():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (root / "pg").exists()
    cluster = Cluster(root, durable=False)
    assert cluster.init() is True
    assert not (root / "pg.part").exists()
    cluster.start()
    cluster.stop()


def test_a_folder_that_is_no_whole_cluster_is_not_touched(folder: Path) -> None:
    (folder / "pg" / "base").mkdir(parents=True)
    with pytest.raises(BrokenCluster, match=r"PG_VERSION is missing.*[Mm]ove it away"):
        Cluster(folder, durable=False).init()
    assert (folder / "pg" / "base").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_a_place_that_the_servers_user_cannot_enter_is_refused(folder: Path) -> None:
    folder.chmod(0o700)
    with pytest.raises(MissingRight, match=r"user postgres cannot enter .*WHISTLE_DATA_DIR"):
        Cluster(folder / "data", durable=False).init()


def test_another_version_is_named_with_the_package_to_install(made: Cluster) -> None:
    (made.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(BrokenCluster, match=r"PostgreSQL 9.*postgresql-9-postgis-3"):
        made.init()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_cluster_of_another_user_is_not_started(made: Cluster) -> None:
    os.chown(made.data, 12345, 12345)
    with pytest.raises(MissingRight, match="belongs to user 12345"):
        made.init()


def test_a_missing_server_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingPackage, match="make setup"):
        find_binaries(tmp_path)
    (tmp_path / "15000" / "bin").mkdir(parents=True)
    (tmp_path / "15000" / "bin" / "initdb").touch()
    with pytest.raises(MissingPackage, match="postgresql-15000-postgis-3"):
        find_binaries(tmp_path)


def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    cluster = Cluster(folder / ("deep" * 30), durable=False)
    try:
        cluster.start()
        assert len(os.fsencode(cluster.sockets)) < 60
        assert cluster.create_database("deep")
    finally:
        cluster.stop()
        shutil.rmtree(cluster.sockets, ignore_errors=True)


def test_a_broken_setting_is_told_in_the_servers_own_words(made: Cluster) -> None:
    with (made.data / "postgresql.conf").open("a") as file:
        file.write("work_mem = 'much'\n")
    with pytest.raises(ChildFailed, match=r"work_mem|contains errors"):
        made.start()


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 60 MB; only root may mount one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m,mode=0755", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_small_disk_is_refused_before_anything_is_begun(small_disk: Path) -> None:
    with pytest.raises(DiskFull, match=r"60 MB free.*WHISTLE_DATA_DIR"):
        Cluster(small_disk / "data").init()
    assert not (small_disk / "data" / "pg").exists()


def test_a_disk_that_fills_up_in_the_middle_is_called_full(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.cluster.NEEDED_MB", 1)
    (small_disk / "ballast").write_bytes(b"\0" * 35 * 2**20)
    cluster = Cluster(small_disk / "data")
    with pytest.raises(DiskFull, match=r"no room left.*WHISTLE_DATA_DIR"):
        cluster.init()
    assert not (small_disk / "data" / "pg").exists()
    (small_disk / "ballast").unlink()
    assert cluster.init() is True


def test_a_server_whose_disk_is_full_says_so(small_disk: Path, monkeypatch) -> None:
    monkeypatch.setattr("ops.cluster.NEEDED_MB", 1)
    cluster = Cluster(small_disk / "data")
    cluster.init()
    free = shutil.disk_usage(small_disk).free
    (small_disk / "ballast").write_bytes(b"\0" * (free - 4096))
    with pytest.raises(DiskFull, match="no room left"):
        cluster.start()
    (small_disk / "ballast").unlink()
    cluster.start()
    cluster.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
def test_it_dies_with_the_process_that_started_it(folder: Path) -> None:
    script = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from ops.cluster import Cluster
        cluster = Cluster(Path({str(folder / "data")!r}), durable=False)
        cluster.start()
        print(cluster.process.pid, flush=True)
        sys.stdin.read()
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    server = psutil.Process(int(parent.stdout.readline()))
    assert server.username() == "postgres"
    parent.kill()
    parent.communicate()
    assert psutil.wait_procs([server], timeout=60)[1] == []
