"""Workers, and a watch if wanted, kept running while one thing after another breaks."""

import asyncio
import random
import signal

import asyncpg
from ingest_process import IngestProcess, settled
from kafka_traffic import TAKEN, worker_process

from ops.broker import Broker
from ops.cluster import Cluster
from streams.settings import KafkaSettings

WORKERS = 2
ROUNDS = "select coalesce((select revision from watch_cursor where source = 'round'), 0)"


class WatchProcess(IngestProcess):
    """`whistle watch` as a process."""

    command = "watch"


class Trouble:
    """Two workers are kept running while one thing after another is done to them.

    `records`: how many of them there are to take at the broker, or will be soon.
    `watched`: `whistle watch` runs too, and can be killed.
    """

    def __init__(
        self,
        broker: Broker,
        cluster: Cluster,
        url: str,
        *,
        settings: KafkaSettings,
        records: int,
        chance: random.Random,
        watched: bool = False,
    ) -> None:
        self.done: dict[str, int] = {}
        self._kafka = broker
        self._cluster = cluster
        self._url = url
        self._settings = settings
        self.records = records
        self._chance = chance
        self._workers: list[IngestProcess] = []
        self._watched = watched
        self._watches: list[WatchProcess] = []

    async def all(self, kinds: list[str], frozen_s: float) -> None:
        self._chance.shuffle(kinds)
        for kind in kinds:
            await self._all_run()
            await self._some_progress()
            await getattr(self, f"_{kind}")(frozen_s)
            self.done[kind] = self.done.get(kind, 0) + 1
        await self._all_run()

    async def _all_run(self) -> None:
        """Start what was killed."""
        while len(self._workers) < WORKERS:
            batch = self._chance.choice([50, 200, 1000])
            one = worker_process(self._url, self._settings, batch)
            self._workers.append(await one.__aenter__())
        if self._watched and not self._watches:
            self._watches.append(await WatchProcess(self._url).__aenter__())

    async def quiet(self) -> None:
        """Nothing breaks any more: wait until all is taken, and stop the workers in order."""
        async with worker_process(self._url, self._settings) as last:
            store = await asyncpg.connect(self._url)
            try:
                await settled(store, TAKEN, lambda at: at >= self.records, 900)
            finally:
                await store.close()
            for one in [*self._workers, *self._watches, last]:
                ended = await one.terminate()  # by the signal itself, if it had not begun yet
                assert ended in {0, -signal.SIGTERM}, one.errors[-2000:]

    async def _some_progress(self) -> None:
        """Until a little more is stored; a long backlog must not be eaten before all is done."""
        store = await asyncpg.connect(self._url)
        try:
            before = await store.fetchval(TAKEN)
            least = min(before + self._chance.randint(1, self.records // 60), self.records)
            await settled(store, TAKEN, lambda at: at >= least, 300)
        finally:
            await store.close()

    async def _kill(self, _: float) -> None:
        one = self._workers.pop(self._chance.randrange(len(self._workers)))
        assert one.process.returncode is None, one.errors
        one.process.kill()
        await one.ended()

    async def _watch(self, _: float) -> None:
        """Kill the watch somewhere in the midst of what it does after a whole round."""
        store = await asyncpg.connect(self._url)
        try:
            before = await store.fetchval(ROUNDS)
            await settled(store, ROUNDS, lambda at: at > before, 300)
        finally:
            await store.close()
        await asyncio.sleep(self._chance.uniform(0, 1.2))  # anywhere within the next one
        one = self._watches.pop()
        assert one.process.returncode is None, one.errors
        one.process.kill()
        await one.ended()

    async def _broker(self, _: float) -> None:
        self._kafka.kill()
        self._kafka.start()

    async def _store(self, _: float) -> None:
        self._cluster.stop()
        self._cluster.start()

    async def _freeze(self, seconds: float) -> None:
        processes = self._cluster.server_processes()
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        for process in processes:
            process.send_signal(signal.SIGCONT)

    async def _cut(self, _: float) -> None:
        store = await asyncpg.connect(self._url)
        await store.fetch(
            """select pg_terminate_backend(pid) from pg_stat_activity
            where application_name = 'whistle ingest' and state <> 'idle'"""
        )
        await store.close()
