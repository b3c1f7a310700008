"""Snapshots as the JSON that the map fetches."""

from collections.abc import Iterable, Sequence
from typing import Any

from dashboard.bodies import Body, pack_json
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language
from dashboard.snapshot import Passage, Snapshot
from domain.checkpoints import Health
from layers.palette import rgba
from layers.tracks import thinned
from layers.vessels import vessel_rows

STEP_S = 15.0
"""Rings fade in steps, so that between two steps nothing is fetched or drawn again."""
RING_S = 300.0
"""A crossing is ringed on the map for this long."""
NEW_S = 60.0
"""The newest crossing carries its label and a second ring for this long."""


def features(items: list[dict[str, Any]]) -> dict[str, Any]:
    """A GeoJSON collection (RFC 7946)."""
    return {"type": "FeatureCollection", "features": items}


def point(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON point."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]},
        "properties": properties,
    }


def line(coordinates: Iterable[Sequence[float]], properties: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON line."""
    return {
        "type": "Feature",
        "geometry": {
            "type": "LineString",
            "coordinates": [[round(lon, 5), round(lat, 5)] for lon, lat in coordinates],
        },
        "properties": properties,
    }


def vessels(snapshot: Snapshot) -> Body:
    """Every vessel, by MMSI."""
    rows = vessel_rows(snapshot.vessels, snapshot.taken_at)
    return pack_json(features([point(row.pop("lon"), row.pop("lat"), row) for row in rows]))


def tails(snapshot: Snapshot) -> Body:
    """The way of the last minutes of every vessel that moved."""
    return pack_json(
        features([line(way, {"mmsi": m}) for m, way in thinned(snapshot.tails).items()])
    )


def rings(snapshot: Snapshot) -> Body:
    """Rings where a crossing was confirmed in the last minutes, two about the newest."""
    items = []
    for at, crossing in enumerate(_recent(snapshot)):
        age = snapshot.taken_at - crossing.confirmed_at
        red, green, blue, _ = rgba("muted" if crossing.grazing else "text")
        opacity = round(255 * (1.0 - 0.7 * (STEP_S * (age // STEP_S)) / RING_S))
        items.append(_ring(crossing, 11, 2.4, (red, green, blue, opacity)))
        if at == 0 and age <= NEW_S:
            items.append(_ring(crossing, 19, 1.2, (red, green, blue, opacity // 2)))
    return pack_json(features(items))


def checkpoints(snapshot: Snapshot) -> Body:
    """Every checkpoint by how it does, in shape and in colour."""
    colours = {
        Health.ONLINE: list(rgba("point")),
        Health.LATE: list(rgba("warn")),
        Health.SILENT: list(rgba("alarm")),
    }
    items = [
        point(
            one.lon,
            one.lat,
            {
                "id": one.checkpoint_id,
                "icon": f"checkpoint-{one.health}",
                "angle": 0,
                "color": colours[one.health],
            },
        )
        for one in snapshot.checkpoints
    ]
    return pack_json(features(items))


def newest(snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Body:
    """The newest crossing's words, while it is new."""
    fresh = [c for c in _recent(snapshot)[:1] if snapshot.taken_at - c.confirmed_at <= NEW_S]
    edge = list(rgba("muted"))
    return pack_json(
        features(
            [
                point(c.lon, c.lat, {"label": _label(c, lang, gazetteer), "edge": edge})
                for c in fresh
            ]
        )
    )


def _recent(snapshot: Snapshot) -> list[Passage]:
    """What was confirmed lately, newest first: a crossing is news when it becomes certain."""
    since = snapshot.taken_at - RING_S
    found = [c for c in snapshot.crossings if since <= c.confirmed_at <= snapshot.taken_at]
    return sorted(found, key=lambda c: (-c.confirmed_at, c.crossing_id))


def _ring(
    crossing: Passage, radius: float, width: float, colour: tuple[int, int, int, int]
) -> dict[str, Any]:
    return point(
        crossing.lon,
        crossing.lat,
        {"id": crossing.crossing_id, "radius": radius, "width": width, "color": list(colour)},
    )


def _label(crossing: Passage, lang: Language, gazetteer: Gazetteer) -> str:
    name = crossing.name or f"MMSI {crossing.mmsi}"
    way = " → ".join(
        gazetteer.district(adcode, lang) for adcode in (crossing.from_adcode, crossing.to_adcode)
    )
    return f"{name}\n{way}"


def chosen(snapshot: Snapshot, mmsi: int) -> Body:
    """The chosen vessel where it is now; empty when it is not in the picture."""
    found = [
        point(v.lon, v.lat, {"mmsi": v.mmsi, "label": v.name or f"MMSI {v.mmsi}"})
        for v in snapshot.vessels
        if v.mmsi == mmsi
    ]
    return pack_json(features(found))


def track(*ways: tuple[tuple[float, float], ...]) -> Body:
    """The chosen vessel's trusted way in its pieces; nothing of a piece with a single fix."""
    return pack_json(features([line(way, {}) for way in ways if len(way) > 1]))
