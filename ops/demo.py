"""`make demo`: everything on one machine, in the order that it needs to come up."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ops import children
from ops.account import make_folder
from ops.cluster import Cluster
from ops.errors import DiskFull, NotRunning
from ops.folder import SEAL_KEY, choose_folder, hold, is_held, link_key, require_room
from ops.leftovers import Leftovers
from ops.ports import require_free
from ops.settings import CLONE, RunSettings
from ops.supervisor import Supervisor

Say = Callable[[str], None]
CASE_BOOK = "lead-case.json"
"""In the data folder: when the lead case began, each time."""


class Demo:
    """One run of the embedded product in `folder`."""

    def __init__(self, settings: RunSettings, folder: Path, say: Say) -> None:
        self.settings = settings
        self.folder = folder
        self.logs = folder / "log"
        self.say = say
        self.leftovers = Leftovers(folder / "children.json")
        self.supervisor = Supervisor(say, self.leftovers)
        self.url = settings.database_url or ""
        self.case = folder / CASE_BOOK
        self.tokens = folder / "device-tokens.json"

    async def up(self) -> None:
        """Bring everything up; each step is done when it returns, or raises a `StartError`."""
        self.clear_the_way()
        await self.start_database()
        await self.migrate()
        await self.make_accounts()
        await self.load_layers()
        # seconds of computing on the first start: beside what starts anyway
        registers = asyncio.create_task(asyncio.to_thread(self.load_registers), name="registers")
        try:
            await self.write_history()
            await self.start_console_and_input(registers)
        finally:
            await asyncio.wait({registers})

    def clear_the_way(self) -> None:
        """Rights, room and ports, before anything is begun."""
        make_folder(self.logs)
        require_room(self.folder)
        ended = self.leftovers.end(but="database")  # the server is stopped by Cluster.prepare
        if ended:
            self.say(f"left from an earlier run, ended: {', '.join(ended)}")
        s = self.settings
        require_free(s.console_host, s.console_port, "WHISTLE_CONSOLE_PORT", "the console")
        require_free(s.nmea_host, s.nmea_port, "WHISTLE_NMEA_PORT", "the AIS input")
        require_free(
            s.receive_host, s.receive_port, "WHISTLE_RECEIVE_PORT", "the checkpoints' door"
        )

    async def start_database(self) -> None:
        """The private cluster, unless DATABASE_URL names another one."""
        if self.settings.database_url:
            self.say("database: the one that DATABASE_URL names")
            return
        cluster = Cluster(self.folder)
        usual = CLONE / ".whistle"
        if self.settings.data_dir is None and self.folder != usual and (usual / "pg").exists():
            self.say(f"another user's database in {usual} is left alone")
        if cluster.init():
            self.say(f"database made in {cluster.data}")
            # a new store lacks the seals of one that stood here before: that is no theft
            (self.folder / f"{SEAL_KEY}.last").unlink(missing_ok=True)
        await self.supervisor.start(children.postgres(cluster))
        cluster.create_database()
        self.url = cluster.url()
        self.say("database ready")

    async def migrate(self) -> None:
        """Bring the schema up to date."""
        from db.migrate import migrate_url  # noqa: PLC0415  (after the set-up is known to be whole)

        done = await migrate_url(self.url)
        if done:
            self.say(f"schema: {len(done)} migrations applied")

    async def make_accounts(self) -> None:
        """An account per role that one click lets in; `admin`, whose password is told once."""
        from dashboard.first_account import told  # noqa: PLC0415
        from db.pool import connect  # noqa: PLC0415
        from domain.clock import utc_now  # noqa: PLC0415
        from seed.accounts import load_accounts  # noqa: PLC0415

        connection = await connect(self.url)
        try:
            first = await load_accounts(connection, utc_now())
        finally:
            await connection.close()
        if first is not None:
            self.say(told(first))

    async def load_layers(self) -> None:
        """Districts, waterways, gates and places, each kind that the store has none of yet."""
        from db.pool import connect  # noqa: PLC0415
        from seed.layers import load_builtin_layers  # noqa: PLC0415

        connection = await connect(self.url)
        try:
            loaded = await load_builtin_layers(connection)
        finally:
            await connection.close()
        if loaded:
            self.say(f"layers: {', '.join(done.version.kind for done in loaded)}")

    def load_registers(self) -> None:
        """Carriers, wharves, hulls, papers and checkpoints that the store has none of; tokens.

        In a thread, on a loop and a connection of its own.
        """
        from db.pool import connect  # noqa: PLC0415
        from seed.load_registers import issue_tokens, load_registers  # noqa: PLC0415
        from seed.settings import TrafficSettings  # noqa: PLC0415

        traffic = TrafficSettings()

        async def load() -> None:
            connection = await connect(self.url)
            try:
                loaded = await load_registers(connection, traffic.barges, traffic.seed)
                await issue_tokens(connection, self.tokens)
            finally:
                await connection.close()
            if not loaded.nothing:
                self.say(
                    f"registers: {loaded.hulls} vessels, {loaded.permits} papers, "
                    f"{loaded.checkpoints} checkpoints"
                )

        asyncio.run(load())

    async def write_history(self) -> None:
        """The last two hours of traffic, on the first start only."""
        from ops import history  # noqa: PLC0415

        file = self.folder / "history.nmea"
        if self.settings.history and await history.is_wanted(self.url, file):
            self.say(f"writing the last {self.settings.history} of traffic, this once")
            await history.write(self.url, file, self.logs / "history.log", self.settings.history)

    async def start_console(self) -> None:
        """From here on, the page answers."""
        await self.supervisor.start(
            children.console(self.settings, self.url, self.logs, self.links())
        )
        self.say("console ready")

    async def start_ingest(self) -> None:
        """From here on, receivers may connect."""
        await self.supervisor.start(children.ingest(self.settings, self.url, self.logs))
        self.say(f"AIS input listens on {self.settings.nmea_host}:{self.settings.nmea_port}")

    async def start_traffic(self) -> None:
        """The simulated barges."""
        await self.supervisor.start(children.traffic(self.settings, self.url, self.logs, self.case))
        self.say("barges on the water")

    async def start_door(self) -> None:
        """From here on, checkpoints may post."""
        await self.supervisor.start(children.receive(self.settings, self.url, self.logs))
        s = self.settings
        self.say(f"checkpoints post to http://{s.receive_host}:{s.receive_port}")

    def seal_key(self) -> Path | None:
        """The key that seals the demo's record, made on the first start.

        Another database than the demo's own is sealed only where a key is named for it.
        """
        from streams.seal_key import SealKey  # noqa: PLC0415
        from streams.settings import SealSettings  # noqa: PLC0415

        named = SealSettings().seal_key_file
        if named is None and self.settings.database_url:
            return None
        path = named or self.folder / SEAL_KEY
        if not path.exists():
            SealKey.make(path)
            self.say(f"what is recorded gets sealed; key in {path}")
        return path

    def links(self) -> dict[str, str]:
        """Where messages of the demo lead, unless the environment says it."""
        from commands.settings import LinkSettings  # noqa: PLC0415

        named = LinkSettings()
        key = named.link_key_file or link_key(self.folder)
        return {
            "WHISTLE_CONSOLE_URL": named.console_url or self.address,
            "WHISTLE_LINK_KEY_FILE": str(key.absolute()),
        }

    async def start_watch(self) -> None:
        """From here on, what comes in becomes alerts."""
        await self.supervisor.start(
            children.watch(self.url, self.logs, self.links(), self.seal_key())
        )
        self.say("watch looks")

    async def start_outbox(self) -> None:
        """From here on, people are told."""
        await self.supervisor.start(children.outbox(self.url, self.logs))
        self.say("outbox tells people")

    async def start_devices(self) -> None:
        """The simulated checkpoints."""
        files = self.tokens, self.case
        await self.supervisor.start(children.devices(self.settings, self.url, self.logs, files))
        self.say("checkpoints see")

    async def start_console_and_input(self, registers: "asyncio.Task[None]") -> None:
        """Side by side, since each takes seconds to load its libraries."""

        async def start_input() -> None:
            await self.start_ingest()
            await self.start_traffic()

        async def start_sight() -> None:
            # what is looked at before the registers stand would be judged without them
            await asyncio.gather(self.start_door(), registers)
            await self.start_watch()
            await self.start_outbox()
            await self.start_devices()

        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self.start_console())
                both.create_task(start_input())
                both.create_task(start_sight())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    @property
    def address(self) -> str:
        """Where the page is."""
        host = children.reachable(self.settings.console_host)
        host = {"127.0.0.1": "localhost"}.get(host, host)
        return f"http://{host}:{self.settings.console_port}/"


async def run(settings: RunSettings, say: Say) -> None:
    """Run until SIGINT or SIGTERM, then stop everything in order; a second signal hurries.

    Raises:
        StartError: it could not come up; what had been started is stopped again.
    """
    folder = choose_folder(settings)
    begun = time.monotonic()
    stop = asyncio.Event()
    demo = Demo(settings, folder, say)
    with hold(folder, demo.address):
        _on_signals(stop, demo.supervisor)
        coming_up = asyncio.create_task(demo.up(), name="coming up")
        told = asyncio.create_task(stop.wait(), name="told to stop")
        room = asyncio.create_task(watch_room(folder, say), name="watch the disk")
        try:
            await _first_of(coming_up, told)
            if not stop.is_set():
                await coming_up  # raises what went wrong
                say(f"\nWhistle is at  {demo.address}   (after {time.monotonic() - begun:.1f} s)")
                say(f"data and logs: {folder}   Ctrl-C stops everything\n")
                await _first_of(told, demo.supervisor.broken)
        finally:
            for task in (coming_up, told, room):
                task.cancel()
            await asyncio.wait({coming_up, told, room})  # raises nothing, whatever they ended with
            if demo.supervisor.has_children:
                say("stopping")
            await demo.supervisor.stop()
        if demo.supervisor.broken.done():
            await demo.supervisor.broken
        say("stopped, the data are kept")


def replay_case(settings: RunSettings, say: Say) -> None:
    """Let the lead case begin again in the demo that runs now.

    Raises:
        NotRunning: none runs on this data folder.
    """
    from domain.clock import utc_now  # noqa: PLC0415
    from seed.case_book import CaseBook  # noqa: PLC0415

    folder = choose_folder(settings)
    if not is_held(folder):
        raise NotRunning(
            f"no demo runs on {folder}", "start one with `make demo`, or set WHISTLE_DATA_DIR"
        )
    CaseBook(folder / CASE_BOOK).begin(int(utc_now().timestamp()))
    say("the lead case begins again: two barges leave Qingpu on 急水港 within three minutes")


async def watch_room(folder: Path, say: Say, every_s: float = 5) -> None:
    """Tell when the disk gets full, and when there is room again; until cancelled."""
    full = False
    while True:
        try:
            require_room(folder)
        except DiskFull as error:
            if not full:
                say(f"{error.problem}: nothing is stored while it is full. Free some room")
            full = True
        else:
            if full:
                say(f"there is room again for {folder}")
            full = False
        await asyncio.sleep(every_s)


async def _first_of(*futures: "asyncio.Future[Any]") -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


def _on_signals(stop: asyncio.Event, supervisor: Supervisor) -> None:
    def told() -> None:
        if stop.is_set():
            supervisor.hurry.set()
        stop.set()

    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(sign, told)
