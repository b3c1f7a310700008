"""What only the wall's map shows: the newest high alert, or else the newest crossing, in words."""

from dataclasses import replace

from dashboard.alert_pictures import LABEL_S
from dashboard.bodies import Body, pack_json
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language
from dashboard.pictures import features, point
from dashboard.pictures import newest as newest_crossing
from dashboard.public import public_alert, public_passage
from dashboard.reason_words import headline, summary
from dashboard.snapshot import Snapshot
from layers.palette import rgba


def newest(snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Body:
    """Two short lines where its vessel is now: the rest is said beside the map."""
    fresh = [
        alert
        for alert in snapshot.alerts
        if alert.open
        and not alert.silenced
        and alert.level == "high"
        and snapshot.taken_at - alert.raised_at <= LABEL_S
    ]
    if not fresh:
        crossings = tuple(public_passage(each) for each in snapshot.crossings)
        return newest_crossing(replace(snapshot, crossings=crossings), lang, gazetteer)
    alert = public_alert(max(fresh, key=lambda each: (each.raised_at, each.alert_id)))
    vessel = None if alert.mmsi is None else snapshot.vessel(alert.mmsi)
    lon, lat = (alert.lon, alert.lat) if vessel is None else (vessel.lon, vessel.lat)
    words = f"{headline(alert, lang, gazetteer)}\n{summary(alert, lang, gazetteer, 1)}"
    return pack_json(features([point(lon, lat, {"label": words, "edge": list(rgba("alarm"))})]))
