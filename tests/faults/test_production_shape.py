"""The whole of docker-compose.yml, once, by hand: there is no container engine where the tests run,
so every service runs as a process with its own command, environment and health check. Sentences go
in by TCP and UDP, readings at the door; a fix, a crossing and an alert come out.
"""

import asyncio
import json
import re
import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from caddy_process import PROGRAM, CaddyProcess
from compose_file import OURS, ROOT, SERVICES, order
from ingest_process import settled
from nmea import barge
from production_kafka import PASSWORD as KAFKA_PASSWORD
from production_kafka import ProductionKafka, kafka_or_skip
from production_shape import Container, Shape
from production_store import PASSWORD as STORE_PASSWORD
from production_store import ProductionStore

from db.pool import create_pool
from domain.clock import utc_now
from seed.case_book import CaseBook
from seed.checkpoints import ZHOUZHUANG
from seed.chorus import CaseReception
from seed.device_link import DeviceLink
from seed.device_service import Bank, DeviceOrder, TokenFile, watch
from seed.load_registers import issue_tokens, load_registers
from streams.kafka.client import options
from streams.topics.registry import topics

SEED, BARGES, AGO_S = 2024, 3, 480
BY_UDP = 413_000_777


@pytest.fixture
def folder() -> Iterator[Path]:
    """Of the store too, whose user has to be able to enter it."""
    with tempfile.TemporaryDirectory(prefix="whistle-shape-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@contextmanager
def store_and_broker(folder: Path) -> Iterator[tuple[ProductionStore, ProductionKafka]]:
    (folder / "kafka").mkdir()
    kafka = kafka_or_skip(folder / "kafka")
    store = ProductionStore(folder / "store")
    try:
        with kafka:
            kafka.start()
            yield store, kafka
            assert kafka.stop() in {0, 143}
    finally:
        store.stop()


@pytest.mark.faults
@pytest.mark.timeout(900)
async def test_the_file_as_processes_from_sentence_to_alert(folder: Path) -> None:
    with ExitStack() as stack:
        store, kafka = stack.enter_context(store_and_broker(folder))
        await store.create()
        shape = Shape(
            {
                "WHISTLE_STORE_PASSWORD": STORE_PASSWORD,
                "WHISTLE_KAFKA_PASSWORD": KAFKA_PASSWORD,
                "WHISTLE_NAME": "localhost",
                "WHISTLE_BACKUP_DIR": str(store.backup),
            },
            {
                ("store", 5432): store.port,
                ("kafka", 9092): int(kafka.inside.rpartition(":")[2]),
            },
            {"/var/lib/whistle/relay": folder / "spool"},
        )
        running = started(stack, shape)
        replicas = SERVICES["ingest"]["deploy"]["replicas"]
        assert len(running) == len([n for n in OURS if SERVICES[n]["restart"] != "no"]) + (
            replicas - 1
        )
        proxy = None
        if PROGRAM is not None:
            proxy = stack.enter_context(CaddyProcess(folder, shape))
        await the_lead_case(shape, store, folder)
        await told(kafka)
        in_front(shape, proxy)
        stopped(running)


def started(stack: ExitStack, shape: Shape) -> dict[str, Container]:
    """Every service of ours in the order of the file; once healthy it is waited for no longer."""
    running: dict[str, Container] = {}
    for name in [one for one in order() if one in OURS]:
        if SERVICES[name]["restart"] == "no":
            with Container(shape, name) as once:
                assert once.ended() == 0, once.said
            continue
        for replica in range(1, SERVICES[name]["deploy"].get("replicas", 1) + 1):
            one = Container(shape, name, replica)
            assert not one.healthy()
            running[one.name] = stack.enter_context(one)
    for one in running.values():
        one.until_healthy()
    return running


async def the_lead_case(shape: Shape, store: ProductionStore, folder: Path) -> None:
    """Two laden barges leave Qingpu without papers: through every part, to an alert."""
    tokens, book = folder / "tokens.json", CaseBook(folder / "case.json")
    now = int(utc_now().timestamp())
    begun = book.begin(now - AGO_S)
    radio = CaseReception(book, SEED, lambda: True)
    lines = [line.rstrip() for _, said in radio.lines(begun, now) for line in said]
    async with await create_pool(store.url(), size=2) as pool, pool.acquire() as connection:
        await load_registers(connection, BARGES, SEED)
        await issue_tokens(connection, tokens)
    receivers = ("127.0.0.1", shape.port("relay", 10110))
    _, tcp = await asyncio.open_connection(*receivers)
    tcp.write(b"".join(line + b"\r\n" for line in lines))
    await tcp.drain()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(barge(mmsi=BY_UDP, second=utc_now().second) + b"\r\n", receivers)
    bank = Bank(DeviceOrder(BARGES, SEED, dark_share=0.0, strays=False, case=book.path))
    points = [point.checkpoint_id for point in bank.points]
    door = f"http://127.0.0.1:{shape.port('receive', 10112)}"
    posting = asyncio.create_task(watch(bank, DeviceLink(door, TokenFile(tokens), points)))
    connection = await asyncpg.connect(store.url())
    try:
        fixes = "select count(*) from vessel_position where mmsi = $1"
        await settled(connection, fixes.replace("$1", str(BY_UDP)), bool, 120)
        gate = f"select count(*) from reading where checkpoint_id = '{ZHOUZHUANG}'"  # noqa: S608
        await settled(connection, gate, lambda n: n >= 2, 120)
        await settled(connection, "select count(*) from crossing", lambda n: n >= 2, 120)
        await settled(connection, "select count(*) from alert", lambda n: n >= 2, 120)
    finally:
        posting.cancel()
        await asyncio.wait({posting})
        tcp.close()
        await connection.close()


async def told(kafka: ProductionKafka) -> None:
    """The outbox has sent crossings and alerts to whoever reads Kafka."""
    async with AIOKafkaConsumer(**options(kafka.settings())) as reader, asyncio.timeout(120):
        for topic in ("whistle.crossings", "whistle.alerts"):
            places = [TopicPartition(topic, n) for n in range(topics()[topic].partitions)]
            while sum((await reader.end_offsets(places)).values()) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


def in_front(shape: Shape, proxy: CaddyProcess | None) -> None:
    """The console, and every figure that docs/operations.md says to watch."""
    assert _get(shape, "console", 8501, "/readyz")
    figures = "".join(
        _get(shape, service, inner, "/metrics")
        for service, inner in (("relay", 10114), ("ingest", 10113), ("outbox", 10115))
    )
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    watched = set(
        re.findall(r"`(?:sum\()?(whistle_(?:stream|relay|source|ingest|outbox)_\w+)", page)
    )
    assert len(watched) > 12
    assert [name for name in sorted(watched) if f"# HELP {name} " not in figures] == []
    if proxy is not None:
        assert proxy.get("/readyz").status_code == 200
        assert json.loads(proxy.get("/openapi.json", door=True).content)["paths"]


def _get(shape: Shape, service: str, inner: int, path: str) -> str:
    at = f"http://127.0.0.1:{shape.port(service, inner)}{path}"
    with urllib.request.urlopen(at, timeout=10) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def stopped(running: dict[str, Container]) -> None:
    """Front to back, as compose does it; everything that was taken is stored by then."""
    for name in reversed(running):
        assert running[name].stop() in {0, -15}, running[name].said[-2000:]
