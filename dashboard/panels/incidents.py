"""事件 Incidents: the frame of the page; the browser fetches what stands in it."""

import streamlit as st

from dashboard.console import running
from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.chart import REFRESH_S
from dashboard.panels.pane import beacon, pane

NAME = "incidents"


def show(lang: Language) -> None:
    """Mount the page, and the beacon by which the browser knows that it is heard."""
    pane(NAME, {"lang": lang, "frame": frame(lang)})
    _tick(lang)


@st.fragment(run_every=2 * REFRESH_S)
def _tick(lang: Language) -> None:
    console = running()
    beacon(lang, console.bodies.newest if console else None)


def frame(lang: Language) -> Markup:
    """Head with the filter; the list left, one incident right."""
    _ = words(lang).gettext
    return join(
        tag("div", class_="banner", data_banner=True, role="status", aria_live="polite"),
        tag(
            "header",
            tag("h1", _("Incidents")),
            tag("span", "", class_="count num", data_incident_count=True),
            tag(
                "select",
                tag("option", _("open"), value="open"),
                tag("option", _("all"), value="all"),
                data_incident_look=True,
                aria_label=_("Which"),
            ),
            tag("div", class_="gap"),
            tag("span", class_="fresh", data_fresh=True, title=_("Age of the data shown")),
            class_="papers-head",
        ),
        tag("div", class_="incident-list scroll", data_incidents=True, tabindex=0),
        tag("div", class_="incident-file scroll", data_incident_file=True, tabindex=0),
    )
