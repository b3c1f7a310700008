"""On the map: what the symbols mean, where the picture comes from, what is wrong with it."""

from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.pane import pane

NAME = "legend"


def show(lang: Language) -> None:
    """Mount the legend and the place where the browser's script says that the picture is stale."""
    pane(NAME, {"lang": lang, "frame": frame(lang)})


def frame(lang: Language) -> Markup:
    """Symbols with words, the source note, the banner."""
    _ = words(lang).gettext
    keys = [
        ("heading", _("barge, bow as drawn (load unknown)")),
        ("course", _("only its course is known")),
        ("still", _("lying still")),
        ("lost", _("lost: silent too long")),
        ("gate", _("gate line")),
        ("checkpoint-online", _("checkpoint, online")),
        ("checkpoint-late", _("checkpoint, late")),
        ("checkpoint-silent", _("checkpoint, no contact")),
        ("crossing", _("new crossing")),
        ("alert-high", _("alert, high")),
        ("alert-medium", _("medium")),
        ("alert-low", _("low")),
        ("alert-closed", _("rejected or retracted")),
        ("zone", _("border water, 300 m")),
    ]
    origin = tag("span", _("districts: AMap, converted to WGS-84; waterways: own schematic"))
    return join(
        tag("div", class_="banner", data_banner=True, role="status", aria_live="polite"),
        tag(
            "div",
            tag("div", *(_key(name, label) for name, label in keys), class_="keys"),
            tag("div", tag("b", _("Schematic map, not a survey")), origin, class_="source"),
            class_="foot",
        ),
    )


def _key(name: str, label: str) -> Markup:
    return tag("span", tag("i", class_=f"key key-{name}", aria_hidden="true"), label)
