"""Names of districts and places in the words of one language."""

from functools import lru_cache

from dashboard.i18n import Language, words
from domain.jurisdiction import OUTSIDE_ADCODE
from layers.geography import Geography
from layers.places import Gazetteer as Places


class Gazetteer:
    """Looks up names; what is not known is shown as it came, never dropped."""

    def __init__(self, geography: Geography) -> None:
        self._geography = geography
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

    def whereabouts(self, lon: float, lat: float, lang: Language) -> str:
        """The district; in border water all districts concerned, never one alone."""
        found = self._geography.where(lon, lat)
        if not found.border_water:
            return self.district(found.adcode, lang)
        tr = words(lang)
        concerned = [found.adcode, *(code for code in found.neighbours if code != found.adcode)]
        names = tr.gettext(", ").join(self.district(adcode, lang) for adcode in concerned)
        return tr.gettext("border water of {districts}").format(districts=names)

    def names(self, lang: Language) -> dict[str, str]:
        """Every district's name by adcode."""
        return {
            adcode: self.district(adcode, lang) for adcode in (*self._districts, OUTSIDE_ADCODE)
        }
