"""The map keeps the operator's view."""

import pytest
from console_process import OpenPage
from playwright.sync_api import Page, expect
from rows import Rows
from sights import FLEET, PATIENCE_MS, row, spot, ticks_later, until


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


@pytest.mark.drawn
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


def test_a_map_that_is_not_painted_works_all_the_same(open_page: OpenPage) -> None:
    """The other tests rely on it: the map asks for every picture, and nobody paints it."""
    page = open_page()
    expect(row(page, FLEET[0].mmsi)).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(3):
        asked = page.evaluate("window.undrawn")
        ticks_later(page, 1)
        until(page, lambda: page.evaluate("window.undrawn") > asked)  # noqa: B023
