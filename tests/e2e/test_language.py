"""A language switch leaves no word behind."""

import pytest
from console_process import OpenPage
from playwright.sync_api import expect
from rows import Rows
from sights import FLEET, PATIENCE_MS, row, ticks_later, until
from spoken import strays

from domain.positions import FixFlag, Rejection


@pytest.fixture(autouse=True)
def busy(rows: Rows) -> None:
    rows.put(*FLEET)
    rows.cross(FLEET[0].mmsi, "310118", "320509", 120.80, 31.00, ago_s=20)
    rows.cross(FLEET[3].mmsi, "330421", "310118", 120.95, 30.99, ago_s=400)
    for reason in Rejection:
        rows.count(reason.value, 3)
    for flag in FixFlag:
        rows.count(f"flag_{str(flag.name).lower()}", 2)
    rows.count("duplicate", 1)
    rows.beat()


def test_switching_to_english_and_back(rows: Rows, open_page: OpenPage) -> None:
    page = open_page(f"?vessel={FLEET[3].mmsi}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("[data-pane='drawer'] .facts").first).to_be_visible(timeout=PATIENCE_MS)
    expect(row(page, FLEET[0].mmsi)).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 2)
    assert strays(page, "zh") == set()

    page.locator("[data-lang='en']").click()
    expect(page.locator("h2", has_text="Latest crossings")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".drawer-head h2")).to_have_text("Vessel without a declared name")
    ticks_later(page, 3)
    assert strays(page, "en") == set()
    until(page, lambda: any("/assets/map/member-names-en.json" in url for url in asked))
    assert page.locator("html").get_attribute("lang") == "en"

    page.locator("[data-lang='zh']").click()
    expect(page.locator("h2", has_text="最新跨界")).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 3)
    assert strays(page, "zh") == set()
    assert page.locator("html").get_attribute("lang") == "zh-CN"

    rows.hush()
    expect(page.locator("html[data-stale]")).to_have_count(1, timeout=PATIENCE_MS)
    until(page, lambda: not strays(page, "zh"))
    page.locator("[data-lang='en']").click()
    expect(page.locator("h2", has_text="Latest crossings")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-banner] b")).not_to_be_empty()
    until(page, lambda: not strays(page, "en"))
