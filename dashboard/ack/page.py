"""HTML of the one-tap page: readable without script, in the sun, on 360 pixels, in few bytes.

The link's token stands nowhere in it: forms and links lead to the page's own address.
"""

import zlib
from base64 import b64encode
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final
from uuid import uuid4

from dashboard.ack.answers import answer_forms
from dashboard.ack.sheet import Neighbour, Sheet
from dashboard.ack.shown import moment, shown
from dashboard.ack.words import ended_words, standing_word
from dashboard.i18n import TAGS, Language, words
from dashboard.markup import Markup, join, tag
from domain.authorities import Authority
from domain.musters import Call

_NAME_MOST, _TITLE_MOST, _WORDS_MOST, _WHY_MOST = 40, 100, 400, 160
_WHY_SHOWN, _TOLD_SHOWN = 8, 16
SCRIPT: Final = "/a/ack.js"


def answer_page(sheet: Sheet, lang: Language, now: datetime, fault: str | None = None) -> str:
    """The page of one call. `fault`: why the last answer was not taken."""
    _ = words(lang).gettext
    call, incident = sheet.call, sheet.incident
    over = ended_words(incident.state, lang)
    main = join(
        _addressed(sheet, lang),
        tag("p", fault, class_="fault", role="alert") if fault else None,
        tag("p", over, class_="over") if over else None,
        tag("p", incident.number, class_="number"),
        tag("h1", _bdi(shown(incident.title, _TITLE_MOST))),
        _answered(call, lang, now),
        _where(sheet, lang),
        _why(sheet, lang),
        tag("h2", _("What")) if incident.summary else None,
        tag("p", _bdi(shown(incident.summary, _WORDS_MOST))) if incident.summary else None,
        tag("h2", _("Since")),
        tag("p", moment(incident.began_at, now)),
        answer_forms(call, lang, uuid4()),
        _others(sheet.others, lang),
    )
    seen = "no" if call.open and call.seen_at is None else "yes"
    return _page(lang, tag("main", _header(lang), main, data_seen=seen))


def refused_page(lang: Language) -> str:
    """For every link that does not hold, whatever the reason: the same bytes."""
    _ = words(lang).gettext
    return notice_page(lang, _("This link does not hold. Ask the control room for another one."))


def notice_page(lang: Language, said: str) -> str:
    """One sentence."""
    return _page(lang, tag("main", _header(lang), tag("p", said, class_="over", role="alert")))


def _header(lang: Language) -> Markup:
    _ = words(lang).gettext
    other: Language = "zh" if lang == "en" else "en"
    name = {"zh": "中文", "en": "English"}[other]
    switch = tag("a", name, href=f"?lang={other}", lang=TAGS[other])
    return tag("header", tag("i"), _("Whistle"), switch)


def _addressed(sheet: Sheet, lang: Language) -> Markup:
    _ = words(lang).gettext
    name = shown(sheet.call.name, _NAME_MOST)
    unit = authority_name(sheet.authority, sheet.call.authority_id, lang)
    whom = [_bdi(name)] if name == unit else [_bdi(name), " · ", _bdi(unit)]
    return tag(
        "div",
        tag("p", _("For"), " ", tag("b", *whom)),
        tag("small", _("This link answers for them and nobody else. If you are not, do not tap.")),
        class_="for",
    )


def _answered(call: Call, lang: Language, now: datetime) -> Markup | None:
    """What the recipient has said so far, with times."""
    _ = words(lang).gettext
    eta = None
    if call.eta is not None and call.on_scene_at is None:
        eta = _("arrives about {time}").format(time=moment(call.eta, now))
    told = (
        (_("Acknowledged"), call.acknowledged_at, None),
        (_("Set out"), call.on_the_way_at, eta),
        (_("On the scene"), call.on_scene_at, None),
        (_("Cannot come"), call.declined_at, shown(call.reason or "", _WORDS_MOST) or None),
    )
    lines = [
        join(tag("dt", word), tag("dd", moment(at, now), _also(more)))
        for word, at, more in told
        if at is not None
    ]
    if not lines:
        return None
    by = call.on_behalf_by
    entered = _("entered by {name}").format(name=shown(by, _NAME_MOST)) if by else None
    return tag(
        "section",
        tag("h2", _("Your answer is recorded")),
        tag("dl", *lines),
        tag("p", entered, class_="hint") if entered else None,
        class_="said",
    )


def _also(more: str | None) -> Markup | None:
    return join(" · ", _bdi(more)) if more else None


def _where(sheet: Sheet, lang: Language) -> Markup:
    _ = words(lang).gettext
    spot = sheet.incident.spot
    point = _("{lat:.5f} N, {lon:.5f} E (WGS-84)").format(lon=spot.lon, lat=spot.lat)
    return join(
        tag("h2", _("Where")),
        tag("p", _bdi(shown(spot.words, _WORDS_MOST))) if spot.words else None,
        tag(
            "p",
            point,
            " ",
            tag("a", _("Open in a map"), href=f"geo:{spot.lat:.6f},{spot.lon:.6f}"),
        ),
    )


def _why(sheet: Sheet, lang: Language) -> Markup | None:
    _ = words(lang).gettext
    why = sheet.incident.why
    if not why:
        return None
    more = len(why) - _WHY_SHOWN
    return join(
        tag("h2", _("Why")),
        tag("ul", *(tag("li", _bdi(shown(one, _WHY_MOST))) for one in why[:_WHY_SHOWN])),
        tag("p", _("and {n} more").format(n=more), class_="hint") if more > 0 else None,
    )


def _others(others: tuple[Neighbour, ...], lang: Language) -> Markup:
    _ = words(lang).gettext
    more = len(others) - _TOLD_SHOWN
    rows = [
        tag(
            "li",
            _bdi(authority_name(one.authority, one.authority_id, lang)),
            tag("span", standing_word(one.turnout.standing, lang)),
        )
        for one in others[:_TOLD_SHOWN]
    ]
    return join(
        tag("h2", _("Who else was told")),
        tag("ul", *rows, class_="told") if rows else tag("p", _("nobody")),
        tag("p", _("and {n} more").format(n=more), class_="hint") if more > 0 else None,
    )


def authority_name(authority: Authority | None, authority_id: str, lang: Language) -> str:
    """The authority's name in a language, where it has one."""
    if authority is None:
        return shown(authority_id, _NAME_MOST)
    english = authority.name_en if lang == "en" else ""
    return shown(english or authority.name, _NAME_MOST)


def _bdi(text: str) -> Markup:
    """Others' words keep their direction to themselves."""
    return tag("bdi", text)


def _page(lang: Language, body: Markup) -> str:
    _ = words(lang).gettext
    # the title is what a chat shows of a link: nothing of the matter
    title = " · ".join((_("Whistle"), _("Answer")))
    head = join(
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width,initial-scale=1">'),
        Markup('<meta name="robots" content="noindex,nofollow">'),
        Markup('<meta name="format-detection" content="telephone=no">'),
        Markup('<link rel="icon" href="data:,">'),
        tag("title", title),
        Markup(f"<style>{style()}</style>"),
        Markup(f'<script type="module" src="{SCRIPT}?v={script_version()}"></script>'),
    )
    return f'<!doctype html><html lang="{TAGS[lang]}"><head>{head}</head><body>{body}</body></html>'


@cache
def style() -> str:
    """The stylesheet, inline: one answer over a slow link is the whole page."""
    return (files("dashboard.ack") / "ack.css").read_text("utf-8").replace("\n", "")


@cache
def script() -> bytes:
    """The script, which the page can do without."""
    return (files("dashboard.ack") / "ack.js").read_bytes()


@cache
def script_version() -> str:
    """Changes with its content."""
    return f"{zlib.crc32(script()):08x}"


@cache
def policy() -> str:
    """Content-Security-Policy: this stylesheet, our script, nothing else from anywhere."""
    digest = b64encode(sha256(style().encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            "script-src 'self'",
            "connect-src 'self'",
            "img-src data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
