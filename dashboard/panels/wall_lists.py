"""The wall's two lists. All of an entry is readable; entries that do not fit are counted.

The browser's script hides what would be cut off and says how many that are (`static/wall.js`).
"""

import re
from functools import lru_cache
from typing import Final

from dashboard.alert import Alert
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, Words, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.alerts import never_watched, state_word
from dashboard.panels.crossings import route
from dashboard.panels.parts import age, alert_figures, clock, empty
from dashboard.panels.watch import nothing, warning
from dashboard.public import public_alert, public_passage
from dashboard.reason_words import headline, summary
from dashboard.snapshot import Passage, Snapshot
from dashboard.wechat import level_word

MOST: Final = 24
"""Entries sent: more never fit."""
REASONS: Final = 3
GLYPHS: Final = {"new": "●", "seen": "◐", "validated": "✓", "rejected": "✕", "retracted": "↶"}

_TOGETHER: Final = re.compile(
    r"(?<=\d) (?=(?:km|m|t|min|h|分钟|分|秒|起|±)(?![A-Za-z]))|(?<=±) (?=\d)| (?=·)"
)


def unbroken(text: str) -> str:
    """No line ends between a number and its unit, and none begins with a dot."""
    return _TOGETHER.sub("\u00a0", text)


def alerts(snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    """The alerts in the order of the rail."""
    tr = words(lang)
    _ = tr.gettext
    if never_watched(snapshot):
        return empty(
            _("Suspicions that need a decision appear here."),
            _("The alert watch has never run on this store."),
        )
    if not snapshot.alerts:
        return join(
            alert_figures(snapshot),
            nothing(snapshot, lang, _("Suspicions that need a decision appear here.")),
        )
    posts = [post(public_alert(a), lang, gazetteer) for a in snapshot.alerts[:MOST]]
    total = len(snapshot.alerts) + snapshot.unlisted_alerts
    return join(alert_figures(snapshot), warning(snapshot, lang), fitting(posts, total))


def crossings(snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    """The latest crossings, newest first."""
    _ = words(lang).gettext
    if not snapshot.crossings:
        return empty(
            _("Barges that pass from one district into another appear here."),
            _("No crossing has been confirmed yet."),
        )
    passed = [passage(public_passage(c), lang, gazetteer) for c in snapshot.crossings[:MOST]]
    return fitting(passed, max(len(snapshot.crossings), snapshot.crossings_today))


def fitting(entries: list[Markup], total: int) -> Markup:
    """A list of which only what fits is shown, and the place that counts the rest of `total`."""
    return join(
        tag("div", *entries, class_="posts", data_fit=True, data_total=total, data_key="posts"),
        tag("div", "", class_="rest num", data_rest=True, data_script=True, data_key="rest"),
    )


@lru_cache(maxsize=1024)
def post(alert: Alert, lang: Language, gazetteer: Gazetteer) -> Markup:
    """Who does what, why, where, since when, and where it stands; nobody's name."""
    tr = words(lang)
    return tag(
        "article",
        tag(
            "div",
            glyph(alert, lang),
            tag("b", headline(alert, lang, gazetteer), class_="name"),
            tag("b", alert.score if alert.open else "—", class_="score num"),
            class_="first",
        ),
        tag("div", unbroken(summary(alert, lang, gazetteer, REASONS)), class_="why-line"),
        tag(
            "div",
            tag("span", unbroken(gazetteer.place(alert.lon, alert.lat, lang)), class_="place"),
            *_state(alert, tr),
            age(alert.began_at),
            class_="last",
        ),
        class_=f"post {alert.level} {alert.state}" + (" silenced" if alert.silenced else ""),
        data_key=alert.alert_id,
        data_alert=alert.alert_id,
    )


def glyph(alert: Alert, lang: Language) -> Markup:
    """Level as a shape, the same ring as on the map."""
    shape = alert.level if alert.open else "closed"
    word = level_word(alert.level, lang)
    return tag("i", class_=f"key key-alert-{shape}", role="img", aria_label=word)


def _state(alert: Alert, tr: Words) -> list[Child]:
    """Where it stands and since when; who decided is nobody's business here."""
    _ = tr.gettext
    said: list[Child] = [
        tag("span", f"{GLYPHS.get(alert.state, '')} {state_word(alert.state, tr)}", class_="st")
    ]
    at = alert.retracted_at if alert.state == "retracted" else alert.handled_at
    if alert.state != "new" and at is not None:
        said.append(clock(at))
    if alert.reopened and alert.open:
        said.append(tag("span", _("back again"), class_="mark"))
    if alert.silenced:
        said.append(tag("span", _("silenced"), class_="mark"))
    return said


def passage(crossing: Passage, lang: Language, gazetteer: Gazetteer) -> Markup:
    """Who, from where to where, at what place, when."""
    tr = words(lang)
    return tag(
        "article",
        tag(
            "div",
            tag("span", crossing.name or f"MMSI {crossing.mmsi}", class_="name"),
            clock(crossing.crossed_at),
            class_="first",
        ),
        tag("div", route(crossing, lang, gazetteer), class_="route"),
        tag(
            "div",
            tag(
                "span", unbroken(gazetteer.place(crossing.lon, crossing.lat, lang)), class_="place"
            ),
            tag("span", tr.gettext("grazing the border"), class_="mark")
            if crossing.grazing
            else None,
            class_="last",
        ),
        class_="post passed grazing" if crossing.grazing else "post passed",
        data_key=crossing.crossing_id,
    )
