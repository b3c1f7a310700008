"""A chosen vessel stays chosen: over reordering, over F5, by link, until it is closed."""

import re

import pytest
from console_process import Console, OpenPage
from playwright.sync_api import Page, WebSocketRoute, expect
from rows import Barge, Rows
from sights import FLEET, PATIENCE_MS, listed, row, spot, ticks_later, until

WANTED = FLEET[2]


@pytest.fixture(autouse=True)
def fleet(rows: Rows) -> None:
    rows.put(*FLEET)
    rows.beat()


def expect_chosen(page: Page, barge: Barge) -> None:
    expect(page.locator(".drawer-head h2")).to_have_text(str(barge.name), timeout=PATIENCE_MS)
    expect(row(page, barge.mmsi)).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(rf"[?&]vessel={barge.mmsi}(&|$)"))


def test_the_list_reorders_and_the_choice_stays(rows: Rows, open_page: OpenPage) -> None:
    page = open_page()
    row(page, WANTED.mmsi).click()
    expect_chosen(page, WANTED)
    page.locator("[data-order]").select_option("speed")
    before = listed(page)
    rows.move(WANTED.mmsi, sog_kn=9.5)
    rows.put(Barge(412000001, "AHEAD OF ALL", 120.75, 31.02))
    until(page, lambda: len(listed(page)) == len(FLEET) + 1 and listed(page)[0] == WANTED.mmsi)
    assert before[0] != WANTED.mmsi
    expect_chosen(page, WANTED)
    expect(page.locator(".drawer-head .copy").first).to_have_text(str(WANTED.mmsi))


@pytest.mark.drawn
def test_a_click_on_the_map_chooses_that_barge(rows: Rows, open_page: OpenPage) -> None:
    page = open_page()
    expect(row(page, WANTED.mmsi)).to_be_visible(timeout=PATIENCE_MS)
    ticks_later(page, 2)
    place = spot(page, WANTED.lon, WANTED.lat)

    def clicked() -> bool:
        # software rendering can hold a click back so long that the map takes it for a press
        page.mouse.click(*place)
        page.wait_for_timeout(1500)
        return page.locator(".drawer-head").count() == 1

    until(page, clicked, 120)
    expect_chosen(page, WANTED)
    rows.put(Barge(412000001, "AHEAD OF ALL", 120.75, 31.02))
    until(page, lambda: len(listed(page)) == len(FLEET) + 1)
    ticks_later(page, 3)
    expect_chosen(page, WANTED)


def test_reload_keeps_language_and_choice(open_page: OpenPage) -> None:
    page = open_page()
    row(page, WANTED.mmsi).click()
    expect_chosen(page, WANTED)
    page.locator("[data-lang='en']").click()
    expect(page.locator("h2", has_text="Latest crossings")).to_be_visible(timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile("lang=en"), timeout=PATIENCE_MS)  # what a reload goes by
    page.reload()
    expect(page.locator("h2", has_text="Latest crossings")).to_be_visible(timeout=PATIENCE_MS)
    expect_chosen(page, WANTED)
    expect(page).to_have_url(re.compile("lang=en"))
    expect(page).to_have_title("Live · Whistle")


def test_a_link_opens_the_drawer_and_escape_closes_it(open_page: OpenPage) -> None:
    page = open_page(f"?vessel={WANTED.mmsi}")
    expect_chosen(page, WANTED)
    page.keyboard.press("Escape")
    expect(page.locator(".drawer-head")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page).not_to_have_url(re.compile("vessel="))
    row(page, FLEET[0].mmsi).focus()
    page.keyboard.press("Enter")
    expect_chosen(page, FLEET[0])
    page.locator(".close").click()
    expect(page.locator(".drawer-head")).to_have_count(0, timeout=PATIENCE_MS)


def test_a_link_to_nobody_is_said_plainly(open_page: OpenPage) -> None:
    page = open_page("?vessel=999999999")
    expect(page.locator("[data-pane='drawer']")).to_contain_text(
        "没有该船的船位记录", timeout=PATIENCE_MS
    )


def test_search_finds_by_name_and_by_number(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator(".vessel")).to_have_count(len(FLEET), timeout=PATIENCE_MS)
    search = page.locator("[data-search]")
    search.fill("taipu")
    expect(page.locator(".vessel")).to_have_count(3)
    search.fill("0004")
    expect(page.locator(".vessel")).to_have_count(1)
    expect(page.locator("[data-count='vessels']")).to_have_text(f"1 / {len(FLEET)}")
    search.fill("<b>nobody</b>")
    expect(page.locator("[data-list] .empty")).to_have_text("没有船舶符合“<b>nobody</b>”。")
    ticks_later(page, 2)
    expect(search).to_have_value("<b>nobody</b>")


def test_no_click_is_lost_to_the_timer_of_the_map(open_page: OpenPage) -> None:
    page = open_page()
    expect(row(page, FLEET[0].mmsi)).to_be_visible(timeout=PATIENCE_MS)
    for n in range(8):
        barge = FLEET[n % 3]
        page.wait_for_timeout(70 * n)  # at other moments of the half second
        row(page, barge.mmsi).click()
        expect_chosen(page, barge)


def test_back_and_forward_change_the_choice(open_page: OpenPage) -> None:
    page = open_page()
    for barge in FLEET[:2]:
        row(page, barge.mmsi).click()
        expect_chosen(page, barge)
    page.go_back()
    expect_chosen(page, FLEET[0])
    page.go_forward()
    expect_chosen(page, FLEET[1])


def test_a_choice_that_the_server_never_got_is_sent_again(open_page: OpenPage) -> None:
    page = open_page()
    lost: list[bytes] = []

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def to_server(said: str | bytes) -> None:
            data = said if isinstance(said, bytes) else said.encode()
            # every first telling of a choice, and the timer's requests that repeat it
            if b'"vessel":' in data and b'"again":' not in data:
                lost.append(data)
            else:
                server.send(said)

        socket.on_message(to_server)

    page.route_web_socket(re.compile("/_stcore/stream"), relay)
    page.reload()
    row(page, WANTED.mmsi).click()
    expect_chosen(page, WANTED)
    assert lost


def test_after_the_server_restarted_the_last_choice_stands(
    own_console: Console, own_rows: Rows, open_own_page: OpenPage
) -> None:
    own_rows.put(*FLEET)
    own_rows.beat()
    page = open_own_page()
    row(page, FLEET[0].mmsi).click()
    expect_chosen(page, FLEET[0])
    page.locator(".close").click()
    expect(page.locator(".drawer-head")).to_have_count(0, timeout=PATIENCE_MS)
    row(page, FLEET[1].mmsi).click()
    expect_chosen(page, FLEET[1])
    own_console.stop()
    expect(page.locator("html")).to_have_attribute("data-stale", "no_server", timeout=PATIENCE_MS)
    own_console.start()
    own_rows.beat()
    expect(page.locator("html[data-stale]")).to_have_count(0, timeout=PATIENCE_MS)
    ticks_later(page, 3)
    expect_chosen(page, FLEET[1])
