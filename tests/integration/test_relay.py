"""Receivers to a real broker through the relay: what they said, once, in order, as it arrived."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import OutOfOrderSequenceNumber
from ingest_process import free_port, sender
from kafka_broker import installation
from nmea import ais, barge
from pydantic import SecretStr
from relay_process import RelayProcess, ask, beside, delivered
from samples import own_sample

from ops.broker import Broker
from streams.contracts.ais import AisDecoder
from streams.inputs import open_inputs
from streams.kafka.topics import create
from streams.relay.delivery import State
from streams.relay.relay import Relay
from streams.relay.spool import Spool
from streams.settings import KafkaSettings, RelaySettings
from streams.sources.lines import LineSplitter
from streams.topics.registry import topics

TOPICS = list(topics().values())
VESSELS_SENT = [413000100 + n for n in range(20)]


def fix(number: int) -> bytes:
    """A report that tells its number: each vessel reports in turn, its longitude grows."""
    mmsi = VESSELS_SENT[number % len(VESSELS_SENT)]
    return barge(mmsi=mmsi, lon=120.0 + round(number * 0.00001, 5), second=60)


def number_of(lon: float) -> int:
    return round((lon - 120.0) / 0.00001)


def relay_settings(folder: Path, **more: object) -> RelaySettings:
    return RelaySettings(relay_spool=folder / "spool", relay_name="mast-1", **more)


@asynccontextmanager
async def relaying(
    kafka: KafkaSettings, settings: RelaySettings, **inputs: object
) -> AsyncIterator[Relay]:
    """A relay that runs in this loop and is stopped gracefully at the end."""
    relay = Relay(open_inputs("mast", **inputs), kafka, settings=settings)
    running = asyncio.create_task(relay.run())
    try:
        yield relay
        relay.stop()
        async with asyncio.timeout(60):
            await running
    finally:
        running.cancel()


async def until(holds: Callable[[], bool], timeout_s: float = 60) -> None:
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110 - changes in another task
            await asyncio.sleep(0.02)


def address(relay: Relay, place: int = 0) -> tuple[str, int]:
    return relay.inputs[place].source.address  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
async def kafka(bootstrap: str) -> KafkaSettings:
    """An installation with its topics."""
    made = installation(bootstrap)
    await create(made, TOPICS)
    return made


async def test_a_recording_comes_out_as_it_is_decoded(kafka: KafkaSettings, tmp_path: Path) -> None:
    lines = [line.raw for line in own_sample()]
    recording = tmp_path / "all.nmea"
    recording.write_bytes(b"\n".join([*lines, b"no sentence \xff\x00", b"x" * 3000]) + b"\n")
    settings = relay_settings(tmp_path)
    relay = Relay(open_inputs("mast", files=[recording]), kafka, settings=settings)
    async with asyncio.timeout(60):
        await relay.run()
    found = await delivered(kafka, relay.stored)
    arrived = min(one.sentence.arrived_at for one in found.messages)
    assert datetime.now(UTC) - arrived < timedelta(minutes=5)
    decoder = AisDecoder(now=lambda: datetime.now(UTC), retention=timedelta(days=30))
    splitter = LineSplitter("mast", offset=0)
    sentences = splitter.feed(recording.read_bytes(), arrived)
    expected = [message for one in sentences for message in decoder.decode(one)]
    expected += decoder.flush()
    assert len(found.messages) == len(expected) == relay.stored
    assert {one.sentence.source_id for one in found.messages} == {relay.inputs[0].source.source_id}
    assert Counter((type(one), one.sentence.offset, one.sentence.raw) for one in expected) == (
        Counter((type(one), one.sentence.offset, one.sentence.raw) for one in found.messages)
    )
    assert relay.spool.dropped == relay.delivery.again == 0


async def test_tcp_and_udp_at_once_in_order_per_vessel(
    kafka: KafkaSettings, tmp_path: Path
) -> None:
    settings = relay_settings(tmp_path, relay_batch_messages=7)
    anywhere = {"listen": ["127.0.0.1:0"], "udp": ["127.0.0.1:0"]}
    async with relaying(kafka, settings, **anywhere) as relay:
        await until(lambda: relay.delivery.waited_s < 1)
        _, tcp = await asyncio.open_connection(*address(relay))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            for number in range(600):
                tcp.write(fix(number) + b"\r\n")
                udp.sendto(fix(number + 10_000), address(relay, 1))
                if number % 50 == 0:
                    await tcp.drain()
        await tcp.drain()
        await until(lambda: relay.sentences.total() == 1200)
        tcp.close()
    assert relay.stored == 1200
    found = await delivered(kafka, 1200)
    assert len(found.messages) == 1200
    for feed_id, first in (("mast", 0), ("mast-2", 10_000)):
        for mmsi in VESSELS_SENT:
            numbers = [
                number_of(one.fix.lon) for one in found.of(mmsi) if one.sentence.feed_id == feed_id
            ]
            assert numbers == sorted(numbers)
            assert len(numbers) == 30
            assert min(numbers) >= first
    assert relay.spool.empty


async def test_a_type_five_in_two_parts_is_one_message(
    kafka: KafkaSettings, tmp_path: Path
) -> None:
    settings = relay_settings(tmp_path)
    async with relaying(kafka, settings, listen=["127.0.0.1:0"]) as relay:
        _, tcp = await asyncio.open_connection(*address(relay))
        first, second = ais(type=5, mmsi=413000123, shipname="HU", sequence=3)
        tcp.write(first + b"\n")
        await tcp.drain()
        await until(lambda: relay.sentences.total() == 1)
        tcp.write(second + b"\n" + first + b"\n")
        await tcp.drain()
        await until(lambda: relay.sentences.total() == 3)
        tcp.close()
    found = await delivered(kafka, 3)
    # the third is half a message of a receiver that is not heard any more
    assert Counter(type(one).__name__ for one in found.messages) == {
        "OtherMessage": 1,
        "StaticMessage": 1,
        "Rejected": 1,
    }


async def test_a_broker_away_and_back_loses_nothing(broker: Broker, tmp_path: Path) -> None:
    """Killed and started again at some hundred messages a second; an orderly stop comes below."""
    kafka = installation(broker.bootstrap)
    await create(kafka, TOPICS)
    settings = relay_settings(tmp_path, relay_patience_s=0.5)
    sent = 0
    async with relaying(kafka, settings, udp=["127.0.0.1:0"]) as relay:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:

            async def send(count: int) -> None:
                nonlocal sent
                for _ in range(count):
                    udp.sendto(fix(sent), address(relay))
                    sent += 1
                    if sent % 10 == 0:
                        await asyncio.sleep(0.01)

            await send(300)
            await until(lambda: relay.delivery.delivered == sent)
            await beside(broker.kill)
            await send(400)
            await until(lambda: relay.delivery.state is State.AWAY)
            await until(lambda: relay.sentences.total() == sent)
            ready, said = relay.ready()
            assert ready
            assert said["broker"] == "away"
            starting = asyncio.create_task(beside(broker.start))
            while not starting.done():
                await send(20)
            await starting
            await send(100)
            await until(lambda: relay.delivery.state is State.DIRECT)
        await until(lambda: relay.sentences.total() == sent)
    assert relay.stored == sent
    found = await delivered(kafka, sent)
    numbers = Counter(number_of(one.fix.lon) for mmsi in VESSELS_SENT for one in found.of(mmsi))
    assert sorted(numbers) == list(range(sent))
    # twice only what a producer that was replaced had on its way, and then it is counted
    assert numbers.total() - sent <= relay.delivery.again
    for mmsi in VESSELS_SENT:
        in_log = list(dict.fromkeys(number_of(one.fix.lon) for one in found.of(mmsi)))
        assert in_log == sorted(in_log)
    stamped = {number_of(one.fix.lon): one.sentence.arrived_at for one in found.of(VESSELS_SENT[0])}
    assert list(stamped.values()) == sorted(stamped.values())  # when it came, not when it was sent


async def test_killed_while_the_broker_is_away(broker: Broker, tmp_path: Path) -> None:
    """What stood in the spool when SIGKILL came is sent by the next run, before what is new."""
    kafka = installation(broker.bootstrap)
    await create(kafka, TOPICS)
    await beside(broker.stop)
    port = free_port()
    options = ("--listen", f"127.0.0.1:{port}", "--feed", "mast")
    spool = tmp_path / "spool"
    async with RelayProcess(kafka, spool, *options) as run:
        _, tcp = await sender(port)
        tcp.write(b"".join(fix(n) + b"\n" for n in range(500)))
        await tcp.drain()
        said = await run.until(spool_messages=500)
        assert said["ready"]
        await run.kill()
        tcp.close()
    async with RelayProcess(kafka, spool, *options) as run:
        _, tcp = await sender(port)
        tcp.write(b"".join(fix(n) + b"\n" for n in range(500, 700)))
        await tcp.drain()
        await run.until(spool_messages=700)
        tcp.close()
        await beside(broker.start)
        await run.until(spool_messages=0, broker="direct")
        _, metrics = await ask(run.port, b"/metrics")
        assert b"whistle_relay_delivered_messages_total 700.0" in metrics
        assert await run.terminate() == 0
    found = await delivered(kafka, 700)
    assert len(found.messages) == 700
    for mmsi in VESSELS_SENT:
        numbers = [number_of(one.fix.lon) for one in found.of(mmsi)]
        assert numbers == [n for n in range(700) if VESSELS_SENT[n % 20] == mmsi]
    assert b"relay.resume" in run.errors


async def test_stopped_while_the_broker_is_away(tmp_path: Path) -> None:
    """The rest stays in the spool, said, and it is no failure."""
    kafka = KafkaSettings(kafka_bootstrap=f"127.0.0.1:{free_port()}")
    port = free_port()
    options = ("--listen", f"127.0.0.1:{port}")
    drain = {"WHISTLE_RELAY_DRAIN_S": "0.2", "WHISTLE_RELAY_PATIENCE_S": "0.2"}
    async with RelayProcess(kafka, tmp_path, *options, **drain) as run:
        _, tcp = await sender(port)
        tcp.write(fix(1) + b"\n" + fix(2) + b"\n")
        await tcp.drain()
        said = await run.until(spool_messages=2, broker="away")
        assert "no broker answers" in str(said["reason"])
        assert await run.terminate() == 0
        tcp.close()
    assert b'"messages": 2, "event": "left in the spool"' in run.errors
    assert run.errors.count(b"relay.refused") == 1
    assert b"Traceback" not in run.errors


async def test_topics_that_are_made_later(bootstrap: str, tmp_path: Path) -> None:
    """With other partitions than the register says: the records are put together anew."""
    kafka = installation(bootstrap)
    settings = relay_settings(tmp_path)
    other = [
        replace(topic, partitions=5) if topic.name == "vessel.positions" else topic
        for topic in TOPICS
    ]
    async with relaying(kafka, settings, listen=["127.0.0.1:0"]) as relay:
        _, tcp = await asyncio.open_connection(*address(relay))
        tcp.write(b"".join(fix(n) + b"\n" for n in range(200)))
        await tcp.drain()
        await until(lambda: relay.spool.pending_messages == 200)
        await create(kafka, other)
        await until(lambda: relay.spool.empty)
        tcp.write(b"".join(fix(n) + b"\n" for n in range(200, 300)))
        await tcp.drain()
        await until(lambda: relay.delivery.delivered == 300)
        tcp.close()
    found = await delivered(kafka, 300)
    for mmsi in VESSELS_SENT:
        numbers = [number_of(one.fix.lon) for one in found.of(mmsi)]
        assert numbers == [n for n in range(300) if VESSELS_SENT[n % 20] == mmsi]


async def test_a_client_that_gives_up_is_replaced(
    kafka: KafkaSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker has taken a record, the answer is an error that no retry mends."""
    send, calls = AIOKafkaProducer.send, count()

    async def failing(one: AIOKafkaProducer, *args: object, **named: object) -> object:
        ack = await send(one, *args, **named)
        if next(calls) != 3:
            return ack
        await ack
        broken = asyncio.get_running_loop().create_future()
        broken.set_exception(OutOfOrderSequenceNumber())
        return broken

    monkeypatch.setattr(AIOKafkaProducer, "send", failing)
    settings = relay_settings(tmp_path, relay_batch_messages=5)
    async with relaying(kafka, settings, listen=["127.0.0.1:0"]) as relay:
        _, tcp = await asyncio.open_connection(*address(relay))
        tcp.write(b"".join(fix(n) + b"\n" for n in range(1000)))
        await tcp.drain()
        await until(lambda: relay.delivery.delivered == 1000)
        tcp.close()
    assert relay.delivery.again > 0
    found = await delivered(kafka, 1000)
    assert len(found.messages) <= 1000 + relay.delivery.again
    for mmsi in VESSELS_SENT:
        first_seen = list(dict.fromkeys(number_of(one.fix.lon) for one in found.of(mmsi)))
        assert first_seen == [n for n in range(1000) if VESSELS_SENT[n % 20] == mmsi]


async def test_a_wrong_password_is_said_and_what_comes_is_kept(
    broker: Broker, tmp_path: Path
) -> None:
    kafka = installation(
        broker.with_password,
        kafka_security="SASL_PLAINTEXT",
        kafka_user="mast",
        kafka_password=SecretStr("guessed"),
    )
    settings = relay_settings(tmp_path, relay_patience_s=0.2, relay_drain_s=0.1)
    async with relaying(kafka, settings, listen=["127.0.0.1:0"]) as relay:
        _, tcp = await asyncio.open_connection(*address(relay))
        tcp.write(fix(1) + b"\n")
        await tcp.drain()
        await until(lambda: "does not accept this user" in (relay.delivery.reason or ""))
        await until(lambda: relay.delivery.state is State.AWAY)
        await until(lambda: relay.spool.pending_messages == 1)
        tcp.close()
    with closing(Spool(settings.relay_spool, limit_bytes=settings.spool_bytes)) as left:
        assert left.pending_messages == 1


async def test_a_setting_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    """Before anything is taken."""
    options = ("--udp", f"127.0.0.1:{free_port()}")
    async with RelayProcess(KafkaSettings(), tmp_path, *options) as run:
        assert await run.ended() == 2
    (line,) = run.errors.splitlines()
    assert line.startswith(b"whistle: WHISTLE_KAFKA_BOOTSTRAP: expected host:port")
