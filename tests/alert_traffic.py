"""A simulated stretch that leads to alerts, told to a store by direct calls or by Kafka records."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kafka_traffic import Sent, records_of
from store_content import LONG_AGO

from bench.alert_world import FEED, AlertWorld
from bench.simulated_clock import give_clock, set_clock
from commands.register_feed import RegisterFeed, register_feed
from commands.take_reading import TakeReading, take_reading
from db.feed import Feed
from db.pool import connect, create_pool
from domain.checkpoints import System
from layers.geography import Geography
from seed.devices import Sighted, message
from seed.load_registers import load_registers
from streams.batch import Batch
from streams.contracts.messages import PositionMessage
from streams.contracts.reading_record import READINGS
from streams.handlers.position import PositionHandler
from streams.handlers.rejected import RejectedHandler
from streams.partitions import Partitions
from streams.sources.http.app import PASSAGES, SIGHTINGS
from streams.store import BatchStore
from streams.watch import Watch

SEED = 7
DAY = datetime(2025, 11, 18, tzinfo=UTC)
"""A fixed day: the strays have their hours. The store lives by a clock that stands after it."""
CASE_AT = int(DAY.timestamp()) + 6 * 3600
_AT_ONCE = 2000
_SETTLED_S = 60
"""After the last reading: nothing waits for more to come in about it."""
_ROUNDS = 60
_WAITING = """select exists (
    select from reading r left join reading_match m using (reading_id)
    where m.reading_id is null or m.again_at is not null)"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is heard and read in [begin, end), epoch seconds, both in order of time."""

    barges: int
    begin: int
    end: int
    fixes: list[PositionMessage]
    readings: list[Sighted]

    def positions(self, together: int) -> Iterator[Sent]:
        """The fixes as records, so many in one."""
        return records_of(self.fixes, together=together)

    def told(self) -> Iterator[Sent]:
        """The readings as records."""
        for one in self.readings:
            _, body = message(one, None)
            point = one.passage.checkpoint
            value = {"v": 1, "system": str(point.system), "body": body}
            key = point.checkpoint_id.encode()
            yield READINGS.name, key, json.dumps(value, ensure_ascii=False).encode()


def stretch(folder: Path, barges: int, hours: tuple[float, float]) -> Stretch:
    """The stretch between two hours of `DAY`."""
    world = AlertWorld(barges, SEED, CASE_AT, folder)
    begin, end = (int(DAY.timestamp() + 3600 * hour) for hour in hours)
    return Stretch(barges, begin, end, world.fixes(begin, end), world.readings(begin, end))


async def ready(url: str, told: Stretch) -> None:
    """Registers and checkpoints as they were before the stretch; then it is over in this store."""
    await give_clock(url)
    begun = _time(told.begin)
    connection = await connect(url)
    try:
        await set_clock(connection, begun)
        await load_registers(connection, told.barges, SEED, begun)
        feed = Feed(FEED, "ais", "仿真", "simulated", None)
        await register_feed(connection, "test", RegisterFeed(feed, begun))
        await set_clock(connection, _time(told.end + _SETTLED_S))
    finally:
        await connection.close()


async def directly(url: str, told: Stretch) -> None:
    """Everything by direct calls, in order, undisturbed."""
    store = BatchStore(
        lambda: connect(url, application="test ingest"),
        PositionHandler(Geography.builtin()),
        RejectedHandler({}, per_minute=1),
        partitions=Partitions(1, LONG_AGO.retention).make_for,
    )
    try:
        for at in range(0, len(told.fixes), _AT_ONCE):
            await store.store(Batch(list(told.fixes[at : at + _AT_ONCE])))
    finally:
        await store.close()
    connection = await connect(url)
    try:
        for one in told.readings:
            _, body = message(one, None)
            adapter = PASSAGES if one.passage.checkpoint.system is System.WUJIANG else SIGHTINGS
            reading = adapter.read(json.dumps(body).encode())
            sent_at = _time(one.sent_at or 0.0)
            command = TakeReading(reading, body, sent_at)
            await take_reading(connection, f"checkpoint:{reading.checkpoint_id}", command)
    finally:
        await connection.close()


async def at_rest(url: str) -> int:
    """Look at everything until nothing changes any more; how many rounds that took."""
    watch = Watch(url)
    watch.use(Geography.builtin())
    calm = 0
    async with await create_pool(url, application="test watch", size=3) as pool:
        for number in range(_ROUNDS):
            done = await watch.round(pool, everything=True)
            waiting = await pool.fetchval(_WAITING)
            calm = 0 if waiting or done.matched or done.raised or done.retracted else calm + 1
            if calm == 3:
                return number + 1
    raise AssertionError("the watch does not come to rest")


def _time(t: float) -> datetime:
    return datetime.fromtimestamp(t, UTC)
