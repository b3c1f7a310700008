"""Whatever a stranger sends, the page shows it as text."""

import pytest
from console_process import OpenPage
from playwright.sync_api import expect
from rows import Barge, Rows
from sights import PATIENCE_MS, row, spot, ticks_later, until

NAMES = [
    "<IMG SRC=X ONERROR=ALERT(1)>",
    "</script><script>hit()</script>",
    "\"' onmouseover=hit() x='",
    "{mmsi}<b>&amp;</b>",
    "@@=hit()",
]


@pytest.mark.drawn
def test_names_are_text_everywhere(rows: Rows, open_page: OpenPage) -> None:
    barges = [Barge(413000001 + n, name, 120.74 + 0.06 * n, 31.05) for n, name in enumerate(NAMES)]
    rows.put(*barges)
    for barge in barges:
        rows.cross(barge.mmsi, "310118", "320509", barge.lon, barge.lat, ago_s=10 + barge.lon)
    rows.beat()
    page = open_page()
    page.on("dialog", lambda dialog: (_ for _ in ()).throw(AssertionError(dialog.message)))
    for barge in barges:
        name = row(page, barge.mmsi).locator(".name")
        expect(name).to_have_text(str(barge.name), timeout=PATIENCE_MS)
    cards = page.locator("[data-pane='crossings'] .card .first b")
    expect(cards).to_have_count(len(NAMES), timeout=PATIENCE_MS)
    assert sorted(cards.all_inner_texts()) == sorted(NAMES)
    for barge in barges:
        row(page, barge.mmsi).click()
        expect(page.locator(".drawer-head h2")).to_have_text(str(barge.name), timeout=PATIENCE_MS)
    x, y = spot(page, barges[0].lon, barges[0].lat)

    def tooltip() -> str:
        page.mouse.move(x - 30, y - 30)
        page.mouse.move(x, y)
        page.wait_for_timeout(300)
        return page.locator(".deck-tooltip").inner_text()

    until(page, lambda: NAMES[0] in tooltip())
    ticks_later(page, 2)
    made = page.evaluate(
        "[...document.querySelectorAll('img, script:not([src]):not([type]), [onerror],"
        " [onmouseover]')].map(e => e.outerHTML)"
    )
    assert made == []
    assert page.locator(".pane b b, .deck-tooltip :not(br)").count() == 0


def test_an_absurd_link_chooses_nothing(rows: Rows, open_page: OpenPage) -> None:
    rows.put(Barge(413000001, "ONE", 120.8, 31.0))
    rows.beat()
    for query in ("?vessel=<b>&lang=xx", "?vessel=-1", "?vessel=99999999999999999999"):
        page = open_page(query)
        expect(row(page, 413000001)).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator(".drawer-head")).to_have_count(0)
        page.context.close()
