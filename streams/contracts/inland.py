"""Inland ship static and voyage data: type 8, DAC 200, FI 10 (ECE/TRANS/SC.3/176, Test Standard).

FI 23, 24 and 40 are not stored; pyais reads the water levels of FI 24 otherwise than the standard.
"""

from datetime import datetime
from typing import Any

from domain.positions import Rejection, StaticReport
from streams.contracts.payload import Payload
from streams.contracts.sentence import BadSentence

STATIC = (8, 200, 10)
STATIC_BITS = 168

_DAC_AT = {6: 72, 8: 40}
_UNUSED_HAZARD = 6
_LONGEST_DRAUGHT_M = 20.0  # 1-2000 hundredths; "rest not to be used"


def application(payload: Payload) -> tuple[int, ...]:
    """The type, and for binary messages (6, 8) the area code (DAC) and function (FI) after it."""
    start = _DAC_AT.get(payload.type)
    if start is None:
        return (payload.type,)
    return payload.type, payload.bits.get(start, 10), payload.bits.get(start + 10, 6)


def check_length(payload: Payload) -> None:
    """Refuse an FI 10 of any length but 168 bits: longer ones are spoofs that pyais takes."""
    if payload.length != STATIC_BITS:
        raise BadSentence(
            Rejection.SPOOF_LENGTH,
            f"inland FI 10 has {STATIC_BITS} bits, here {payload.length}",
        )


def static_report(message: Any, t: datetime) -> StaticReport:  # noqa: ANN401 - untyped library
    """What an FI 10 says. `hazard` 0-4: blue cones or B-flag, 5: the crew says "unknown"."""
    draught = message.draught
    return StaticReport(
        mmsi=message.mmsi,
        t=t,
        message_type=8,
        eni=_eni(message.vin),
        inland_type=message.shiptype or None,
        length_m=message.length or None,
        beam_m=message.beam or None,
        draught_m=draught if 0 < draught <= _LONGEST_DRAUGHT_M else None,
        hazard=int(message.hazard) if message.hazard < _UNUSED_HAZARD else None,
        loaded_raw=int(message.loaded),
    )


def _eni(text: str) -> str | None:
    text = text.split("@", 1)[0].strip()
    return text if text.strip("0") else None
