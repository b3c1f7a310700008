"""The page fills the window exactly, and nothing jumps while it comes up."""

import pytest
from alert_rows import lead_case, storm
from console_process import OpenPage
from playwright.sync_api import Page, ViewportSize, expect
from rows import Barge, Rows
from sights import FLEET, PATIENCE_MS, row, ticks_later

LONGEST = "ZHEJIASHAN HUO 12345"
"""AIS names have twenty characters at most."""
SIZES: list[ViewportSize] = [
    {"width": 1280, "height": 720},
    {"width": 1600, "height": 950},
    {"width": 1920, "height": 1080},
]

BOXES = """
() => Object.fromEntries(['header', 'left', 'map', 'right', 'bar'].map(name => {
  const r = document.querySelector('.st-key-box-' + name).getBoundingClientRect()
  return [name, [r.left, r.top, r.right, r.bottom].map(Math.round)]
}))
"""

CUT_OFF = """
() => [...document.querySelectorAll('.head, .fact, .card .row, .keys, .source, .tools')]
  .filter(e => e.checkVisibility())
  .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
               && getComputedStyle(e).display !== 'inline')
  .map(e => e.className + ': ' + e.textContent)
"""


@pytest.fixture(autouse=True)
def busy(rows: Rows) -> None:
    rows.put(*FLEET, Barge(413000009, LONGEST, 120.86, 31.02))
    rows.cross(413000009, "320509", "330421", 120.86, 31.02, ago_s=30)
    rows.cross(FLEET[0].mmsi, "310118", "320509", 120.80, 31.00, ago_s=20)
    rows.count("checksum", 12345)
    rows.beat()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_fills_the_window(open_page: OpenPage, lang: str) -> None:
    page = open_page(f"?lang={lang}&vessel={FLEET[0].mmsi}", SIZES[0])
    expect(page.locator(".drawer-head")).to_be_visible(timeout=PATIENCE_MS)
    expect(row(page, FLEET[0].mmsi)).to_be_attached(timeout=PATIENCE_MS)
    for size in SIZES:
        page.set_viewport_size(size)
        ticks_later(page, 2)
        check_it_fills(page, size["width"], size["height"])


def check_it_fills(page: Page, width: int, height: int) -> None:
    boxes = page.evaluate(BOXES)
    assert boxes["header"][:3] == [0, 0, width]
    assert boxes["bar"][0] == 0
    assert boxes["bar"][2:] == [width, height]
    assert boxes["left"][0] == 0
    assert boxes["left"][2] == boxes["map"][0]
    assert boxes["map"][2] == boxes["right"][0]
    assert boxes["right"][2] == width
    for name in ("left", "map", "right"):
        assert boxes[name][1] == boxes["header"][3]
        assert boxes[name][3] == boxes["bar"][1]
    scrolled = page.evaluate(
        "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
    )
    assert scrolled == [height, width]
    canvas = page.locator("canvas").first.bounding_box()
    assert canvas is not None
    assert round(canvas["width"]) == boxes["map"][2] - boxes["map"][0]
    assert round(canvas["height"]) == boxes["map"][3] - boxes["map"][1]
    last = page.locator(".totals .fact").last.bounding_box()
    assert last is not None
    assert last["x"] + last["width"] <= width
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_alerts_and_their_drawer_are_cut_nowhere(
    rows: Rows, open_page: OpenPage, lang: str
) -> None:
    lead = lead_case(rows)
    storm(rows)
    page = open_page(f"?lang={lang}&alert={lead}", SIZES[0])
    expect(page.locator(".alert-head")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".card.alert")).to_have_count(5, timeout=PATIENCE_MS)
    page.locator(".card.alert .pick").first.click()
    page.locator("[data-bulk] [data-reject-open]").click()
    for size in SIZES[:2]:
        page.set_viewport_size(size)
        ticks_later(page, 1)
        assert page.evaluate(CUT_OFF) == []
        for name in ("left", "right"):
            inside = page.locator(f".st-key-box-{name}").evaluate(
                "box => [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight]"
            )
            assert inside == [0, 0]
        place = page.locator("[data-filter-state]").bounding_box()
        assert place is not None
        assert place["width"] >= 70


def shell_colours(page: Page) -> list[str]:
    found = page.evaluate(
        "['html', 'body'].map(n => getComputedStyle(document.querySelector(n)).backgroundColor)"
    )
    assert isinstance(found, list)
    return found


def test_it_is_dark_from_the_first_byte(open_page: OpenPage) -> None:
    page = open_page()
    assert shell_colours(page) == ["rgb(10, 16, 28)"] * 2
    page.reload(wait_until="commit")
    assert shell_colours(page)[0] == "rgb(10, 16, 28)"
    for name in ("stHeader", "stToolbar", "stAppDeployButton", "stStatusWidget"):
        expect(page.locator(f"[data-testid={name}]").locator("visible=true")).to_have_count(0)


def test_keys_walk_the_list_with_a_visible_focus(open_page: OpenPage) -> None:
    page = open_page()
    first = page.locator(".vessel[aria-posinset='1']")
    expect(first).to_be_visible(timeout=PATIENCE_MS)
    first.focus()
    page.keyboard.press("ArrowDown")
    focused = page.locator(".vessel:focus")
    expect(focused).to_have_attribute("aria-posinset", "2")
    assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    ticks_later(page, 2)
    expect(focused).to_have_attribute("aria-posinset", "2")
