"""An alert is kept silent for a while and heard again, on the rail, in the drawer, on the wall."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alert_rows import BARGE, lead_case, put_alert, reason, watch
from alert_sights import COUNT_NOTES, card, shown
from console_process import OpenPage
from playwright.sync_api import expect
from rows import Barge, Rows
from sights import FLEET, PATIENCE_MS, ticks_later, until

from domain.alert_silence import shift_end

WHY = "<img src=x onerror=alert(1)> 海巡艇押送"


@pytest.fixture(autouse=True)
def fleet(rows: Rows) -> None:
    rows.put(*FLEET, Barge(BARGE, "QING HUO 0917", 120.852, 31.106, cog_deg=270, heading_deg=270))
    rows.beat()


def silence_of(rows: Rows, ident: str) -> tuple[Any, ...]:
    return rows.ask(
        "select state, silence_owner, silence_reason, silence_until from alert where alert_id = $1",
        ident,
    )[0]


def test_silence_an_alert_and_hear_it_again(rows: Rows, open_page: OpenPage) -> None:
    lead = lead_case(rows)
    other = put_alert(
        rows,
        "other",
        mmsi=413000311,
        score=44,
        level="medium",
        reasons=[reason("loitering", 20, minutes=52, adcode="330421")],
    )
    page = open_page(f"?alert={lead}")
    open_form = page.locator("[data-silence-open]")
    open_form.click(timeout=PATIENCE_MS)
    form = page.locator(".silence")
    why = form.locator("[data-silence-why]")
    say_it = form.locator("[data-act='silence']")
    expect(form.locator("option[value='shift']")).to_contain_text(
        f"{shift_end(datetime.now(UTC)):%H:%M}"
    )
    why.fill(WHY)
    say_it.click()
    expect(page.locator("#toast")).to_have_text("请先在顶栏填写值班人姓名。")
    page.locator("[data-who]").fill("王一")
    form.locator("[data-until]").select_option("time")
    form.locator("[data-until-time]").fill("25:00")
    say_it.click()
    expect(page.locator("#toast")).to_have_text("请填写时刻，如 20:30。")
    form.locator("[data-until]").select_option("shift")
    ticks_later(page, 2)
    expect(why).to_have_value(WHY)
    say_it.dblclick()

    quiet = card(page, lead)
    expect(quiet).to_have_class(re.compile("silenced"), timeout=PATIENCE_MS)
    expect(quiet.locator(".state")).to_contain_text("静默至")
    expect(quiet.locator(".state")).to_contain_text(f"王一{WHY}")
    expect(page.locator(".silenced-now")).to_contain_text(WHY, timeout=PATIENCE_MS)
    assert shown(page) == [other, lead, *shown(page)[2:]]
    state, owner, said, end = silence_of(rows, lead)
    assert (state, owner, said) == ("new", "王一", WHY)
    assert end == shift_end(datetime.now(UTC))
    told = rows.ask("select count(*) from event where kind = 'alert.silenced'")
    assert told == [(1,)]

    page.locator("[data-filter-state]").select_option("silenced")
    assert shown(page) == [lead]
    page.locator("[data-filter-mine]").click()
    assert shown(page) == [lead]
    page.locator("[data-filter-mine]").click()
    page.locator("[data-filter-state]").select_option("all")

    page.locator("[data-act='hear']").click()
    expect(quiet).not_to_have_class(re.compile("silenced"), timeout=PATIENCE_MS)
    expect(open_form).to_be_visible(timeout=PATIENCE_MS)
    assert silence_of(rows, lead)[1:] == (None, None, None)
    assert shown(page)[0] == lead


def test_a_silenced_alert_rings_only_when_its_time_has_passed(
    rows: Rows, open_page: OpenPage
) -> None:
    watch(rows)
    put_alert(rows, "before", level="low", score=31)
    page = open_page()
    page.add_init_script(COUNT_NOTES)
    page.reload()
    expect(page.locator(".card.alert")).to_have_count(1, timeout=PATIENCE_MS)
    page.locator(".brand").click()
    expect(page.locator("[data-sound]")).to_have_attribute(
        "data-live-state", "on", timeout=PATIENCE_MS
    )
    ident = put_alert(rows, "quiet", mmsi=413100001, state="rejected")
    expect(page.locator(".card.alert")).to_have_count(2, timeout=PATIENCE_MS)
    rows.execute(
        "update alert set state = 'new', silence_owner = '王一', silence_reason = '押送',"
        " silence_until = $2, changed_at = clock_timestamp() where alert_id = $1",
        ident,
        datetime.now(UTC) + timedelta(hours=1),
    )
    expect(card(page, ident)).to_have_class(re.compile("new silenced"), timeout=PATIENCE_MS)
    ticks_later(page, 2)
    assert page.evaluate("window.notes") == 0
    rows.execute(
        "update alert set silence_until = clock_timestamp() where alert_id = $1",
        ident,
    )
    expect(card(page, ident)).not_to_have_class(re.compile("silenced"), timeout=PATIENCE_MS)
    until(page, lambda: page.evaluate("window.notes") == 3)


def test_the_wall_says_silenced_and_names_nobody(rows: Rows, open_page: OpenPage) -> None:
    watch(rows)
    ident = put_alert(rows, "quiet", ago_s=0.0)
    rows.execute(
        "update alert set silence_owner = '王一', silence_reason = '押送',"
        " silence_until = clock_timestamp() + interval '1 hour' where alert_id = $1",
        ident,
    )
    page = open_page("?view=wall")
    post = page.locator(f".post[data-alert='{ident}']")
    expect(post).to_contain_text("静默", timeout=PATIENCE_MS)
    expect(page.locator("body")).not_to_contain_text("王一")
    expect(page.locator("body")).not_to_contain_text("押送")
    expect(page.locator(".news")).to_have_count(0)
