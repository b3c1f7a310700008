"""Alerts as the JSON that the map fetches: a ring by level, the newest grave one in words."""

from typing import Any, Final

from dashboard.alert import Alert
from dashboard.bodies import Body, pack_json
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language
from dashboard.pictures import features, point
from dashboard.reason_words import headline, summary
from dashboard.snapshot import Snapshot
from layers.palette import rgba

LABEL_S: Final = 300.0
"""The newest high alert carries its words on the map for this long."""
COLOUR: Final = {"high": "alarm", "medium": "warn", "low": "info"}
_SIZE: Final = {"high": 46, "medium": 36, "low": 32}


def rings(snapshot: Snapshot) -> Body:
    """One ring per alert of the rail, the gravest on top; closed ones are struck through."""
    lost = {v.mmsi for v in snapshot.vessels if v.lost(snapshot.taken_at)}
    places = {v.mmsi: (v.lon, v.lat) for v in snapshot.vessels if v.mmsi not in lost}
    return pack_json(features([_ring(alert, places) for alert in reversed(snapshot.alerts)]))


def spot(alert: Alert, lang: Language, gazetteer: Gazetteer) -> Body:
    """The place of an alert that has no vessel."""
    label = headline(alert, lang, gazetteer)
    return pack_json(features([point(alert.lon, alert.lat, {"label": label})]))


def label(snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> dict[str, Any] | None:
    """The newest high alert that nobody has closed, in two lines where its vessel is now."""
    fresh = [
        alert
        for alert in snapshot.alerts
        if alert.open
        and not alert.silenced
        and alert.level == "high"
        and snapshot.taken_at - alert.raised_at <= LABEL_S
    ]
    if not fresh:
        return None
    newest = max(fresh, key=lambda alert: (alert.raised_at, alert.alert_id))
    vessel = None if newest.mmsi is None else snapshot.vessel(newest.mmsi)
    lon, lat = (newest.lon, newest.lat) if vessel is None else (vessel.lon, vessel.lat)
    words = f"{headline(newest, lang, gazetteer)}\n{summary(newest, lang, gazetteer, 2)}"
    return point(lon, lat, {"label": words, "edge": list(rgba("alarm")), "alert": newest.alert_id})


def _ring(alert: Alert, places: dict[int, tuple[float, float]]) -> dict[str, Any]:
    """Open ones go with their vessel; closed ones stay where it was."""
    at = (alert.lon, alert.lat)
    if alert.open and alert.mmsi is not None:
        at = places.get(alert.mmsi, at)
    if not alert.open:
        look: dict[str, Any] = {"icon": "alert-closed", "color": list(rgba("muted")), "size": 30}
    else:
        strength = 0.55 if alert.silenced else 1.0
        look = {
            "icon": f"alert-{alert.level}",
            "color": list(rgba(COLOUR[alert.level], strength)),
            "size": _SIZE[alert.level],
        }
    return point(*at, {"alert": alert.alert_id, "level": alert.level, "state": alert.state, **look})
