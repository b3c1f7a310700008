"""The incidents page: an answer is seen within two seconds, in both languages, by its link."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from console_process import OpenPage
from mustering import furnish, muster, say
from playwright.sync_api import Locator, Page, expect
from processes import apart
from sights import PATIENCE_MS

from db.pool import create_pool
from domain.incidents import Incident
from domain.musters import Answer, Call

SEEN_S = 2.0
STAMP = """
() => {
  window.stood = {}
  const look = () => {
    for (const row of document.querySelectorAll('[data-authority]')) {
      window.stood[`${row.dataset.authority} ${row.dataset.standing}`] ??= Date.now() / 1000
    }
  }
  new MutationObserver(look).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: ['data-standing']
  })
}
"""
SLOWEST = """
() => Math.max(...performance.getEntriesByType('resource')
  .filter(each => each.name.includes('/incidents/')).map(each => each.duration)) / 1000
"""
HOSTILE = "<img src=x onerror=alert(1)>两船出沪"


def in_store(url: str, work: Callable[[asyncpg.Pool], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        pool = await create_pool(url)
        try:
            return await work(pool)
        finally:
            await pool.close()

    return apart(run())


@pytest.fixture
def mustered(database_url: str, own_console: object) -> tuple[Incident, dict[str, Call]]:
    """An incident that three authorities were told of."""

    async def make(pool: asyncpg.Pool) -> tuple[Incident, dict[str, Call]]:
        async with pool.acquire() as connection:
            await furnish(connection)
        return await muster(pool, title=HOSTILE)

    made: tuple[Incident, dict[str, Call]] = in_store(database_url, make)
    return made


def standing(page: Page, authority: str) -> Locator:
    return page.locator(f"[data-authority='{authority}']")


def test_who_answers_is_seen_within_two_seconds(
    mustered: tuple[Incident, dict[str, Call]], database_url: str, open_own_page: OpenPage
) -> None:
    incident, calls = mustered
    page = open_own_page("?page=incidents&lang=zh")
    card = page.locator(f"[data-incident='{incident.incident_id}']")
    expect(card).to_contain_text(HOSTILE, timeout=PATIENCE_MS)
    expect(standing(page, "ks-env")).to_have_attribute("data-standing", "told", timeout=PATIENCE_MS)
    page.evaluate(STAMP)

    async def answer(pool: asyncpg.Pool) -> float:
        call = await say(pool, calls["ks-env"], Answer.ON_THE_WAY)
        assert call.on_the_way_at is not None
        return call.on_the_way_at.timestamp()

    at = in_store(database_url, answer)
    expect(standing(page, "ks-env")).to_have_attribute(
        "data-standing", "on_the_way", timeout=PATIENCE_MS
    )
    took = page.evaluate("() => window.stood['ks-env on_the_way']") - at
    slowest_s = page.evaluate(SLOWEST)
    print(f"seen after {took:.2f} s, slowest answer {slowest_s:.2f} s")
    # on a machine that answers slowly, the two requests of a look and the one before it
    assert took <= SEEN_S if slowest_s <= 0.5 else took <= SEEN_S + 4 * slowest_s
    expect(standing(page, "ks-env")).to_contain_text("在途")
    expect(standing(page, "wj-env")).to_have_attribute("data-standing", "told")
    expect(page.locator(".timeline li").first).to_contain_text("在途")

    card.click()
    expect(page).to_have_url(re.compile(f"incident={incident.incident_id}"))
    page.reload()
    expect(page.locator(".incident-head h2")).to_have_text(HOSTILE, timeout=PATIENCE_MS)
    page.locator("[data-lang='en']").click()
    expect(standing(page, "ks-env")).to_contain_text("on the way", timeout=PATIENCE_MS)
    page.locator("[data-incident-look]").select_option("all")
    expect(page.locator("[data-incident-count]")).to_have_text("1 incidents")
