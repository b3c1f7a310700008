"""The newest high alert, large enough for the whole room, for as long as it is news.

The body holds every open high alert; which of them is news is judged by the browser's script, that
knows which it has shown already (`static/wall.js`).
"""

from functools import lru_cache
from typing import Final

from dashboard.alert import Alert
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.parts import age, clock
from dashboard.panels.wall_lists import glyph, unbroken
from dashboard.public import public_alert
from dashboard.reason_words import headline, reason_words
from dashboard.snapshot import Snapshot
from dashboard.wechat import level_word
from layers.deck import VIEW

MOST: Final = 40
WEST: Final = VIEW["longitude"] - 0.045
"""West of it the place would lie under a card on the left: the card stands on the right then."""


def body(snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    """The open high alerts, the last changed first; all hidden until the script shows one."""
    high = [a for a in snapshot.alerts if a.open and a.level == "high" and not a.silenced]
    high.sort(key=lambda alert: (-alert.changed_at, alert.alert_id))
    return join(*(large(public_alert(a), _side(a, snapshot), lang, gazetteer) for a in high[:MOST]))


def _side(alert: Alert, snapshot: Snapshot) -> str:
    """Where the card hides neither the vessel nor the words beside it on the map."""
    vessel = None if alert.mmsi is None else snapshot.vessel(alert.mmsi)
    return "right" if (vessel or alert).lon < WEST else "left"


@lru_cache(maxsize=256)
def large(alert: Alert, side: str, lang: Language, gazetteer: Gazetteer) -> Markup:
    """How grave, who does what, where, why in whole sentences, since when."""
    _ = words(lang).gettext
    number = None if alert.mmsi is None else tag("span", f"MMSI {alert.mmsi}", class_="num")
    return tag(
        "article",
        tag(
            "div",
            glyph(alert, lang),
            tag("b", f"{level_word(alert.level, lang)} {alert.score}", class_="score num"),
            number,
            class_="kicker",
        ),
        tag("h1", headline(alert, lang, gazetteer)),
        tag(
            "div",
            tag("b", unbroken(gazetteer.place(alert.lon, alert.lat, lang))),
            tag("span", gazetteer.whereabouts(alert.lon, alert.lat, lang)),
            class_="where",
        ),
        tag(
            "ol",
            *(tag("li", unbroken(reason_words(each, lang, gazetteer))) for each in alert.reasons),
            class_="reasons",
            data_fit=True,
            data_total=len(alert.reasons),
        ),
        tag("div", "", class_="rest num", data_rest=True, data_script=True),
        tag(
            "div",
            tag("span", _("Began"), " ", clock(alert.began_at), " · ", age(alert.began_at)),
            tag("span", "", class_="others num", data_others=True, data_script=True),
            class_="since",
        ),
        class_="news",
        data_key=f"{alert.alert_id}/{alert.reopened}",
        data_alert=alert.alert_id,
        data_state=alert.state,
        data_raised=f"{alert.raised_at:.1f}",
        data_side=side,
    )
