"""Names of districts and places in the words of one language."""

from functools import lru_cache

from dashboard.i18n import Language, words
from domain.jurisdiction import OUTSIDE_ADCODE
from layers.geography import Geography
from layers.places import Gazetteer as Places


class Gazetteer:
    """Looks up names; what is not known is shown as it came, never dropped."""

    def __init__(self, geography: Geography) -> None:
        self._districts = {district.adcode: district for district in geography.districts}
        # the same crossings are described at every tick
        self.place = lru_cache(maxsize=2048)(Places(geography).describe)
        """Where (lon, lat, lang) is as officers say it: waterway, distance from something known."""

    def district(self, adcode: str, lang: Language) -> str:
        """Name of a district by adcode."""
        if adcode == OUTSIDE_ADCODE:
            return words(lang).gettext("outside the area")
        found = self._districts.get(adcode)
        if found is None:
            return adcode
        return found.name_zh if lang == "zh" else found.name_en

    def names(self, lang: Language) -> dict[str, str]:
        """Every district's name by adcode."""
        return {
            adcode: self.district(adcode, lang) for adcode in (*self._districts, OUTSIDE_ADCODE)
        }
