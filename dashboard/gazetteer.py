"""Names of districts and places in the words of one language."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.i18n import Language, words

OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class District:
    """A district as the screens name it."""

    adcode: str
    name_zh: str
    name_en: str


class Gazetteer:
    """Looks up names; what is not known is shown as it came, never dropped."""

    def __init__(self, districts: Mapping[str, District]) -> None:
        self._districts = dict(districts)

    def district(self, adcode: str, lang: Language) -> str:
        """Name of a district by adcode."""
        if adcode == OUTSIDE:
            return words(lang).gettext("outside the area")
        found = self._districts.get(adcode)
        if found is None:
            return adcode
        return found.name_zh if lang == "zh" else found.name_en

    def names(self, lang: Language) -> dict[str, str]:
        """Every district's name by adcode."""
        return {adcode: self.district(adcode, lang) for adcode in (*self._districts, OUTSIDE)}

    def place(self, lon: float, lat: float, lang: Language) -> str:
        """Where that is as officers say it: waterway, side, distance from something known."""
        try:
            from layers.places import describe
        except ImportError:
            return f"{lat:.4f}, {lon:.4f}"
        return describe(lon, lat, lang)
