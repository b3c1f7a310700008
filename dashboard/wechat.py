"""An alert as a short plain text that a controller pastes into a chat.

Who is told by a message must be able to go there: the place as officers say it, and coordinates
both as measured and as the maps on Chinese phones want them (GCJ-02, some 480 m apart here).
"""

from datetime import datetime
from typing import Final

from dashboard.alert import Alert
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, words
from dashboard.reason_words import headline, reason_words, retraction_word
from domain.clock import SHANGHAI
from layers.datum import from_wgs84, parse_datum

REASONS_MOST: Final = 5


def level_word(level: str, lang: Language) -> str:
    """How grave."""
    _ = words(lang).gettext
    return {"high": _("high"), "medium": _("medium"), "low": _("low")}.get(level, level)


def message(alert: Alert, at: tuple[float, float], lang: Language, gazetteer: Gazetteer) -> str:
    """The text; `at` is longitude and latitude of the vessel now, or of the alert (WGS-84)."""
    _ = words(lang).gettext
    lon, lat = at
    gcj_lon, gcj_lat = (float(each[0]) for each in from_wgs84([lon], [lat], parse_datum("gcj02")))
    began = datetime.fromtimestamp(alert.began_at, SHANGHAI)
    raised = datetime.fromtimestamp(alert.raised_at, SHANGHAI)
    who = headline(alert, lang, gazetteer)
    number = "" if alert.mmsi is None else f" (MMSI {alert.mmsi})"
    lines = [
        _("[Whistle] alert, {level} {score}").format(
            level=level_word(alert.level, lang), score=alert.score
        ),
        f"{who}{number}",
        *(
            f"{n}. {reason_words(reason, lang, gazetteer)}"
            for n, reason in enumerate(alert.reasons[:REASONS_MOST], 1)
        ),
        _("Place: {place}; {district}").format(
            place=gazetteer.place(lon, lat, lang), district=gazetteer.whereabouts(lon, lat, lang)
        ),
        _("Coordinates: {lat}, {lon} (WGS-84)").format(lat=f"{lat:.5f}", lon=f"{lon:.5f}"),
        _("For AMap and WeChat: {lat}, {lon} (GCJ-02)").format(
            lat=f"{gcj_lat:.5f}", lon=f"{gcj_lon:.5f}"
        ),
        _("Began {began}, raised {raised} (Shanghai time)").format(
            began=f"{began:%m-%d %H:%M}", raised=f"{raised:%H:%M:%S}"
        ),
    ]
    if alert.state == "retracted":
        lines.insert(0, _("Retracted: {why}").format(why=retraction_word(alert.retraction, lang)))
    return "\n".join(lines)
