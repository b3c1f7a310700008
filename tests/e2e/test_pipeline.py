"""From a radio sentence on a TCP socket to the screen, every part a real process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_process import ROOT, Console, OpenPage
from ingest_process import free_port
from nmea import ais, barge
from playwright.sync_api import expect
from sights import PATIENCE_MS, row, until

HOSTILE = "<B ONCLICK=ALERT(1)>"
"""As long as AIS lets a name be, in its six-bit letters."""


class Command:
    """A `whistle` command beside the console, on the same database."""

    def __init__(self, url: str, log: Path, *arguments: str) -> None:
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops.cli", *arguments],
                cwd=log.parent,
                env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def end(self) -> None:
        """SIGTERM, and wait."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


@pytest.fixture
def port(database_url: str, tmp_path: Path, own_console: Console) -> Iterator[int]:
    """Where an ingest on the console's database listens."""
    number = free_port()
    ingest = Command(
        database_url, tmp_path / "ingest.log", "ingest", "--listen", f"127.0.0.1:{number}"
    )
    try:
        yield number
    finally:
        ingest.end()
        print((tmp_path / "ingest.log").read_text())


def connection(port: int) -> socket.socket:
    """A receiver's connection to an ingest that may still be starting."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_simulated_barges_sail_on_the_page(
    database_url: str, tmp_path: Path, port: int, open_own_page: OpenPage
) -> None:
    page = open_own_page()
    expect(page.locator("[data-banner] b")).not_to_be_empty(timeout=PATIENCE_MS)
    connection(port).close()
    target = ("--connect", f"127.0.0.1:{port}", "--barges", "40", "--since", "10m", "--rate", "200")
    traffic = Command(database_url, tmp_path / "traffic.log", "traffic", *target)
    try:
        listed = page.locator("[data-list]")
        until(page, lambda: int(listed.get_attribute("data-rows") or 0) >= 30, 120)
        expect(page.locator("html[data-stale]")).to_have_count(0, timeout=PATIENCE_MS)
        expect(page.locator(".feed .word")).to_have_text("已连接")
        page.locator(".vessel").first.click()
        facts = page.locator("[data-pane='drawer'] .facts").first
        expect(facts).to_contain_text("最新船位", timeout=PATIENCE_MS)
    finally:
        traffic.end()
    expect(page.locator("html")).to_have_attribute("data-stale", "cut", timeout=PATIENCE_MS)
    expect(page.locator("[data-banner] b")).to_have_text("数据链路中断：数据源已断开")


def test_hostile_sentences_are_refused_by_name_or_shown_as_text(
    port: int, open_own_page: OpenPage
) -> None:
    good = barge(mmsi=413000777, lon=120.82, lat=31.05, heading=90)
    named = ais(type=5, mmsi=413000777, shipname=HOSTILE, destination="<B>", sequence=1)
    beyond = barge(mmsi=413000888, lon=181.0)
    absurd = barge(mmsi=123456789)
    flipped = good[:-1] + (b"0" if good[-1:] != b"0" else b"1")
    lines = [good, *named, good[:20], beyond, absurd, flipped, b"<script>alert(1)</script>"]
    page = open_own_page()
    with connection(port) as receiver:
        receiver.sendall(b"\r\n".join(lines) + b"\r\n")
        name = row(page, 413000777).locator(".name")
        expect(name).to_have_text(HOSTILE, timeout=PATIENCE_MS)
        expect(page.locator(".vessel")).to_have_count(1)
        table = page.locator(".pop")
        for reason in ("校验和错误", "坐标无效", "MMSI 无效"):
            refused = table.locator("tr", has_text=reason).locator("td").first
            expect(refused).to_have_text("1", timeout=PATIENCE_MS)
        row(page, 413000777).click()
        expect(page.locator(".drawer-head h2")).to_have_text(HOSTILE, timeout=PATIENCE_MS)
    assert page.locator("img, [onclick], .pane script").count() == 0
