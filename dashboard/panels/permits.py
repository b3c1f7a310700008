"""许可登记: the frame of the permit register's page; the browser fetches what stands in it."""

import streamlit as st

from dashboard.console import running
from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.chart import REFRESH_S
from dashboard.panels.pane import beacon, pane
from dashboard.paper_search import LOOKS
from dashboard.paper_words import standing_word
from dashboard.reason_words import paper_word
from domain.permit_standing import Standing
from domain.permits import PERMIT_KINDS

NAME = "permits"


def show(lang: Language) -> None:
    """Mount the page, and the beacon by which the browser knows that it is heard."""
    pane(NAME, {"lang": lang, "frame": frame(lang)})
    _tick(lang)


@st.fragment(run_every=2 * REFRESH_S)
def _tick(lang: Language) -> None:
    console = running()
    beacon(lang, console.bodies.newest if console else None)


def look_word(look: str, lang: Language) -> str:
    """A filter by how papers stand."""
    _ = words(lang).gettext
    named = {"all": _("any state"), "valid": _("in force"), "used_up": _("used up")}
    return named.get(look) or standing_word(Standing(look), lang)


def frame(lang: Language) -> Markup:
    """Head with search, filters and what can be done; the table left, one paper right."""
    _ = words(lang).gettext
    looks = [look for look in LOOKS if look != Standing.IN_FORCE]
    return join(
        tag("div", class_="banner", data_banner=True, role="status", aria_live="polite"),
        tag(
            "header",
            tag("h1", _("Permit register")),
            tag("span", "", class_="count num", data_paper_count=True),
            tag(
                "input",
                type="search",
                class_="search",
                data_paper_search=True,
                placeholder=_("Number, holder, carrier, vessel, MMSI or waste"),
                aria_label=_("Search papers"),
                autocomplete="off",
                spellcheck="false",
            ),
            tag(
                "select",
                tag("option", _("any kind"), value="all"),
                *(tag("option", paper_word(kind, lang), value=kind) for kind in PERMIT_KINDS),
                data_paper_kind=True,
                aria_label=_("Kind"),
            ),
            tag(
                "select",
                *(tag("option", look_word(look, lang), value=look) for look in looks),
                data_paper_look=True,
                aria_label=_("State"),
            ),
            tag("div", class_="gap"),
            tag("button", _("New paper"), type="button", class_="act", data_paper_open="new"),
            tag("button", _("Import CSV"), type="button", class_="act", data_paper_open="import"),
            tag(
                "a",
                _("Export CSV"),
                class_="act",
                href=f"/permits/export.csv?lang={lang}",
                download=True,
            ),
            class_="papers-head",
        ),
        tag("div", class_="papers-list scroll", data_papers=True, tabindex=0),
        tag("aside", class_="paper-file scroll", data_paper_file=True, tabindex=0),
    )
