"""Where something is, as jurisdiction asks it: the district, and who else must be asked."""

from dataclasses import dataclass
from typing import Any, Final

OUTSIDE_ADCODE: Final = "outside"
"""Stands for every place that no known district contains."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The answer to "where is it?" for one point, WGS-84 degrees.

    In border water (交界水域, within 300 m of a border) no single district may be named as having
    jurisdiction: `neighbours` are the other districts; a joint inspection (联合检查) is proposed.
    """

    adcode: str
    name_zh: str
    name_en: str
    border_water: bool
    nearest_border_m: float
    neighbours: tuple[str, ...]
    lon: float
    lat: float

    def to_json(self) -> dict[str, Any]:
        """As `whistle where` prints it: metres whole, degrees to a centimetre."""
        return {
            "adcode": self.adcode,
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "border_water": self.border_water,
            "nearest_border_m": round(self.nearest_border_m),
            "neighbours": list(self.neighbours),
            "lon": round(self.lon, 7),
            "lat": round(self.lat, 7),
        }
