"""Pages that stand before the console: sign in, another password, a wall's token. No script."""

from collections.abc import Sequence
from urllib.parse import urlencode

from dashboard.i18n import LANGUAGES, TAGS, Language, words
from dashboard.markup import Markup, join, tag
from dashboard.page import version
from dashboard.role_words import role_word
from dashboard.sign_in import NEXT_MOST, spoken
from domain.accounts import PASSWORD_LEAST, PASSWORD_MOST, Account
from layers.palette import COLOURS, stylesheet


def sign_in_page(
    lang: Language,
    next_path: str,
    fault: str | None = None,
    login: str = "",
    demo: Sequence[Account] = (),
) -> str:
    """The form; `demo`: accounts that one click lets in."""
    _ = words(lang).gettext
    form = tag(
        "form",
        _next(next_path, lang),
        _field("login", _("Login"), login, autocomplete="username", autocapitalize="none"),
        _field("password", _("Password"), kind="password", autocomplete="current-password"),
        tag("button", _("Sign in"), type="submit"),
        method="post",
        action=f"/sign-in?lang={lang}",
    )
    return _page(
        lang, _("Sign in"), "/sign-in", next_path, fault, form, _clicks(demo, lang, next_path)
    )


def password_page(
    lang: Language, next_path: str, login: str, fault: str | None = None, *, must: bool
) -> str:
    """Another password of one's own; `must`: the present one was made by somebody else."""
    _ = words(lang).gettext
    why = _("This password was given to you. Choose one that only you know.") if must else None
    form = tag(
        "form",
        tag("p", why, class_="hint") if why else None,
        _next(next_path, lang),
        tag("input", type="hidden", name="login", value=login, autocomplete="username"),
        _field("old", _("Present password"), kind="password", autocomplete="current-password"),
        _field("new", _("New password"), kind="password", autocomplete="new-password"),
        _field("again", _("New password again"), kind="password", autocomplete="new-password"),
        tag(
            "p",
            _("{least} to {most} characters; a sentence is a good one.").format(
                least=PASSWORD_LEAST, most=PASSWORD_MOST
            ),
            class_="hint",
        ),
        tag("button", _("Change password"), type="submit"),
        method="post",
        action=f"/password?lang={lang}",
    )
    out = tag(
        "form",
        tag("button", _("Sign out"), type="submit", class_="plain"),
        method="post",
        action=f"/sign-out?lang={lang}",
    )
    return _page(lang, _("Change password"), "/password", next_path, fault, form, out)


def display_page(lang: Language, fault: str | None = None) -> str:
    """Where somebody who hangs up a wall gives it its token."""
    _ = words(lang).gettext
    form = tag(
        "form",
        tag("p", _("The registrar issues a token for each screen."), class_="hint"),
        _field("token", _("Token of this screen"), kind="password", autocomplete="off"),
        tag("button", _("Show the wall"), type="submit"),
        method="post",
        action=f"/display?lang={lang}",
    )
    return _page(lang, _("Wall"), "/display", "/", fault, form, None)


def _clicks(demo: Sequence[Account], lang: Language, next_path: str) -> Markup | None:
    if not demo:
        return None
    _ = words(lang).gettext
    return tag(
        "form",
        tag("h2", _("Demo: one click")),
        _next(next_path, lang),
        tag(
            "div",
            *(
                tag(
                    "button",
                    role_word(one.role, lang),
                    type="submit",
                    name="login",
                    value=one.login,
                    class_="plain",
                )
                for one in demo
            ),
            class_="clicks",
        ),
        method="post",
        action=f"/sign-in/demo?lang={lang}",
    )


def _next(next_path: str, lang: Language) -> Markup:
    return tag("input", type="hidden", name="next", value=spoken(next_path, lang)[:NEXT_MOST])


def _field(name: str, label: str, value: str = "", kind: str = "text", **more: str) -> Markup:
    return tag(
        "label",
        tag("span", label),
        tag(
            "input",
            type=kind,
            name=name,
            value=value or None,
            required=True,
            spellcheck="false",
            maxlength=PASSWORD_MOST,
            **more,
        ),
    )


def _page(
    lang: Language,
    title: str,
    path: str,
    next_path: str,
    fault: str | None,
    *parts: Markup | None,
) -> str:
    _ = words(lang).gettext
    names = {"zh": "中文", "en": "English"}
    switch = tag(
        "nav",
        *(
            tag("b", names[one])
            if one == lang
            else tag("a", names[one], href=_other(path, next_path, one), lang=TAGS[one])
            for one in LANGUAGES
        ),
        aria_label=_("Language"),
    )
    body = tag(
        "main",
        tag("header", tag("span", class_="logo"), tag("b", _("Whistle")), switch),
        tag("h1", title),
        tag("p", fault, class_="fault", role="alert") if fault else None,
        *parts,
    )
    head = join(
        tag("title", f"{title} · {_('Whistle')}"),
        Markup('<meta name="viewport" content="width=device-width,initial-scale=1">'),
        Markup('<meta name="referrer" content="same-origin">'),
        Markup(f'<meta name="theme-color" content="{COLOURS["ground"]}">'),
        Markup('<link rel="icon" href="/assets/mark.svg">'),
        Markup(f"<style>{stylesheet()}</style>"),
        Markup(f'<link rel="stylesheet" href="/assets/sign_in.css?v={version("sign_in.css")}">'),
    )
    return (
        f'<!doctype html><html lang="{TAGS[lang]}" translate="no"><head><meta charset="utf-8">'
        f"{head}</head><body>{body}</body></html>"
    )


def _other(path: str, next_path: str, lang: Language) -> str:
    return f"{path}?{urlencode({'lang': lang, 'next': next_path})}"
