"""A real console process, a real database, a real Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from console_process import Console, OpenPage, pages_of
from playwright.sync_api import Browser, sync_playwright
from rows import Rows

from ops.browser import FLAGS, chromium
from ops.cluster import Cluster

COMPOSE_WITHOUT_GPU = "--disable-gpu-compositing"
"""The map is drawn by WebGL as ever; the page about it is not, since the GPU is software here."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=chromium(), args=[*FLAGS, COMPOSE_WITHOUT_GPU]
        )
        yield made
        made.close()


@pytest.fixture(scope="session")
def live_url(cluster: Cluster, template_db: str) -> str:
    """Address of the database that the shared console shows."""
    maker = Rows(cluster.url("postgres"))
    maker.execute(f"create database live template {template_db}")
    maker.close()
    return cluster.url("live")


@pytest.fixture(scope="session")
def shared_console(live_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One running console for all tests that leave it running."""
    made = Console(live_url, tmp_path_factory.mktemp("console"))
    made.start()
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture
def console(shared_console: Console) -> Iterator[Console]:
    """A running console; what it says meanwhile is shown when the test fails."""
    before = len(shared_console.said())
    yield shared_console
    print(shared_console.said()[before:])


@pytest.fixture
def rows(live_url: str) -> Iterator[Rows]:
    """Rows in the console's database, which begins empty."""
    made = Rows(live_url)
    made.clear()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def own_console(database_url: str, tmp_path: Path) -> Iterator[Console]:
    """A console on a database of its own, for tests that stop or freeze it."""
    made = Console(database_url, tmp_path)
    made.start()
    try:
        yield made
    finally:
        made.kill()
        print(made.said())


@pytest.fixture
def own_rows(database_url: str) -> Iterator[Rows]:
    """Rows in the database of `own_console`."""
    made = Rows(database_url)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def drawn(request: pytest.FixtureRequest) -> bool:
    """Whether the test is marked `drawn`: it looks at the map's pixels, points at it, or times."""
    return request.node.get_closest_marker("drawn") is not None


@pytest.fixture
def open_page(browser: Browser, console: Console, drawn: bool) -> Iterator[OpenPage]:
    """Opens the Live page of the shared console."""
    with pages_of(browser, console, drawn=drawn) as show:
        yield show


@pytest.fixture
def open_own_page(browser: Browser, own_console: Console, drawn: bool) -> Iterator[OpenPage]:
    """Opens the Live page of `own_console`."""
    with pages_of(browser, own_console, drawn=drawn) as show:
        yield show
