"""A wrong match is undone by hand in the drawer, and a reading given to another vessel."""

import re

import pytest
from alert_rows import BARGE, READING, lead_case
from console_process import OpenPage
from playwright.sync_api import expect
from rows import Barge, Rows
from sights import FLEET, PATIENCE_MS, row, ticks_later

WHY = "<img src=x onerror=alert(1)> 照片为另一船"


@pytest.fixture(autouse=True)
def fleet(rows: Rows) -> None:
    rows.put(*FLEET, Barge(BARGE, "QING HUO 0917", 120.852, 31.106, cog_deg=270, heading_deg=270))
    rows.beat()


def test_undo_a_match_and_assign_the_reading(rows: Rows, open_page: OpenPage) -> None:
    lead = lead_case(rows)
    page = open_page(f"?alert={lead}")
    seen = page.locator(f".reading[data-spot='reading-{READING}']")
    expect(seen).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".draughts .dot")).to_have_count(5)
    seen.locator("[data-form-open='undo']").click()
    why = seen.locator(".undo [data-why]")
    undo = seen.locator("[data-match='undo']")
    why.fill(WHY)
    undo.click()
    expect(page.locator("#toast")).to_have_text("请先在顶栏填写值班人姓名。")
    page.locator("[data-who]").fill("王一")
    ticks_later(page, 2)
    expect(why).to_have_value(WHY)
    undo.dblclick()
    expect(page.locator("#toast")).to_have_text("已完成，相关警情将重新研判。", timeout=PATIENCE_MS)
    expect(seen).to_have_class(re.compile("struck"), timeout=PATIENCE_MS)
    expect(seen.locator(".told")).to_contain_text("比对已撤销王一", timeout=PATIENCE_MS)
    expect(seen.locator(".told")).to_contain_text(WHY)
    expect(page.locator(".draughts .dot")).to_have_count(4)
    assert rows.ask(
        "select undone_by, undone_at is not null from reading_match where reading_id = $1", READING
    ) == [("王一", True)]
    assert rows.ask(
        "select kind, actor from event where stream_kind = 'reading' and stream_id = $1", READING
    ) == [("match.undone", "王一")]

    # the same in the vessel's own drawer, where it is given to the vessel it was
    page.locator(".alert-head [data-vessel]").click()
    expect(page.locator(".drawer-head .copy")).to_contain_text(str(BARGE), timeout=PATIENCE_MS)
    expect(seen).to_have_class(re.compile("struck"), timeout=PATIENCE_MS)
    seen.locator("[data-form-open='assign']").click()
    seen.locator("[data-mmsi]").fill("41300000x")
    seen.locator(".assign [data-why]").fill("看船名")
    seen.locator("[data-match='assign']").click()
    expect(page.locator("#toast")).to_have_text("请填写不超过九位的 MMSI。")
    other = FLEET[0].mmsi
    seen.locator("[data-mmsi]").fill(str(other))
    seen.locator(".assign [data-why]").press("Enter")
    expect(seen).to_have_count(0, timeout=PATIENCE_MS)  # it is no reading of this vessel any more
    row(page, other).click()
    expect(page.locator(".drawer-head .copy")).to_contain_text(str(other), timeout=PATIENCE_MS)
    expect(seen).to_be_visible(timeout=PATIENCE_MS)
    expect(seen.locator(".told")).to_contain_text("王一看船名")
    assert rows.ask("select mmsi from reading_match where reading_id = $1", READING) == [(other,)]
