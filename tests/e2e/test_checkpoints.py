"""Checkpoints on the Live page: counted in the bar, the silent ones named, drawn by health."""

import re
from typing import Any

import pytest
from console_process import OpenPage
from playwright.sync_api import expect
from rows import Rows
from sights import FLEET, PATIENCE_MS, ticks_later, until

from seed.checkpoints import checkpoints

POINT = """
insert into checkpoint values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, clock_timestamp())
"""
HEARD = """
insert into checkpoint_status (checkpoint_id, last_contact_at)
values ($1, clock_timestamp() - make_interval(secs => $2))
"""
SILENT = "js-07"


@pytest.fixture(autouse=True)
def points(rows: Rows) -> None:
    """All points, heard just now and promising a word every ten minutes, but one since an hour."""
    for one in checkpoints():
        place = (one.lon, one.lat, one.bearing_deg, one.width_m, one.waterway, one.adcode)
        names = (one.checkpoint_id, str(one.system), one.name, one.name_en)
        rows.execute(POINT, *names, *place, 600)
        rows.execute(HEARD, one.checkpoint_id, 3661.0 if one.checkpoint_id == SILENT else 5.0)
    rows.put(*FLEET)
    rows.beat()


@pytest.mark.parametrize(
    ("lang", "told", "named"),
    [
        ("zh", "卡口 吴江 8/8 · 嘉善 18/19", ("俞汇塘俞汇西点", "失联", "61 分前")),
        ("en", "Checkpoints Wujiang 8/8 · Jiashan 18/19", ("Yuhui Tang", "no contact", "61 min")),
    ],
)
def test_one_of_nineteen_is_silent(
    rows: Rows, open_page: OpenPage, lang: str, told: str, named: tuple[str, str, str]
) -> None:
    page = open_page(f"?lang={lang}")
    drawn: dict[str, Any] = {}

    def keep(answer: Any) -> None:
        if "/live/steady/checkpoints-" in answer.url and answer.ok:
            drawn.clear()
            drawn.update(
                {f["properties"]["id"]: f["properties"] for f in answer.json()["features"]}
            )

    page.on("response", keep)
    group = page.locator(".devices")
    expect(group).to_contain_text(told, timeout=PATIENCE_MS)
    expect(group.locator(".pop")).to_be_hidden()
    group.focus()
    lines = group.locator(".pop tbody tr")
    expect(lines).to_have_count(1)
    for word in named:
        expect(lines).to_contain_text(word)
    expect(group).to_have_class(re.compile("silent"))
    ticks_later(page, 2)
    expect(group.locator(".pop")).to_be_visible()
    until(page, lambda: len(drawn) == 27)
    assert [k for k, v in drawn.items() if v["icon"] == "checkpoint-silent"] == [SILENT]

    rows.execute("update checkpoint_status set last_contact_at = clock_timestamp()")
    expect(group).to_contain_text(told.replace("18/19", "19/19"), timeout=PATIENCE_MS)
    expect(lines).to_have_count(0)
    until(page, lambda: {v["icon"] for v in drawn.values()} == {"checkpoint-online"})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_bar_has_room_for_them(open_page: OpenPage, lang: str) -> None:
    page = open_page(f"?lang={lang}", {"width": 1600, "height": 950})
    expect(page.locator(".devices")).to_be_visible(timeout=PATIENCE_MS)
    for width in (1600, 1280):
        page.set_viewport_size({"width": width, "height": 950})
        ticks_later(page, 1)
        last = page.locator(".totals .fact").last.bounding_box()
        before = page.locator(".devices").bounding_box()
        after = page.locator(".totals").bounding_box()
        assert last is not None
        assert before is not None
        assert after is not None
        assert last["x"] + last["width"] <= width
        assert before["x"] + before["width"] <= after["x"]
