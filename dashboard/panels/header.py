"""Top bar: brand, page, language, time."""

from dashboard import state
from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.pane import pane, value

NAME = "header"


def show(lang: Language) -> None:
    """Mount the bar."""
    pane(NAME, {"lang": lang, "frame": frame(lang)}, on_lang_change=_lang)


def _lang() -> None:
    state.set_lang(str(value(NAME, "lang") or ""))


def frame(lang: Language) -> Markup:
    """The bar; the clock is kept by the browser's script, in the server's time."""
    _ = words(lang).gettext
    return join(
        tag("div", tag("span", class_="logo"), tag("b", _("Whistle")), class_="brand"),
        tag("nav", tag("a", _("Live"), aria_current="page", class_="page"), aria_label=_("Pages")),
        tag("div", class_="gap"),
        tag(
            "input",
            type="text",
            class_="who",
            maxlength=40,
            data_who=True,
            placeholder=_("On duty: your name"),
            title=_("Stands beside what you do with alerts. Kept in this browser, not checked."),
            aria_label=_("On duty: your name"),
            autocomplete="off",
            spellcheck="false",
        ),
        tag(
            "div",
            tag(
                "button",
                "中文",
                type="button",
                data_lang="zh",
                lang="zh-CN",
                aria_pressed="true" if lang == "zh" else "false",
            ),
            tag(
                "button",
                "EN",
                type="button",
                data_lang="en",
                lang="en",
                aria_pressed="true" if lang == "en" else "false",
            ),
            class_="switch",
            role="group",
            aria_label=_("Language"),
        ),
        tag("span", "", class_="date num", data_today=True),
        tag("time", "", class_="now num", data_now=True, title=_("Time in Shanghai")),
    )
