"""The alert rail as a controller uses it: read, decide, alone or many, hear, pass on."""

import re
from typing import Any

import pytest
from alert_rows import BARGE, alert_id, lead_case, put_alert, reason, storm, watch
from alert_sights import COUNT_NOTES, card, shown
from console_process import OpenPage
from playwright.sync_api import expect
from rows import Barge, Rows
from sights import FLEET, PATIENCE_MS, ticks_later, until

from layers.symbols import single


@pytest.fixture(autouse=True)
def fleet(rows: Rows) -> None:
    rows.put(*FLEET, Barge(BARGE, "QING HUO 0917", 120.852, 31.106, cog_deg=270, heading_deg=270))
    rows.beat()


def stands(rows: Rows, ident: str) -> tuple[Any, ...]:
    return rows.ask("select state, handled_by, note from alert where alert_id = $1", ident)[0]


def test_where_nobody_watches_there_is_no_rail(rows: Rows, open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("[data-pane='crossings'] .empty")).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 1)
    expect(page.locator("[data-pane='alerts']")).to_be_hidden()
    watch(rows)
    expect(page.locator("[data-pane='alerts'] .empty")).to_contain_text(
        "目前没有未结警情", timeout=PATIENCE_MS
    )


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", ("青货0917 出沪", "满载 2.7 ± 0.1 m · 转移审批已过期、无备案 · 渣土船", "急水港")),
        ("en", ("青货0917 leaves Shanghai", "laden 2.7 ± 0.1 m", "Jishui")),
    ],
)
def test_rail_map_bar_and_drawer_tell_the_same(
    rows: Rows, open_page: OpenPage, lang: str, told: tuple[str, str, str]
) -> None:
    title, words, place = told
    lead = lead_case(rows, single("laden"))
    names = storm(rows)
    page = open_page(f"?lang={lang}&alert={lead}")
    rings: dict[str, Any] = {}

    def keep(answer: Any) -> None:
        if re.search(r"/live/steady/alerts-", answer.url) and answer.ok:
            rings.clear()
            rings.update({f["properties"]["alert"]: f for f in answer.json()["features"]})

    page.on("response", keep)
    first = card(page, lead)
    expect(first).to_be_visible(timeout=PATIENCE_MS)
    expect(first.locator(".name")).to_have_text(title)
    expect(first.locator(".why-line")).to_contain_text(words)
    expect(first.locator(".place")).to_contain_text(place)
    order = [lead, names["dark"], names["stop"], names["silent"], names["gone"]]
    assert shown(page) == order
    until(page, lambda: sorted(rings) == sorted(order))
    assert rings[names["gone"]]["properties"]["icon"] == "alert-closed"
    assert rings[lead]["geometry"]["coordinates"][0] == pytest.approx(120.852)
    struck = card(page, names["gone"]).locator(".name")
    assert "line-through" in struck.evaluate("e => getComputedStyle(e).textDecorationLine")
    expect(page.locator("[data-count='alerts']")).to_have_text(re.compile("^4 "))
    expect(
        page.locator(".totals .fact", has_text="警情" if lang == "zh" else "Alerts")
    ).to_have_text(re.compile("4$"))

    head = page.locator(".alert-head")
    expect(head.locator("h2")).to_have_text(title, timeout=PATIENCE_MS)
    expect(page.locator(".why-list li")).to_have_count(5)
    expect(page.locator(".reading")).to_have_count(5)
    expect(page.locator(".reading .load").first).to_have_text("满载" if lang == "zh" else "laden")
    expect(page.locator(".draughts .dot")).to_have_count(5)
    expect(page.locator(".verdict.none")).to_be_visible()
    picture = page.locator(".shot")
    until(page, lambda: picture.evaluate("img => img.naturalWidth > 0"))
    page.locator(".proof[data-goto^='reading-']").click()
    expect(page.locator(".reading[data-live-lit]")).to_be_in_viewport()
    page.locator(".proof[data-alert]").click()
    expect(page).to_have_url(re.compile(str(alert_id("old"))), timeout=PATIENCE_MS)
    expect(head.locator(".score")).to_contain_text("61", timeout=PATIENCE_MS)
    page.go_back()
    expect(head.locator(".score")).to_contain_text("92", timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(head).to_have_count(0, timeout=PATIENCE_MS)
    expect(page).not_to_have_url(re.compile("alert="))


def test_validate_one_reject_another_and_pass_it_on(rows: Rows, open_page: OpenPage) -> None:
    lead = lead_case(rows)
    names = storm(rows)
    page = open_page()
    page.locator("[data-who]").fill("王一")
    card(page, lead).click()
    expect(page.locator(".alert-head")).to_be_visible(timeout=PATIENCE_MS)
    chat = page.locator(".copy-chat")
    text = chat.get_attribute("data-copy") or ""
    assert text.startswith("【吹哨】警情 高 92 分\n青货0917 出沪")
    chat.click()
    expect(chat).to_have_attribute("data-live-done", "已复制")
    page.locator("[data-actions] [data-act='validate']").click()
    expect(card(page, lead)).to_have_class(re.compile("validated"), timeout=PATIENCE_MS)
    assert stands(rows, lead)[:2] == ("validated", "王一")
    expect(page.locator("[data-actions]")).to_contain_text("王一", timeout=PATIENCE_MS)

    other = names["dark"]
    card(page, other).click()
    expect(page.locator(f"[data-actions='{other}']")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("[data-actions] [data-reject-open]").click()
    page.locator("[data-actions] .reject [data-act='reject']").click()
    expect(page.locator("#toast")).to_have_text("驳回须填写理由。")
    field = page.locator("[data-actions] [data-reason-text]")
    field.fill("客船")
    ticks_later(page, 2)
    expect(field).to_have_value("客船")  # a tick takes nothing away
    page.locator("[data-actions] [data-reason]").select_option("设备故障")
    field.press("Enter")
    expect(card(page, other)).to_have_class(re.compile("rejected"), timeout=PATIENCE_MS)
    assert stands(rows, other) == ("rejected", "王一", "设备故障; 客船")
    said = rows.ask(
        "select kind from event where stream_kind = 'alert' and stream_id = $1 order by seq desc",
        other,
    )
    assert said[0] == ("alert.rejected",)

    page.locator("[data-filter-mine]").click()
    assert set(shown(page)) == {lead, other}
    page.reload()
    until(page, lambda: set(shown(page)) == {lead, other})


def test_a_storm_is_worked_off_together(rows: Rows, open_page: OpenPage) -> None:
    watch(rows)
    many = [
        put_alert(
            rows,
            f"many-{n}",
            mmsi=413100000 + n,
            subject=f"货{n:04}",
            level="high" if n % 3 == 0 else "medium",
            score=90 - n if n % 3 == 0 else 60 - n,
            reasons=[reason("no_ais", 35, checkpoint="x")],
        )
        for n in range(30)
    ]
    page = open_page()
    expect(page.locator(".card.alert")).to_have_count(30, timeout=PATIENCE_MS)
    page.locator("[data-filter-level='high']").click()
    until(page, lambda: len(shown(page)) == 20)
    card(page, many[1]).locator(".pick").click()
    expect(page.locator("[data-selected]")).to_have_text("已选 1")
    page.locator("[data-select-all]").click()
    expect(page.locator("[data-selected]")).to_have_text("已选 20")
    ticks_later(page, 2)
    expect(page.locator("[data-selected]")).to_have_text("已选 20")
    rows.execute("update alert set state = 'seen' where alert_id = $1", many[1])
    ticks_later(page, 2)
    page.locator("[data-bulk] [data-reject-open]").click()
    page.locator("[data-bulk] [data-reason]").select_option(index=1)
    page.locator("[data-bulk] .reject [data-act='reject']").click()
    expect(page.locator("#toast")).to_have_text("请先在顶栏填写值班人姓名。")
    page.locator("[data-who]").fill("王一")
    page.locator("[data-bulk] .reject [data-act='reject']").click()
    expect(page.locator("#toast")).to_have_text("已处理 20 条", timeout=PATIENCE_MS)
    expect(page.locator(".card.alert.rejected")).to_have_count(20, timeout=PATIENCE_MS)
    expect(page.locator("[data-bulk]")).to_be_hidden()
    found = rows.ask("select state, count(*) from alert group by state order by state")
    assert found == [("new", 10), ("rejected", 20)]
    expect(page.locator("[data-count='alerts']")).to_have_text("20 / 30 · 30 起/时")


def test_a_new_high_alert_rings_once_unless_muted(rows: Rows, open_page: OpenPage) -> None:
    watch(rows)
    put_alert(rows, "before")
    page = open_page()
    page.add_init_script(COUNT_NOTES)
    page.reload()
    expect(page.locator(".card.alert")).to_have_count(1, timeout=PATIENCE_MS)
    bell = page.locator("[data-sound]")
    expect(bell).to_have_attribute("data-live-state", "locked")
    page.locator(".brand").click()
    expect(bell).to_have_attribute("data-live-state", "on", timeout=PATIENCE_MS)

    def appears(name: str, **said: Any) -> None:
        before = page.locator(".card.alert").count()
        put_alert(rows, name, mmsi=413100000 + before, **said)
        expect(page.locator(".card.alert")).to_have_count(before + 1, timeout=PATIENCE_MS)
        ticks_later(page, 2)

    def notes() -> int:
        return int(page.evaluate("window.notes"))

    assert notes() == 0  # what was there before is no news
    appears("low", level="low", score=35)
    assert notes() == 0
    appears("loud")
    assert notes() == 3
    ticks_later(page, 2)
    assert notes() == 3
    bell.click()
    expect(bell).to_have_attribute("data-live-state", "off")
    appears("hushed")
    assert notes() == 3
    page.reload()
    expect(bell).to_have_attribute("data-live-state", "off", timeout=PATIENCE_MS)
    expect(page.locator(".card.alert")).to_have_count(4, timeout=PATIENCE_MS)
    ticks_later(page, 2)
    assert notes() == 0


def test_what_could_not_ring_rings_as_soon_as_it_may(rows: Rows, open_page: OpenPage) -> None:
    watch(rows)
    put_alert(rows, "before")
    page = open_page()
    page.add_init_script(COUNT_NOTES)
    page.reload()
    expect(page.locator(".card.alert")).to_have_count(1, timeout=PATIENCE_MS)
    put_alert(rows, "unheard", mmsi=413100001)
    expect(page.locator(".card.alert")).to_have_count(2, timeout=PATIENCE_MS)
    ticks_later(page, 2)
    assert page.evaluate("window.notes") == 0
    page.locator(".brand").click()
    until(page, lambda: page.evaluate("window.notes") == 3)


def test_a_link_to_no_alert_is_said_plainly(open_page: OpenPage) -> None:
    page = open_page(f"?alert={alert_id('nobody')}&lang=en")
    expect(page.locator("[data-pane='drawer']")).to_contain_text(
        "No such alert", timeout=PATIENCE_MS
    )
    page.goto(page.url.replace(str(alert_id("nobody")), "<b>"))
    expect(page.locator("[data-count='vessels']")).not_to_be_empty(timeout=PATIENCE_MS)
    expect(page.locator(".drawer-head")).to_have_count(0)
