"""Map, list, rail and bar show one and the same snapshot."""

import json
import re

from console_process import Console, OpenPage
from playwright.sync_api import Response, expect
from rows import Rows
from sights import FLEET, PATIENCE_MS, until


def test_the_vessels_fetched_are_the_rows_listed(rows: Rows, open_page: OpenPage) -> None:
    rows.put(*FLEET)
    rows.beat()
    answers: dict[str, Response] = {}
    page = open_page()

    def keep(answer: Response) -> None:
        if found := re.search(r"/live/vessels\.json\?tick=(\d+)", answer.url):
            answers.setdefault(found[1], answer)

    page.on("response", keep)
    expect(page.locator(".vessel")).to_have_count(len(FLEET), timeout=PATIENCE_MS)
    compared: set[str] = set()

    def compare() -> bool:
        tick, count, listed = page.locator("[data-list]").evaluate(
            "box => [box.dataset.tick, box.dataset.rows,"
            " [...box.querySelectorAll('.vessel')].map(row => Number(row.dataset.vessel))]"
        )
        if tick in answers:
            fetched = [
                f["properties"]["mmsi"] for f in json.loads(answers[tick].body())["features"]
            ]
            assert sorted(listed) == fetched
            assert int(count) == len(fetched)
            compared.add(tick)
        return len(compared) >= 3

    until(page, compare)
    expect(page.locator("[data-count='vessels']")).to_have_text(str(len(FLEET)))
    expect(page.locator(".totals .fact b").nth(0)).to_have_text(str(len(FLEET)))
    expect(page.locator(".totals .fact b").nth(1)).to_have_text("1")


def test_a_vessel_that_appears_appears_everywhere(rows: Rows, open_page: OpenPage) -> None:
    rows.put(*FLEET[:2])
    rows.beat()
    page = open_page()
    expect(page.locator(".vessel")).to_have_count(2, timeout=PATIENCE_MS)
    rows.put(FLEET[2])
    rows.cross(FLEET[2].mmsi, "310118", "320509", 120.90, 31.02, ago_s=5)
    expect(page.locator(".vessel")).to_have_count(3, timeout=PATIENCE_MS)
    card = page.locator("[data-pane='crossings'] .card")
    expect(card).to_contain_text("青浦 → 吴江", timeout=PATIENCE_MS)
    expect(page.locator("[data-count='crossings']")).to_have_text("今日 1")
    card.click()
    expect(page.locator(".drawer-head h2")).to_have_text("TAIPU 3", timeout=PATIENCE_MS)


def test_an_empty_store_says_what_would_be_here(
    rows: Rows, console: Console, open_page: OpenPage
) -> None:
    page = open_page()
    expect(page.locator("[data-banner] b")).to_have_text("尚无数据源接入", timeout=PATIENCE_MS)
    expect(page.locator("[data-pane='crossings'] .empty")).to_contain_text("目前没有确认的跨界")
    expect(page.locator("[data-list] .empty")).to_contain_text("收到首个船位后")
    expect(page.locator("[data-pane='feeds']")).to_contain_text("尚无数据源接入")
    assert console.get("/readyz") == 200


def test_refusals_are_counted_by_reason_in_words(rows: Rows, open_page: OpenPage) -> None:
    rows.beat()
    rows.count("checksum", 7)
    rows.count("orphan_part", 2)
    page = open_page()
    refused = page.locator(".refused")
    expect(refused).to_contain_text("拒收 9", timeout=PATIENCE_MS)
    refused.hover()
    expect(page.locator(".pop tr", has_text="校验和错误").locator("td").first).to_have_text("7")
    expect(page.locator(".pop tr", has_text="分段缺失").locator("td").first).to_have_text("2")


def test_a_tick_nobody_keeps_is_answered_plainly(console: Console, rows: Rows) -> None:
    rows.put(FLEET[0])
    for address in (
        "vessels.json?tick=1",
        "vessels.json?tick=x",
        "vessels.json",
        "pane/feeds.html",
    ):
        assert console.get(f"/live/{address}") == 410
    assert console.get("/live/pane/nothing.html?tick=1") == 404
    assert console.get("/live/steady/tails-0.json") == 410
    assert console.get("/live/vessel/1.html?tick=1") == 410
