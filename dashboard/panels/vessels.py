"""Right rail: every vessel on the map, with search and order; its rows come from the map's JSON."""

from dashboard import state
from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.pane import choice, pane
from dashboard.panels.parts import head

NAME = "vessels"


def show(lang: Language) -> None:
    """Mount the list."""
    pane(NAME, {"lang": lang, "frame": frame(lang)}, on_vessel_change=_chosen)


def _chosen() -> None:
    state.choose_from(choice(NAME, "vessel"))


def frame(lang: Language) -> Markup:
    """Head, search, order, and a body that the browser's script fills."""
    _ = words(lang).gettext
    orders = {
        "name": _("Name"),
        "newest": _("Newest fix"),
        "speed": _("Speed"),
        "district": _("District"),
    }
    return join(
        head(_("Vessels"), tag("span", "", class_="count num", data_count=NAME), words=words(lang)),
        tag(
            "div",
            tag(
                "input",
                type="search",
                class_="search",
                data_search=True,
                placeholder=_("Name or MMSI"),
                aria_label=_("Search vessels by name or MMSI"),
                autocomplete="off",
                spellcheck="false",
            ),
            tag(
                "select",
                *(tag("option", label, value=key) for key, label in orders.items()),
                data_order=True,
                aria_label=_("Order of the list"),
            ),
            class_="tools",
        ),
        tag(
            "div",
            class_="body scroll list",
            data_list=True,
            tabindex=0,
            role="listbox",
            aria_label=_("Vessels"),
        ),
    )
