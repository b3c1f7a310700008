"""What a person sees on the Live page, found again by a test."""

import time
from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Locator, Page
from rows import Barge

from bench.latency import on_canvas

T = TypeVar("T")

PATIENCE_MS = 60_000
"""Nothing takes so long; a machine that is busy with other things may."""

FLEET = [
    Barge(413000001, "TAIPU 1", 120.80, 31.00, sog_kn=5.0, cog_deg=90),
    Barge(413000002, "TAIPU 2", 120.84, 31.10, sog_kn=6.0, cog_deg=270, heading_deg=None),
    Barge(413000003, "TAIPU 3", 120.92, 31.04, sog_kn=0.0),
    Barge(413000004, None, 120.76, 30.94, sog_kn=4.0, adcode="330421", border_water=True),
    Barge(413000005, "CANAL 5", 120.70, 31.08, sog_kn=3.0, adcode="320509", age_s=4000),
]


def row(page: Page, mmsi: int) -> Locator:
    """A vessel's row in the list."""
    return page.locator(f".vessel[data-vessel='{mmsi}']")


def listed(page: Page) -> list[int]:
    """MMSI in the list from top to bottom."""
    found = page.locator("[data-list]").evaluate(
        "box => [...box.querySelectorAll('.vessel')]"
        ".sort((a, b) => a.getAttribute('aria-posinset') - b.getAttribute('aria-posinset'))"
        ".map(row => Number(row.dataset.vessel))"
    )
    assert isinstance(found, list)
    return found


def shown_tick(page: Page) -> int:
    """The tick that the page shows."""
    return int(page.locator("html").get_attribute("data-tick") or 0)


def until(page: Page, look: Callable[[], T], timeout_s: float = PATIENCE_MS / 1000) -> T:
    """The first true thing that `look` sees; the page goes on meanwhile."""
    deadline = time.monotonic() + timeout_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not seen within {timeout_s} s"
        page.wait_for_timeout(50)
    return seen


def ticks_later(page: Page, seconds: int) -> None:
    """Wait until the page shows a tick at least `seconds` newer."""
    wanted = shown_tick(page) + seconds
    until(page, lambda: shown_tick(page) >= wanted)


def spot(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Where a place stands on the screen while the map shows its opening view."""
    box = page.locator("canvas").first.bounding_box()
    assert box is not None
    x, y = on_canvas(lon, lat, box["width"], box["height"])
    return box["x"] + x, box["y"] + y
