"""The permit register as an officer works on it: find, read, change, withdraw, CSV in and out."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from alert_rows import BARGE, CARRIER, HULL, lead_case
from console_process import OpenPage
from papers import paper
from playwright.sync_api import FilePayload, Locator, Page, expect
from rows import Barge, Rows
from sights import FLEET, PATIENCE_MS, until

from domain.clock import SHANGHAI, utc_now
from domain.permit_csv import read_permits, write_permits
from domain.permits import Permit

HOSTILE = "<img src=x onerror=alert(1)>建设"
TODAY = utc_now().astimezone(SHANGHAI).date()
DAY = timedelta(days=1)
CURRENT = {"first_day": TODAY - 90 * DAY, "last_day": TODAY + 200 * DAY}


@pytest.fixture(autouse=True)
def register(rows: Rows) -> None:
    rows.beat()
    rows.execute("delete from command_done")
    rows.execute(CARRIER)
    rows.execute(HULL, BARGE, "青货0917")


def some() -> list[Permit]:
    """One of each standing, and one of each kind."""
    return [
        paper("沪固转2026-01", holder=HOSTILE, mmsi=BARGE, used_t=1200.0, **CURRENT),
        paper("沪固转2026-02", **CURRENT | {"last_day": TODAY + 9 * DAY}),
        paper("沪固转2026-03", first_day=TODAY - 400 * DAY, last_day=TODAY - 35 * DAY),
        paper("苏备2026-11", "filing", purpose="utilisation", used_t=5000.0, **CURRENT),
        paper("青建2026-7", "disposal", mmsi=None, carrier_id="c-heshun", **CURRENT),
    ]


def csv(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def opened(open_page: OpenPage, query: str = "?page=permits", who: str = "王一") -> Page:
    page = open_page(query)
    expect(page.locator("[data-papers][data-ready]")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("[data-who]").fill(who)
    return page


def bring(page: Page, papers: Sequence[Permit]) -> None:
    page.locator("[data-paper-open='import']").click()
    page.locator("[type='file']").set_input_files(csv("papers.csv", write_permits(papers)))
    page.locator("[data-paper-try]").click()
    page.locator("[data-paper-import]:enabled").click(timeout=PATIENCE_MS)
    expect(page.locator("[data-paper-answer]")).to_contain_text("已保存", timeout=PATIENCE_MS)


def numbers(page: Page) -> list[str]:
    found = page.locator("tr[data-paper] td:first-child").all_inner_texts()
    return [each.strip() for each in found]


def line(page: Page, number: str) -> Locator:
    return page.locator("tr[data-paper]", has_text=number)


def test_bring_in_find_sort_and_take_out(open_page: OpenPage, tmp_path: Path) -> None:
    page = opened(open_page)
    expect(page.locator("[data-papers] .empty")).to_contain_text("登记簿为空")
    bring(page, some())
    until(page, lambda: len(numbers(page)) == 5)
    expect(page.locator("[data-paper-count]")).to_have_text("共 5 件")
    first = line(page, "沪固转2026-01")
    for word in ("转移审批", HOSTILE, "青货0917", "1\u00a0200 / 5\u00a0000", "青浦 → 泰州", "有效"):
        expect(first).to_contain_text(word)
    assert page.locator("img").count() == 0
    expect(line(page, "沪固转2026-02")).to_contain_text("即将到期")
    expect(line(page, "沪固转2026-03")).to_contain_text("已过期")
    expect(line(page, "苏备2026-11")).to_contain_text("已用完")
    expect(line(page, "青建2026-7")).to_contain_text("禾顺航运")

    page.locator("[data-paper-search]").fill("禾顺")
    until(page, lambda: numbers(page) == ["青建2026-7"])
    page.locator("[data-paper-search]").fill("没有")
    expect(page.locator("[data-papers] .empty")).to_contain_text("没有符合条件")
    page.locator("[data-paper-search]").fill("")
    page.locator("[data-paper-kind]").select_option("filing")
    until(page, lambda: numbers(page) == ["苏备2026-11"])
    page.locator("[data-paper-kind]").select_option("all")
    page.locator("[data-paper-look]").select_option("expired")
    until(page, lambda: numbers(page) == ["沪固转2026-03"])
    page.locator("[data-paper-look]").select_option("all")
    page.locator("[data-paper-order='number']").click()
    until(page, lambda: numbers(page) == sorted(p.number for p in some()))
    page.locator("[data-paper-order='number']").click()
    until(page, lambda: numbers(page) == sorted((p.number for p in some()), reverse=True))

    with page.expect_download() as waited:
        page.locator("a[download]").click()
    saved = tmp_path / "out.csv"
    waited.value.save_as(saved)
    assert re.fullmatch(r"permits-\d{4}-\d\d-\d\d\.csv", waited.value.suggested_filename)
    taken = [row.permit for row in read_permits(saved.read_bytes()).rows]
    assert sorted(taken, key=str) == sorted(some(), key=str)


def test_faults_of_a_file_are_named_by_line_and_nothing_is_stored(
    rows: Rows, open_page: OpenPage
) -> None:
    page = opened(open_page, "?page=permits&lang=en")
    page.locator("[data-paper-open='import']").click()
    page.locator("[data-paper-try]").click()
    expect(page.locator("[data-fault='file']")).to_have_text("Choose a file first.")
    lines = write_permits(some()).decode("utf-8-sig").splitlines()
    lines[2] = lines[2].replace(f"{TODAY + 9 * DAY}", "2026-02-30")
    lines[5] = lines[5].replace("c-heshun", HOSTILE)
    wrong = "\r\n".join(lines).encode()
    page.locator("[type='file']").set_input_files(csv("papers.csv", wrong))
    page.locator("[data-paper-try]").click()
    fault = page.locator(".faults tbody tr")
    expect(fault).to_have_count(1, timeout=PATIENCE_MS)
    for word in ("3", "last_day", "a day of the calendar", "2026-02-30"):
        expect(fault).to_contain_text(word)
    expect(page.locator("[data-paper-import]")).to_be_disabled()
    lines[2] = lines[2].replace("2026-02-30", f"{TODAY + 9 * DAY}")
    page.locator("[type='file']").set_input_files(csv("papers.csv", "\r\n".join(lines).encode()))
    page.locator("[data-paper-try]").click()
    expect(fault).to_contain_text(f"carrier_id a carrier on the register {HOSTILE}".split()[0])
    expect(fault).to_contain_text(HOSTILE)
    assert page.locator("img").count() == 0
    assert rows.ask("select count(*) from permit") == [(0,)]


def test_a_paper_is_put_there_changed_and_withdrawn(rows: Rows, open_page: OpenPage) -> None:
    page = opened(open_page, who="")
    page.locator("[data-paper-open='new']").click()
    form = page.locator("[data-paper-form='new']")
    fill = {
        "number": "沪固转2026-99",
        "holder": HOSTILE,
        "mmsi": "4130009",
        "waste": "渣土",
        "quantity_t": "-5",
        "from_adcode": "310118",
        "to_adcode": "江苏",
        "first_day": f"{TODAY}",
        "last_day": f"{TODAY - DAY}",
    }
    for name, text in fill.items():
        form.locator(f"[name='{name}']").fill(text)
    form.locator("[name='purpose']").select_option("utilisation")
    form.locator("[type='submit']").click()
    expect(form.locator("[data-fault='']")).to_have_text("请先在顶栏填写值班人姓名。")
    page.locator("[data-who]").fill("王一")
    form.locator("[type='submit']").click()
    told = {
        "mmsi": "完整的九位 MMSI",
        "quantity_t": "数字，如 5000 或 5,000.5",
        "purpose": "转移审批的用途应为贮存 / 处置",
        "last_day": "不早于起始日的日期",
    }
    for name, words in told.items():
        expect(form.locator(f"[data-fault='{name}']")).to_have_text(words, timeout=PATIENCE_MS)
    expect(form.locator("[name='holder']")).to_have_value(HOSTILE)
    assert rows.ask("select count(*) from permit") == [(0,)]
    right = {"mmsi": str(BARGE), "quantity_t": "5,000吨", "last_day": f"{TODAY + 90 * DAY}"}
    for name, text in right.items():
        form.locator(f"[name='{name}']").fill(text)
    form.locator("[name='purpose']").select_option("disposal")
    form.locator("[type='submit']").dblclick()
    shown = page.locator("[data-paper-file]")
    expect(shown.locator("h2")).to_have_text("沪固转2026-99", timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile("permit="))
    until(page, lambda: numbers(page) == ["沪固转2026-99"])
    told_of = "select kind, actor from event where stream_id = $1 order by seq"
    [(key,)] = rows.ask("select permit_id::text from permit")
    assert rows.ask(told_of, key) == [("permit.granted", "王一")]

    shown.locator("[data-paper-open='edit']").click()
    form = page.locator("[data-paper-form='change']")
    expect(form.locator("[name='quantity_t']")).to_have_value("5000", timeout=PATIENCE_MS)
    form.locator("[name='used_t']").fill("1200")
    form.locator("[type='submit']").click()
    expect(form.locator("[data-fault='reason']")).to_have_text("不能为空", timeout=PATIENCE_MS)
    form.locator("[name='reason']").fill(HOSTILE)
    form.locator("[name='reason']").press("Enter")
    change = shown.locator(".told li").first
    expect(change).to_contain_text("已变更王一", timeout=PATIENCE_MS)
    for word in ("已用（吨）", "0 → 1\u00a0200", HOSTILE):
        expect(change).to_contain_text(word)
    expect(shown.locator(".versions tbody tr")).to_have_count(3)
    expect(line(page, "沪固转2026-99")).to_contain_text("1\u00a0200 / 5\u00a0000")
    assert page.locator("img").count() == 0

    page.reload()  # the address holds the paper
    expect(shown.locator("h2")).to_have_text("沪固转2026-99", timeout=PATIENCE_MS)
    shown.locator("[data-paper-open='withdraw']").click()
    rows.execute("update permit set recorded_from = recorded_from + interval '1 hour'"
                 " where recorded_to = 'infinity'")  # fmt: skip
    form = page.locator("[data-paper-form='withdraw']")
    form.locator("[name='reason']").fill("条件不符")
    form.locator("[type='submit']").click()
    expect(form.locator("[data-fault='']")).to_contain_text("已被他人更改", timeout=PATIENCE_MS)
    rows.execute("update permit set recorded_from = recorded_from - interval '1 hour'"
                 " where recorded_to = 'infinity'")  # fmt: skip
    form.locator("[type='submit']").click()
    expect(shown.locator(".standing")).to_contain_text("已撤销", timeout=PATIENCE_MS)
    expect(shown.locator("[data-paper-open]")).to_have_count(0)
    expect(line(page, "沪固转2026-99")).to_contain_text("已撤销")
    kinds = [kind for kind, _ in rows.ask(told_of, key)]
    assert kinds == ["permit.granted", "permit.changed", "permit.withdrawn"]


def test_the_alert_drawer_leads_to_the_paper_and_back(rows: Rows, open_page: OpenPage) -> None:
    rows.clear()
    rows.put(*FLEET, Barge(BARGE, "QING HUO 0917", 120.852, 31.106, cog_deg=270, heading_deg=270))
    rows.beat()
    lead = lead_case(rows)
    page = open_page(f"?alert={lead}")
    page.locator(".paper a").click(timeout=PATIENCE_MS)
    shown = page.locator("[data-paper-file]")
    expect(shown.locator("h2")).to_have_text("沪环移〔2026〕118", timeout=PATIENCE_MS)
    expect(page.locator("nav [aria-current]")).to_have_text("许可登记")
    page.locator("[data-lang='en']").click()
    expect(shown).to_contain_text("transfer approval 转移审批", timeout=PATIENCE_MS)
    expect(page.locator(".papers thead")).to_contain_text("Carrier / vessel")
    expect(page).to_have_url(re.compile("permit=7f1c0c1e"))
    page.locator("[data-paper-close]").click()
    expect(page).not_to_have_url(re.compile("permit="))
    page.go_back()
    expect(shown.locator("h2")).to_have_text("沪环移〔2026〕118", timeout=PATIENCE_MS)
    page.locator("nav a[href^='/?lang']").click()
    expect(page.locator("[data-pane='alerts'] .card.alert").first).to_be_visible(
        timeout=PATIENCE_MS
    )
