"""What came of the viewer's last action: kept for the next look at the page, told as a line."""

from typing import Any

import streamlit as st

from dashboard.errand import Outcome
from dashboard.i18n import Language, words

_SAID = "handled"


def keep(outcome: Outcome, text: str | None = None) -> None:
    """Keep it under a new number; `text` stands for the usual count of what was done."""
    number = (st.session_state.get(_SAID) or {"n": 0})["n"] + 1
    st.session_state[_SAID] = {
        "n": number,
        "done": outcome.done,
        "refused": outcome.refused,
        "failed": outcome.failed,
        "text": text,
    }


def kept() -> dict[str, Any] | None:
    """The last answer, for the browser's script."""
    found: dict[str, Any] | None = st.session_state.get(_SAID)
    return found


def match_answer(outcome: Outcome, lang: Language) -> str | None:
    """What to say about a change of a match; `None`: the usual words."""
    _ = words(lang).gettext
    if not outcome.failed:
        return _("Done. The watch judges its alerts again.")
    return {
        "match.nothing_to_undo": _("This match does not stand any more: look again."),
        "reading.unknown": _("No such reading is stored."),
        "input.invalid": _("Not done: a name, a reason and a vessel are needed."),
    }.get(outcome.why or "")
