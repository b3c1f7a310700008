"""A private PostGIS for the whole run, and a fresh migrated database for every test that asks."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import hypothesis
import pytest
from kafka_broker import Foreign, provided

from ops.broker import Broker
from ops.cluster import Cluster

# how long an example takes depends on what else the machine does
hypothesis.settings.register_profile("whistle", deadline=None)
hypothesis.settings.load_profile("whistle")

TEMPLATE = "whistle_template"
ORDER = ("unit", "integration", "app", "faults", "e2e", "soak")
"""Playwright's loop stays in the main thread once it runs, so asyncio's own tests come before."""
_numbers = count(1)


def run_apart(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine on a loop of its own, whatever loop the test has."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the folders in this order, whatever was named on the command line."""
    tests = Path(__file__).parent
    items.sort(key=lambda item: ORDER.index(item.path.relative_to(tests).parts[0]))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL with PostGIS under a temporary folder, gone after the run."""
    # not pytest's tmp_path: that is mode 0700 for us, and root's server runs as another user
    with tempfile.TemporaryDirectory(prefix="whistle-test-") as folder:
        Path(folder).chmod(0o755)
        made = Cluster(Path(folder), durable=False)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="session")
def given_broker() -> Iterator[Broker | Foreign]:
    """Kafka for the whole run; each test has topics of its own there (`installation`)."""
    with provided() as made:
        yield made


@pytest.fixture
def bootstrap(given_broker: Broker | Foreign) -> str:
    """Address of a broker, of whichever kind."""
    return given_broker.bootstrap


@pytest.fixture
def broker(given_broker: Broker | Foreign) -> Iterator[Broker]:
    """Apache Kafka that the test may stop, kill and freeze; it runs again afterwards."""
    if not isinstance(given_broker, Broker):
        pytest.skip("NO REAL BROKER: this test stops it")
    try:
        yield given_broker
    finally:
        if given_broker.process is None:
            given_broker.start()
        given_broker.thaw()


@pytest.fixture(scope="session")
def template_db(cluster: Cluster) -> str:
    """Name of a database with all migrations applied; nobody may stay connected to it."""
    from db.migrate import migrate

    cluster.create_database(TEMPLATE)

    async def fill() -> None:
        connection = await asyncpg.connect(cluster.url(TEMPLATE))
        try:
            await migrate(connection)
        finally:
            await connection.close()

    run_apart(fill)
    return TEMPLATE


@pytest.fixture
def empty_database_url(cluster: Cluster) -> Iterator[str]:
    """Address of a new database without any migration."""
    yield from _database(cluster, "template0")


@pytest.fixture
def database_url(cluster: Cluster, template_db: str) -> Iterator[str]:
    """Address of a new, migrated, empty database, dropped after the test."""
    yield from _database(cluster, template_db)


@pytest.fixture
def second_url(cluster: Cluster, template_db: str) -> Iterator[str]:
    """Address of another such database, to compare with."""
    yield from _database(cluster, template_db)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """The product's own pool on a new database."""
    from db.pool import create_pool

    made = await create_pool(database_url)
    try:
        yield made
    finally:
        await made.close()


def _database(cluster: Cluster, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    run_apart(
        lambda: _execute(cluster.url("postgres"), f"create database {name} template {template}")
    )
    try:
        yield cluster.url(name)
    finally:
        run_apart(lambda: _execute(cluster.url("postgres"), f"drop database {name} with (force)"))
