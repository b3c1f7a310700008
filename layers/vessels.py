"""Barges as the map draws them: which symbol, turned how far, how faded."""

from collections.abc import Iterable
from typing import Any, Protocol

from layers.palette import rgba


class Drawn(Protocol):
    """What the map must know of a vessel. Degrees, km/h; unknown is `None`."""

    @property
    def mmsi(self) -> int: ...
    @property
    def name(self) -> str | None: ...
    @property
    def t(self) -> float: ...
    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...
    @property
    def adcode(self) -> str: ...
    @property
    def border_water(self) -> bool: ...
    @property
    def heading_deg(self) -> int | None: ...
    @property
    def direction_deg(self) -> float | None: ...
    @property
    def speed_kmh(self) -> float | None: ...
    @property
    def lost_after_s(self) -> float: ...


LOST_OPACITY = 0.42
AGED_OPACITY = 0.5


def vessel_rows(vessels: Iterable[Drawn], now: float) -> list[dict[str, Any]]:
    """One object per vessel, in the order given; whether a barge is laden is not known yet.

    `icon`, `angle` (degrees counter-clockwise) and `color` are for the map, `speed` and `course`
    are words for its tooltip, the rest is what the list shows.
    """
    red, green, blue, _ = rgba("unknown")
    rows = []
    for vessel in vessels:
        age, limit = now - vessel.t, vessel.lost_after_s
        lost = age > limit
        direction, speed = vessel.direction_deg, vessel.speed_kmh
        fresh = 1.0 - (1.0 - AGED_OPACITY) * min(1.0, max(0.0, age / limit))
        rows.append(
            {
                "mmsi": vessel.mmsi,
                "name": vessel.name,
                "label": vessel.name or str(vessel.mmsi),
                "lon": round(vessel.lon, 6),
                "lat": round(vessel.lat, 6),
                "t": vessel.t,
                "lost_after": limit,
                "lost": lost,
                "adcode": vessel.adcode,
                "border": vessel.border_water,
                "kmh": None if speed is None else round(speed, 1),
                "speed": "—" if speed is None else f"{speed:.1f}",
                "course": "—" if direction is None else f"{direction:03.0f}°",
                "icon": _symbol(direction, vessel.heading_deg is not None, lost),
                "angle": 0 if direction is None else round(-direction, 1),
                "color": [
                    red,
                    green,
                    blue,
                    round(255 * (LOST_OPACITY if lost else fresh)),
                ],
            }
        )
    return rows


def _symbol(direction: float | None, bow_known: bool, lost: bool) -> str:
    if direction is None:
        return "lost-still" if lost else "still"
    if lost:
        return "lost"
    return "heading" if bow_known else "course"
