"""From decoded AIS fields to a `Fix` or a `StaticReport`: units, and `None` for "not available"."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from domain.positions import Fix, StaticReport
from streams.contracts.payload import Payload

POSITION_TYPES = frozenset({1, 2, 3, 18, 19, 27})
STATIC_TYPES = frozenset({5, 19, 24})

_NO_SPEED_KN = 102.3
_NO_SPEED_LONG_RANGE_KN = 63
_NO_STATUS = 15
_SHIP_TYPE_BITS = {5: 232, 19: 263}
_LONG_RANGE = 27
_LAST_CLASS_A = 3


@lru_cache(maxsize=1024)  # the fixes of a second share their instant
def instant(epoch_s: int) -> datetime:
    """The aware datetime (UTC) of an epoch second."""
    return datetime.fromtimestamp(epoch_s, UTC)


def aligned(reference_s: int, second: int) -> int:
    """The instant nearest to `reference_s` (epoch seconds, at most 30 s away) with this UTC second.

    Two receivers with clocks a little apart thereby agree on the time of a fix. Seconds above 59
    mean that the vessel does not say (60-63).
    """
    if second > 59:
        return reference_s
    return reference_s + (second - reference_s % 60 + 30) % 60 - 30


def fix(message: Any, payload: Payload, t_s: int) -> Fix:  # noqa: ANN401 - untyped library
    """A fix from types 1-3, 18, 19 or 27 whose position was found plausible."""
    kind = payload.type
    course = message.course
    speed = message.speed
    heading, status = None, _NO_STATUS
    if kind == _LONG_RANGE:
        unknown = speed == _NO_SPEED_LONG_RANGE_KN
        status = int(message.status)
    else:
        unknown = speed >= _NO_SPEED_KN
        heading = message.heading
        if kind <= _LAST_CLASS_A:
            status = int(message.status)
    return Fix(
        message.mmsi,
        instant(t_s),
        payload.digest(message.repeat),
        message.lon,
        message.lat,
        kind,
        None if unknown else speed,
        course if course < 360 else None,
        heading if heading is not None and heading < 360 else None,
        None if status == _NO_STATUS else status,
    )


def static_report(message: Any, payload: Payload, t: datetime) -> StaticReport:  # noqa: ANN401
    """Identity from types 5, 19 and both halves of 24. Dimensions are metres."""
    kind = payload.type
    offset = _SHIP_TYPE_BITS.get(kind)
    # pyais folds the reserved codes of ship types together; the register keeps what was said.
    ship_type = payload.bits.get(offset, 8) if offset else getattr(message, "ship_type", None)
    length_m, beam_m = _dimensions(message)
    return StaticReport(
        mmsi=message.mmsi,
        t=t,
        message_type=kind,
        name=_text(message, "shipname"),
        callsign=_text(message, "callsign"),
        imo=getattr(message, "imo", None) or None,
        ship_type=int(ship_type) if ship_type else None,
        length_m=length_m,
        beam_m=beam_m,
        draught_m=getattr(message, "draught", None) or None,
        destination=_text(message, "destination"),
    )


def _text(message: Any, field: str) -> str | None:  # noqa: ANN401
    """AIS text ends at its first `@`; nothing else is touched, escaping belongs to the output."""
    value: str = getattr(message, field, None) or ""
    return value.split("@", 1)[0].strip() or None


def _dimensions(message: Any) -> tuple[float | None, float | None]:  # noqa: ANN401
    if not hasattr(message, "to_bow"):  # half A of type 24, or a craft that names its parent ship
        return None, None
    length = (message.to_bow or 0) + (message.to_stern or 0)
    beam = (message.to_port or 0) + (message.to_starboard or 0)
    return float(length) or None, float(beam) or None
