"""Top bar: brand, page, language, time."""

from dashboard import state
from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.pane import pane, value

NAME = "header"


def show(lang: Language, here: str = "live") -> None:
    """Mount the bar; `here`: the page it stands on."""
    pane(NAME, {"lang": lang, "frame": frame(lang, here)}, on_lang_change=_lang)


def _lang() -> None:
    state.set_lang(str(value(NAME, "lang") or ""))


def frame(lang: Language, here: str = "live") -> Markup:
    """The bar; the clock is kept by the browser's script, in the server's time."""
    _ = words(lang).gettext
    pages = {
        "live": (_("Live"), f"/?lang={lang}"),
        "incidents": (_("Incidents"), f"/?page=incidents&lang={lang}"),
        "permits": (_("Permits"), f"/?page=permits&lang={lang}"),
    }
    return join(
        tag("div", tag("span", class_="logo"), tag("b", _("Whistle")), class_="brand"),
        tag(
            "nav",
            *(
                tag(
                    "a",
                    said,
                    href=None if name == here else where,
                    aria_current="page" if name == here else None,
                    class_="page",
                )
                for name, (said, where) in pages.items()
            ),
            aria_label=_("Pages"),
        ),
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
