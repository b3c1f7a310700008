"""The wall's frames: heads, clock, legend, and empty bodies that the browser fills each tick."""

from typing import Final

from dashboard import state
from dashboard.i18n import Language, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.pane import pane
from dashboard.panels.parts import head

HEADER: Final = "wall-header"
ALERTS: Final = "wall-alerts"
CROSSINGS: Final = "wall-crossings"
FEEDS: Final = "wall-feeds"
NEWS: Final = "wall-news"
LEGEND: Final = "wall-legend"


def show(name: str, lang: Language) -> None:
    """Mount one pane of the wall."""
    pane(name, {"lang": lang, "frame": frame(name, lang, state.screen())})


def frame(name: str, lang: Language, screen: str = "") -> Markup:
    """The pane's frame; `screen` is what the wall calls itself."""
    _ = words(lang).gettext
    if name == HEADER:
        return header(lang, screen)
    if name == LEGEND:
        return legend(lang)
    body = tag("div", class_="body", data_body=True)
    title = {ALERTS: _("Alerts"), CROSSINGS: _("Latest crossings")}.get(name)
    if title is None:
        return body
    count = tag("span", "", class_="count num", data_count=name)
    return join(head(title, count, words=words(lang)), body)


def header(lang: Language, screen: str) -> Markup:
    """Brand, which wall this is, date and time; the clock is kept by the browser's script."""
    _ = words(lang).gettext
    return join(
        tag("div", tag("span", class_="logo"), tag("b", _("Whistle")), class_="brand"),
        tag("div", class_="gap"),
        tag("span", " · ".join(each for each in (_("Wall"), screen) if each), class_="screen"),
        tag("span", "", class_="date num", data_today=True),
        tag("time", "", class_="now num", data_now=True),
    )


def legend(lang: Language) -> Markup:
    """What the symbols mean in few words, and the place where the page says that it is stale."""
    _ = words(lang).gettext
    keys = [
        ("heading", _("barge")),
        ("lost", _("lost")),
        ("gate", _("gate line")),
        ("crossing", _("new crossing")),
        ("alert-high", _("alert, high")),
        ("alert-medium", _("medium")),
        ("alert-low", _("low")),
        ("zone", _("border water, 300 m")),
    ]
    return join(
        tag("div", class_="banner", data_banner=True, role="status", aria_live="polite"),
        tag(
            "div",
            *(_key(f"key key-{name}", label) for name, label in keys),
            tag("span", _("Schematic map, not a survey"), class_="source"),
            class_="keys",
        ),
    )


def _key(look: str, label: Child) -> Markup:
    return tag("span", tag("i", class_=look, aria_hidden="true"), label)
