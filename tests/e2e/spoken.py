"""All that is written on a page, and what of it belongs to another language."""

import re

from playwright.sync_api import Page

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
LATIN = re.compile(r"[A-Za-z]{2,}")
LATIN_IN_CHINESE = {"EN", "MMSI", "AIS", "NMEA", "WGS", "km", "TAIPU", "CANAL"}
"""Signs, units, and names that vessels gave themselves."""

WORDS = """
() => {
  const seen = [], data = '[data-lang], .stDeckGlJsonChart', code = 'script, style, noscript'
  const hints = ['title', 'placeholder', 'aria-label', 'alt']
  const kinds = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT
  const walk = document.createTreeWalker(document.body, kinds)
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const element = n.nodeType === 3 ? n.parentElement : n
    if (element.closest(data) || element.closest(code)) continue
    if (!element.closest('.pane') && !element.checkVisibility()) continue
    if (n.nodeType === 3) seen.push(n.data)
    else for (const name of hints) seen.push(n.getAttribute(name) ?? '')
  }
  return [document.title, ...seen].map(t => t.trim()).filter(Boolean)
}
"""


def words(page: Page) -> list[str]:
    """All that is written on the page, hints and hidden tables too; the map's canvas is no text."""
    found = page.evaluate(WORDS)
    assert isinstance(found, list)
    return found


def strays(page: Page, lang: str) -> set[str]:
    """Words that a page in `lang` should not show."""
    if lang == "en":
        return {text for text in words(page) if CHINESE.search(text)}
    return {w for text in words(page) for w in LATIN.findall(text)} - LATIN_IN_CHINESE
