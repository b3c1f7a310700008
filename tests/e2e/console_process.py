"""`whistle serve` as the tests run it: a process of its own, started from another folder."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest_process import free_port
from playwright.sync_api import Browser, BrowserContext, Error, Page

ROOT = Path(__file__).parents[2]
START_S = 120
SIZE = {"width": 1600, "height": 950}

OpenPage = Callable[..., Page]
"""Opens the Live page: a query, and the size of the window."""

UNDRAWN = """
window.undrawn = 0
for (const name of ['drawArrays', 'drawArraysInstanced', 'drawElements', 'drawElementsInstanced']) {
  WebGL2RenderingContext.prototype[name] = () => { window.undrawn++ }
}
"""
"""Leaves out what a graphics card would do, counted as `window.undrawn`: the map works, and is
asked for each picture, but nothing is painted. Painting by software takes a core of its own."""


class Console:
    """One run of the command."""

    def __init__(self, url: str, cwd: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._url = url
        self._cwd = cwd
        self._log = cwd / "console.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops.cli", "serve", "--port", str(self.port)],
                cwd=self._cwd,
                env={**os.environ, "DATABASE_URL": self._url, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_S
        while self.get("/healthz") != 200:
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def get(self, path: str) -> int:
        """Status of a request, 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def freeze(self) -> None:
        """Hold the process without ending it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def kill(self) -> None:
        """End it in any case."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(30)

    def said(self) -> str:
        """Its log."""
        return self._log.read_text(errors="replace")


@contextlib.contextmanager
def pages_of(browser: Browser, console: Console, *, drawn: bool = False) -> Iterator[OpenPage]:
    """Pages of one console. None may ask another host, or fail in its scripts.

    Their map is painted only if `drawn`; all else is as it is.
    """
    faults: list[str] = []
    with contextlib.ExitStack() as stack:

        def show(query: str = "", size: dict[str, int] = SIZE) -> Page:
            context: BrowserContext = browser.new_context(viewport=size)
            stack.callback(context.close)
            if not drawn:
                context.add_init_script(UNDRAWN)
            page = context.new_page()
            stack.callback(_say, page)
            page.set_default_timeout(60_000)
            page.on("request", lambda request: _check_host(request.url, console, faults))
            page.on("websocket", lambda socket: _check_host(socket.url, console, faults))
            page.on("console", lambda said: print("browser:", said.type, said.text))
            page.on("pageerror", lambda error: faults.append(f"script: {error}"))
            page.goto(console.address + "/" + query)
            return page

        yield show
    assert faults == []


def _say(page: Page) -> None:
    """What the page last knew, for the log of a test that failed."""
    with contextlib.suppress(Error):
        print("page:", page.url, page.evaluate("({...document.documentElement.dataset})"))


def _check_host(url: str, console: Console, faults: list[str]) -> None:
    own = (console.address + "/", console.address.replace("http", "ws", 1) + "/", "data:", "blob:")
    if not url.startswith(own):
        faults.append(f"asked {url}")
