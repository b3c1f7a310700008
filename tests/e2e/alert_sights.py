"""What a person sees and hears of alerts on the Live page, found again by a test."""

from playwright.sync_api import Locator, Page

COUNT_NOTES = """
window.notes = 0
const start = OscillatorNode.prototype.start
OscillatorNode.prototype.start = function (...at) { window.notes++; return start.apply(this, at) }
"""
"""Counts the notes that the page plays, as `window.notes`."""


def card(page: Page, ident: str) -> Locator:
    """An alert in the rail."""
    return page.locator(f".card.alert[data-alert='{ident}']")


def shown(page: Page) -> list[str]:
    """Ids in the rail from top to bottom, without what the filters hide."""
    found = page.locator(".card.alert").evaluate_all(
        "cards => cards.filter(c => c.checkVisibility()).map(c => c.dataset.alert)"
    )
    assert isinstance(found, list)
    return found
