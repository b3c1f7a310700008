"""States of a call and of an authority as the one-tap page says them."""

from dashboard.i18n import Language, words
from domain.incidents import IncidentState
from domain.turnout import Standing


def standing_word(standing: Standing, lang: Language) -> str:
    """Where an authority stands."""
    _ = words(lang).gettext
    return {
        Standing.NOT_TOLD: _("not told"),
        Standing.UNREACHED: _("not reached"),
        Standing.DECLINED: _("declined"),
        Standing.TOLD: _("told, no answer yet"),
        Standing.SEEN: _("seen"),
        Standing.ACKNOWLEDGED: _("acknowledged"),
        Standing.ON_THE_WAY: _("on the way"),
        Standing.ON_SCENE: _("on the scene"),
    }[standing]


def ended_words(state: IncidentState, lang: Language) -> str | None:
    """That the incident is over, where it is."""
    _ = words(lang).gettext
    return {
        IncidentState.CLOSED: _("This incident is closed. An answer is still recorded."),
        IncidentState.RETRACTED: _("This incident was withdrawn. You need not come."),
        IncidentState.MERGED: _("This incident was merged into another one."),
    }.get(state)
