"""The map keeps the operator's view and is never blank."""

import time

import pytest
from console_process import OpenPage
from playwright.sync_api import Page, expect
from rows import Rows
from sights import FLEET, PATIENCE_MS, row, spot, ticks_later, until

SAMPLED_S = 60


@pytest.fixture(autouse=True)
def fleet(rows: Rows) -> None:
    rows.put(*FLEET)
    rows.beat()


def hovered(page: Page, x: float, y: float) -> str:
    """What the map says about the barge under the pointer."""
    page.mouse.move(x - 40, y - 40)
    page.mouse.move(x, y)
    page.wait_for_timeout(300)
    tip = page.locator(".deck-tooltip")
    return tip.inner_text() if tip.is_visible() else ""


def test_a_pan_survives_ten_ticks(open_page: OpenPage) -> None:
    page = open_page()
    expect(row(page, FLEET[0].mmsi)).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 2)
    x, y = spot(page, FLEET[2].lon, FLEET[2].lat)
    until(page, lambda: "TAIPU 3" in hovered(page, x, y))
    page.mouse.move(700, 250)
    page.mouse.down()
    page.mouse.move(706, 255)  # from here on it is a pan
    page.mouse.move(760, 300)
    page.mouse.move(820, 350)
    page.mouse.up()

    moved = (x + 117, y + 97)
    until(page, lambda: "TAIPU 3" in hovered(page, *moved))
    ticks_later(page, 10)
    until(page, lambda: "TAIPU 3" in hovered(page, *moved))


def test_no_frame_is_blank_for_a_minute(open_page: OpenPage) -> None:
    page = open_page()
    expect(row(page, FLEET[0].mmsi)).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 3)
    box = page.locator("canvas").first.bounding_box()
    assert box is not None
    clip = {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"] - 120}
    sizes = []
    end = time.monotonic() + SAMPLED_S
    while time.monotonic() < end:
        # a blank canvas compresses to a few kilobytes, a drawn one never does
        sizes.append(len(page.screenshot(clip=clip, timeout=PATIENCE_MS)))
        page.wait_for_timeout(150)
    assert len(sizes) > 20
    assert min(sizes) > 0.7 * max(sizes), sizes
