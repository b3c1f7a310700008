"""Caddy with deploy/Caddyfile before the console and the door: TLS, headers, WebSocket, limits."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
import websockets
from caddy_process import FILE, PROGRAM, CaddyProcess
from door_process import Device, photo, prepare
from production_shape import Container, Shape

HEADERS = {
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
pytestmark = pytest.mark.skipif(
    PROGRAM is None,
    reason="NO CADDY: the proxy is not tested (run `ops/setup.sh test`)",
)


def test_the_file_is_valid_and_as_caddy_writes_it() -> None:
    for words in (["validate", "--adapter", "caddyfile", "--config"], ["fmt", "--diff"]):
        done = subprocess.run(
            [str(PROGRAM), *words, str(FILE)], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    assert not [line for line in done.stdout.splitlines() if line.startswith(("+", "-"))]


@pytest.mark.parametrize(
    "given", ["internal", "watch@whistle.example", "/data/own.pem /data/own.key"]
)
def test_every_way_to_a_certificate_is_read(given: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(PROGRAM), "adapt", "--adapter", "caddyfile", "--config", str(FILE)],
        check=False,
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "WHISTLE_TLS": given, "WHISTLE_NAME": "whistle.example"},
    )
    assert done.returncode == 0, done.stderr
    assert '"internal"' in done.stdout or given.split(maxsplit=1)[0] in done.stdout


@pytest.fixture
async def front(database_url: str, tmp_path: Path) -> AsyncIterator[CaddyProcess]:
    """The proxy, and behind it the console and the door as compose starts them."""
    shape = Shape({"WHISTLE_NAME": "localhost", "WHISTLE_STORE_PASSWORD": "none"}, {}, {})
    async with behind(shape, database_url), asyncio.timeout(200):
        with CaddyProcess(tmp_path, shape) as caddy:
            yield caddy


@asynccontextmanager
async def behind(shape: Shape, url: str) -> AsyncIterator[None]:
    """Without a cage: the tests' store has a socket that only we can reach."""
    with (
        Container(shape, "console", cage=False, DATABASE_URL=url) as console,
        Container(shape, "receive", cage=False, DATABASE_URL=url) as receive,
    ):
        for one in (console, receive):
            one.until_healthy()
        yield
        for one in (receive, console):
            assert one.stop() in {0, -15}, one.said


async def test_people_and_devices_come_through(front: CaddyProcess, pool: asyncpg.Pool) -> None:
    with front.client() as client:
        page = client.get(front.url("/"))
        assert page.status_code == 200
        assert HEADERS.items() <= dict(page.headers).items()
        assert "script-src" in page.headers["content-security-policy"]
        assert "server" not in page.headers
        assert client.get(front.url("/readyz")).status_code == 200
    async with httpx.AsyncClient() as stranger:
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await stranger.get(front.url("/"))
        plain = await stranger.get(f"http://localhost:{front.ports['HTTP']}/x?y=1")
    assert (plain.status_code, plain.headers["location"]) == (308, "https://localhost/x?y=1")

    await _pages_connect(front)
    await _devices_post(front, pool)


async def _pages_connect(front: CaddyProcess) -> None:
    """The console's page may, a page of another origin may not."""
    trusted = ssl.create_default_context(cafile=front.authority)
    at = front.url("/_stcore/stream").replace("https:", "wss:")
    async with websockets.connect(
        at, ssl=trusted, origin=f"https://localhost:{front.ports['HTTPS']}",
        subprotocols=[websockets.Subprotocol("streamlit")],
    ) as page:  # fmt: skip
        await page.ping()
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(at, ssl=trusted, origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403


async def _devices_post(front: CaddyProcess, pool: asyncpg.Pool) -> None:
    """With their tokens, and the door's own words when something is too large."""
    tokens = await prepare(pool)
    trusted = ssl.create_default_context(cafile=front.authority)
    async with httpx.AsyncClient(base_url=front.url("", door=True), verify=trusted) as client:
        device = Device(client, "wj-1", tokens["wj-1"])
        taken = await device.passes("0001")
        assert taken.status_code == 200, taken.text
        assert HEADERS.items() <= dict(taken.headers).items()
        assert "server" not in taken.headers
        shown = await device.post("/v1/images", photo(), headers={"content-type": "image/jpeg"})
        assert shown.is_success, shown.text
        large = await device.post("/v1/images", b"\xff\xd8" + bytes(9 * 2**20))
        assert large.status_code == 413
        assert large.json()["code"]
        unknown = Device(client, "wj-1", "x" * 40)
        assert (await unknown.passes("0002")).status_code == 401
        assert (await client.get("/_stcore/health")).status_code == 404
    async with httpx.AsyncClient(base_url=front.url(""), verify=trusted) as client:
        posted = await Device(client, "wj-1", tokens["wj-1"]).passes("0003")
        assert posted.status_code in {404, 405}  # the door is at its own port only
