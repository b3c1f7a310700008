"""The broker away for two minutes at 500 messages a second, and the relay killed meanwhile."""

import asyncio
import socket
from collections import Counter
from pathlib import Path

import pytest
from ingest_process import free_port
from kafka_broker import installation
from nmea import barge
from relay_process import RelayProcess, beside, delivered

from ops.broker import Broker
from streams.kafka.topics import create
from streams.topics.registry import topics

RATE = 500
AWAY_S = 120
VESSELS = [413000100 + n for n in range(50)]


def fix(number: int) -> bytes:
    return barge(
        mmsi=VESSELS[number % len(VESSELS)], lon=120.0 + round(number * 0.00001, 5), second=60
    )


class Station:
    """Sends numbered reports by UDP at `RATE` for as long as it is asked to."""

    def __init__(self, port: int) -> None:
        self.sent = 0
        self._to = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    async def send(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        start, first = loop.time(), self.sent
        while self.sent - first < seconds * RATE:
            while self.sent - first < min(seconds, loop.time() - start + 0.01) * RATE:
                self._socket.sendto(fix(self.sent), self._to)
                self.sent += 1
            await asyncio.sleep(0.01)

    def close(self) -> None:
        self._socket.close()


@pytest.mark.faults
@pytest.mark.timeout(600)
async def test_two_minutes_without_a_broker(broker: Broker, tmp_path: Path) -> None:
    """What was taken is sent once and in order per vessel, also that from before SIGKILL."""
    kafka = installation(broker.bootstrap)
    await create(kafka, list(topics().values()))
    port = free_port()
    station = Station(port)
    options = ("--udp", f"127.0.0.1:{port}", "--feed", "mast")
    async with RelayProcess(kafka, tmp_path / "spool", *options) as run:
        await run.until(broker="direct")
        await station.send(5)
        await beside(broker.stop)
        await station.send(AWAY_S / 2)
        waiting = (await run.until(broker="away"))["spool_messages"]
        assert isinstance(waiting, int)
        assert waiting > AWAY_S / 2 * RATE * 0.9
        await run.until(spool_messages=await all_in(run, station))
        await run.kill()
    before = station.sent
    async with RelayProcess(kafka, tmp_path / "spool", *options) as run:
        await run.until(broker="away")
        await station.send(AWAY_S / 2)
        starting = asyncio.create_task(beside(broker.start))
        while not starting.done():
            await station.send(0.2)
        await starting
        await station.send(5)
        await run.until(broker="direct", spool_messages=0)
        assert await run.terminate() == 0
    found = await delivered(kafka, station.sent)
    in_log = {
        mmsi: [round((one.fix.lon - 120.0) / 0.00001) for one in found.of(mmsi)] for mmsi in VESSELS
    }
    numbers = Counter(number for one in in_log.values() for number in one)
    print(f"sent {station.sent}, before the kill {before}, in the log {numbers.total()}")
    assert sorted(numbers) == list(range(station.sent))
    assert set(numbers.values()) == {1}
    assert all(one == sorted(one) for one in in_log.values())
    station.close()


async def all_in(run: RelayProcess, station: Station) -> int:
    """Messages that wait when the relay has taken all that was sent."""
    last = -1
    while True:
        _, said = await run.ready()
        now = said["spool_messages"]
        assert isinstance(now, int)
        if now == last:
            return now
        last = now
        await asyncio.sleep(0.5)
