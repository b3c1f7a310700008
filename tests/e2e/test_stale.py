"""Every panel turns visibly stale by itself, says why, and recovers by itself."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alert_rows import put_alert, unwatch, watch
from console_process import Console, OpenPage, pages_of
from playwright.sync_api import Browser, Page, expect
from rows import Rows
from sights import FLEET, PATIENCE_MS, row, shown_tick, ticks_later, until
from spoken import strays

from ops.cluster import Cluster

LIMIT_S = 5.0

OBSERVE = """
() => {
  window.staleAt = null
  const root = document.documentElement
  new MutationObserver(() => {
    if (root.dataset.stale && window.staleAt === null) window.staleAt = Date.now() / 1000
  }).observe(root, { attributes: true })
}
"""


def expect_live(page: Page) -> None:
    expect(row(page, FLEET[0].mmsi)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("html[data-stale]")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.locator("[data-banner]")).to_be_hidden(timeout=PATIENCE_MS)


def expect_stale(page: Page, words: str) -> None:
    expect(page.locator("[data-banner] b")).to_have_text(words, timeout=PATIENCE_MS)
    fresh = page.locator("[data-fresh]:visible")
    expect(fresh).to_have_count(2)
    for n in range(2):
        expect(fresh.nth(n)).to_contain_text("▲ 已陈旧")


def stale_at(page: Page) -> float:
    """When the page marked itself, by the machine's clock."""
    return float(until(page, lambda: page.evaluate("window.staleAt")))


def shown(rows: Rows, open_page: OpenPage) -> Page:
    """A page that is live and is observed."""
    rows.put(*FLEET)
    rows.beat()
    page = open_page()
    expect_live(page)
    ticks_later(page, 2)
    page.evaluate(OBSERVE)
    return page


@pytest.fixture
def page(rows: Rows, open_page: OpenPage) -> Page:
    return shown(rows, open_page)


@pytest.fixture
def own_page(own_rows: Rows, open_own_page: OpenPage) -> Page:
    """The same of a console that the test may stop."""
    return shown(own_rows, open_own_page)


def test_a_feed_that_falls_silent(rows: Rows, page: Page) -> None:
    rows.hush()
    silent_since = time.time()
    assert stale_at(page) - silent_since < LIMIT_S
    expect_stale(page, "数据链路中断：接收服务无响应")
    expect(page.locator("[data-banner] span")).to_contain_text("岸台")
    expect(page.locator(".feed .word")).to_have_text("无响应")
    rows.beat()
    expect_live(page)


def test_a_source_that_is_cut_off(rows: Rows, page: Page) -> None:
    rows.cut()
    cut_at = time.time()
    assert stale_at(page) - cut_at < LIMIT_S
    expect_stale(page, "数据链路中断：数据源已断开")
    rows.beat()
    expect_live(page)


def heard(rows: Rows, ago_min: int) -> None:
    rows.execute(
        """insert into receiver_minute
        select 'ais', 'JINZE', date_trunc('minute', clock_timestamp() - make_interval(mins => $1)),
               5""",
        ago_min,
    )


def test_a_receiver_that_hears_nobody(rows: Rows, page: Page) -> None:
    """The picture goes on, and the vessels there are not called silent for it."""
    rows.execute("update vessel_latest set station = 'JINZE'")
    heard(rows, 9)
    expect(page.locator("[data-banner] b")).to_have_text("岸站无信号", timeout=PATIENCE_MS)
    expect(page.locator("[data-banner] span")).to_contain_text("岸台，岸站 JINZE")
    expect(page.locator(".feed .deaf")).to_contain_text("岸站无信号 JINZE")
    expect(page.locator("html[data-stale]")).to_have_count(0)
    heard(rows, 0)
    expect_live(page)


def test_a_watch_that_is_dead(rows: Rows, page: Page) -> None:
    """The picture goes on; of alerts nothing is claimed, least of all that none is open."""
    rail, bar = page.locator("[data-pane='alerts']"), page.locator("[data-pane='feeds']")
    banner = page.locator("[data-banner]")
    watch(rows)
    expect(rail.locator(".empty")).to_contain_text("目前没有未结警情", timeout=PATIENCE_MS)
    expect(bar.locator(".watch .word")).to_have_text("运行中")
    expect_live(page)
    unwatch(rows)
    expect(banner.locator("b")).to_have_text("警情研判已停止", timeout=PATIENCE_MS)
    expect(banner.locator("span")).to_contain_text("没有完成一轮")
    expect(page.locator("html[data-stale]")).to_have_count(0)
    expect(rail.locator("[data-fresh]")).to_contain_text("▲ 已陈旧")
    expect(page.locator("[data-pane='crossings'] [data-fresh]")).not_to_contain_text("▲")
    expect(rail.locator(".empty")).not_to_contain_text("目前没有未结警情")
    expect(rail.locator(".unwatched")).to_contain_text("警情研判已停止")
    expect(rail.locator("[data-count='alerts']")).to_have_text("▲ 已知 0 起")
    expect(rail.locator("[data-level-count='high']")).to_have_text("—")
    expect(bar.locator(".watch.dead .word")).to_have_text("无响应")
    expect(bar.locator(".totals")).to_contain_text("警情 —")
    put_alert(rows, "old")
    expect(rail.locator(".card.alert")).to_have_count(1, timeout=PATIENCE_MS)
    expect(rail.locator(".unwatched")).to_be_visible()
    rows.cut()
    # the graver trouble is told first
    expect(banner.locator("b")).to_have_text("数据链路中断：数据源已断开", timeout=PATIENCE_MS)
    rows.beat()
    watch(rows)
    expect_live(page)
    expect(rail.locator(".unwatched")).to_have_count(0)
    expect(rail.locator("[data-count='alerts']")).not_to_contain_text("▲")


def test_a_server_that_freezes_and_one_that_ends(own_console: Console, own_page: Page) -> None:
    page = own_page
    own_console.freeze()
    frozen_at = time.time()
    assert stale_at(page) - frozen_at < LIMIT_S
    expect_stale(page, "与服务器失去连接")
    own_console.thaw()
    expect_live(page)
    tick = shown_tick(page)
    page.evaluate(OBSERVE)
    own_console.stop()
    ended_at = time.time()
    assert stale_at(page) - ended_at < LIMIT_S
    expect_stale(page, "与服务器失去连接")
    assert page.locator(".vessel").count() == len(FLEET)
    assert strays(page, "zh") == set()  # the framework's own complaint is in English, and unseen
    own_console.start()
    expect_live(page)
    until(page, lambda: shown_tick(page) > tick)


@pytest.fixture
def mortal_cluster() -> Iterator[Cluster]:
    """A database server that a test may stop."""
    with tempfile.TemporaryDirectory(prefix="whistle-mortal-") as folder:
        Path(folder).chmod(0o755)
        made = Cluster(Path(folder), durable=False)
        made.start()
        try:
            yield made
        finally:
            made.stop()


def test_a_database_that_goes_away_and_comes_back(
    mortal_cluster: Cluster, browser: Browser, tmp_path: Path
) -> None:
    mortal_cluster.create_database()
    url = mortal_cluster.url()

    rows = Rows(url, migrated=False)
    console = Console(url, tmp_path)
    console.start()
    try:
        with pages_of(browser, console) as show:
            rows.put(*FLEET)
            rows.beat()
            page = show()
            expect_live(page)
            page.evaluate(OBSERVE)
            rows.hush()
            mortal_cluster.stop()
            away_at = time.time()
            assert stale_at(page) - away_at < LIMIT_S
            expect_stale(page, "数据库无法访问")
            assert console.get("/healthz") == 200
            assert console.get("/readyz") == 503
            mortal_cluster.start()
            rows.reopen()
            rows.beat()
            expect_live(page)
            assert console.get("/readyz") == 200
    finally:
        rows.close()
        console.kill()
    said = console.said()
    assert said.count("snapshot.failed") == 1, said
    assert said.count("snapshot.recovered") == 1, said


def test_it_starts_without_a_database_and_says_so(browser: Browser, tmp_path: Path) -> None:
    console = Console(f"postgresql://nobody@/nothing?host={tmp_path}", tmp_path)
    console.start()
    try:
        with pages_of(browser, console) as show:
            page = show()
            expect(page.locator("[data-banner] b")).to_have_text(
                "数据库无法访问", timeout=PATIENCE_MS
            )
            assert console.get("/readyz") == 503
    finally:
        console.kill()


def test_a_recording_that_came_to_its_end_is_no_alarm(rows: Rows, page: Page) -> None:
    rows.hush()
    rows.execute("update feed_status set connected = false, ended_at = clock_timestamp()")
    expect(page.locator("[data-banner] b")).to_have_text("录报已播完", timeout=PATIENCE_MS)
    expect(page.locator("html[data-stale]")).to_have_count(0)
    expect(page.locator(".feed .word")).to_have_text("已结束")
