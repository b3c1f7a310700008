"""Declared ship types in words (ITU-R M.1371-5 table 53)."""

from dashboard.i18n import Words


def ship_type(code: int | None, tr: Words) -> str | None:
    """What an AIS ship type means, with its number; `None` when nothing is declared."""
    if not code:
        return None
    _ = tr.gettext
    exact = {
        30: _("fishing"),
        31: _("towing"),
        32: _("towing, long"),
        33: _("dredging"),
        34: _("diving"),
        35: _("military"),
        36: _("sailing"),
        37: _("pleasure craft"),
        50: _("pilot"),
        51: _("search and rescue"),
        52: _("tug"),
        53: _("port tender"),
        54: _("anti-pollution"),
        55: _("law enforcement"),
        58: _("medical"),
    }
    tens = {
        2: _("wing in ground"),
        4: _("high-speed craft"),
        6: _("passenger"),
        7: _("cargo"),
        8: _("tanker"),
        9: _("other"),
    }
    word = exact.get(code) or tens.get(code // 10) or _("not assigned")
    return f"{word} ({code})"
