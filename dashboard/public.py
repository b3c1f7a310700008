"""What may stand where everybody in the room reads it: vessels, never people.

A wall shows no telephone number, no holder, no handler and nothing that anybody typed. Names of
vessels are allowed, but some crews put their telephone number into the name they send.
"""

import re
from dataclasses import replace
from typing import Final

from dashboard.alert import Alert
from dashboard.snapshot import Passage

_PHONE: Final = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d){8}(?!\d)")
"""A mobile number of the mainland (11 digits), in one piece or with gaps. An MMSI has 9."""
HIDDEN: Final = "…"


def without_phone(text: str) -> str:
    """The text with every telephone number replaced by an ellipsis."""
    return _PHONE.sub(HIDDEN, text)


def public_alert(alert: Alert) -> Alert:
    """The alert with nothing but the vessel, its behaviour and the state; the same if it is so."""
    return replace(
        alert,
        name=_name(alert.name),
        subject=_name(alert.subject),
        handled_by=None,
        note=None,
        retraction=None,
        silence_owner=None,
        silence_reason=None,
    )


def public_passage(crossing: Passage) -> Passage:
    """The crossing with a name that holds no telephone number."""
    return replace(crossing, name=_name(crossing.name))


def _name(name: str | None) -> str | None:
    """Without its number; `None`, so that the MMSI stands for it, when nothing else is left."""
    plain = without_phone(name) if name else ""
    return plain if plain.strip(f" {HIDDEN}") else None
