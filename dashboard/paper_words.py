"""Fields, standings and events of a permit in words; in English with the terms of the law."""

from collections.abc import Callable
from typing import Any

from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, words
from dashboard.place_names import place_name
from dashboard.reason_words import paper_word
from domain.permit_standing import Standing


def field_word(field: str, lang: Language) -> str:
    """The name of a field as it stands on forms."""
    _ = words(lang).gettext
    return {
        "number": _("Number"),
        "kind": _("Kind"),
        "purpose": _("Purpose"),
        "holder": _("Holder"),
        "carrier_id": _("Carrier"),
        "mmsi": _("Vessel (MMSI)"),
        "waste": _("Waste"),
        "quantity_t": _("Quantity, t"),
        "used_t": _("Used, t"),
        "from_adcode": _("From"),
        "to_adcode": _("To"),
        "via": _("On the way"),
        "first_day": _("First day"),
        "last_day": _("Last day"),
        "since": _("Holds since"),
        "reason": _("Reason"),
    }.get(field, field)


def standing_word(standing: Standing, lang: Language) -> str:
    """How a paper stands."""
    _ = words(lang).gettext
    return {
        Standing.IN_FORCE: _("in force"),
        Standing.EXPIRING: _("expiring"),
        Standing.EXPIRED: _("expired"),
        Standing.NOT_YET_VALID: _("not yet valid"),
        Standing.WITHDRAWN: _("withdrawn"),
    }[standing]


def event_word(kind: str, lang: Language) -> str:
    """What was done to a paper."""
    _ = words(lang).gettext
    return {
        "permit.granted": _("put on the register"),
        "permit.changed": _("changed"),
        "permit.withdrawn": _("withdrawn"),
        "permit.restored": _("restored"),
    }.get(kind, kind)


def purpose_word(purpose: str, lang: Language) -> str:
    """What becomes of the waste; in English with the word of the law."""
    _ = words(lang).gettext
    plain = {
        "storage": _("storage"),
        "disposal": _("disposal"),
        "utilisation": _("utilisation"),
    }.get(purpose, purpose)
    law = {"storage": "贮存", "disposal": "处置", "utilisation": "利用"}.get(purpose)
    return plain if lang == "zh" or law is None else f"{plain} {law}"


def value_word(field: str, value: Any, lang: Language, gazetteer: Gazetteer) -> str:  # noqa: ANN401
    """A value of a field, as an event or the paper says it; a dash for what it does not say."""
    if value is None or value in ("", [], ()):
        return "—"

    def place(code: object) -> str:
        return place_name(str(code), lang, gazetteer)

    said: dict[str, Callable[[Any], str]] = {
        "quantity_t": lambda t: tonnes(float(t)),
        "used_t": lambda t: tonnes(float(t)),
        "from_adcode": place,
        "to_adcode": place,
        "via": lambda codes: words(lang).gettext(", ").join(map(place, codes)),
        "kind": lambda kind: paper_word(str(kind), lang),
        "purpose": lambda purpose: purpose_word(str(purpose), lang),
    }
    return said.get(field, str)(value)


def tonnes(value: float) -> str:
    """A quantity with its thousands apart."""
    said = f"{value:,.1f}".replace(",", "\u00a0")
    return said.removesuffix(".0")
