"""A language switch leaves no word behind."""

import re

import pytest
from console_process import OpenPage
from playwright.sync_api import Page, expect
from rows import Rows
from sights import FLEET, PATIENCE_MS, row, ticks_later, until

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
LATIN = re.compile(r"[A-Za-z]{2,}")
LATIN_IN_CHINESE = {"EN", "MMSI", "AIS", "NMEA", "WGS", "km", "TAIPU", "CANAL"}
"""Signs, units, and names that vessels gave themselves."""

WORDS = """
() => {
  const seen = [], data = '[data-lang], .stDeckGlJsonChart', code = 'script, style, noscript'
  const hints = ['title', 'placeholder', 'aria-label', 'alt']
  const kinds = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT
  const walk = document.createTreeWalker(document.body, kinds)
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const element = n.nodeType === 3 ? n.parentElement : n
    if (element.closest(data) || element.closest(code)) continue
    if (!element.closest('.pane') && !element.checkVisibility()) continue
    if (n.nodeType === 3) seen.push(n.data)
    else for (const name of hints) seen.push(n.getAttribute(name) ?? '')
  }
  return [document.title, ...seen].map(t => t.trim()).filter(Boolean)
}
"""


def words(page: Page) -> list[str]:
    """All that is written on the page, hints and hidden tables too; the map's canvas is no text."""
    found = page.evaluate(WORDS)
    assert isinstance(found, list)
    return found


@pytest.fixture(autouse=True)
def busy(rows: Rows) -> None:
    rows.put(*FLEET)
    rows.cross(FLEET[0].mmsi, "310118", "320509", 120.80, 31.00, ago_s=20)
    rows.cross(FLEET[3].mmsi, "330421", "310118", 120.95, 30.99, ago_s=400)
    for reason in ("checksum", "orphan_part", "mmsi", "time_future"):
        rows.count(reason, 3)
    rows.beat()


def test_switching_to_english_and_back(open_page: OpenPage) -> None:
    page = open_page(f"?vessel={FLEET[3].mmsi}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("[data-pane='drawer'] .facts").first).to_be_visible(timeout=PATIENCE_MS)
    expect(row(page, FLEET[0].mmsi)).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 2)
    strays = {w for text in words(page) for w in LATIN.findall(text)} - LATIN_IN_CHINESE
    assert strays == set()

    page.locator("[data-lang='en']").click()
    expect(page.locator("h2", has_text="Latest crossings")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".drawer-head h2")).to_have_text("Vessel without a declared name")
    ticks_later(page, 3)
    assert [text for text in words(page) if CHINESE.search(text)] == []
    until(page, lambda: any("/assets/map/member-names-en.json" in url for url in asked))
    assert page.locator("html").get_attribute("lang") == "en"

    page.locator("[data-lang='zh']").click()
    expect(page.locator("h2", has_text="最新跨界")).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 3)
    strays = {w for text in words(page) for w in LATIN.findall(text)} - LATIN_IN_CHINESE
    assert strays == set()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
