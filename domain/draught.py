"""Laden or light, from a measured draught, its error and the hull's size; or neither.

A barge that is laden lies two to three times as deep as a light one, so the answer is plain for
most of them. In the band between the two it is not given: a half load, a wrong size and a bad
sonar look the same there. What the crew declares (AIS draught, `loaded_raw`) is no input.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

SIGMAS: Final = 2.0
"""How many errors a draught must lie clear of the band."""

LEAST_ERROR_M: Final = 0.05
"""No gate measures better; a device that claims less is not believed."""

DEEPEST_M: Final = 8.0
"""Beyond this it is no draught on these waterways (the deepest channel here has 5 m)."""

LOAD_HOLDS: Final = timedelta(hours=12)
"""How long a measurement speaks for the vessel: a barge is unloaded in some hours."""

TOGETHER: Final = timedelta(minutes=10)
"""Two sensors within this time saw the same load."""


class Load(StrEnum):
    """满载 / 空载 / 无法判定."""

    LADEN = "laden"
    LIGHT = "light"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Limits:
    """The band of one hull, metres: certainly light below `light_m`, laden above `laden_m`."""

    light_m: float
    laden_m: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a measured draught says. `margin_m`: metres by which the draught, its error deducted,
    lies clear of the band; zero or negative when it does not, and then `load` is unsure.
    """

    load: Load
    margin_m: float
    limits: Limits | None


class _SizeClass(NamedTuple):
    """Hulls up to `length_m` long: deepest light and shallowest laden draught, metres."""

    tonnes: int
    length_m: float
    beam_m: float
    light_m: float
    laden_m: float


_CLASSES: Final = (
    # light 0.6-0.9 m, laden 2.0-2.3 m at 42 x 8.3 m
    _SizeClass(500, 45.0, 9.2, 0.9, 2.0),
    # light 0.7-1.1 m, laden 2.4-2.9 m at 48-50 x 10-10.6 m
    _SizeClass(1000, 52.5, 10.6, 1.1, 2.4),
    # 55 x 10.6 m: estimated, in step with the two below it
    _SizeClass(1500, 68.0, 14.0, 1.2, 2.7),
)
_LENGTHS_M: Final = (30.0, _CLASSES[-1].length_m)
_BEAMS_M: Final = (6.0, _CLASSES[-1].beam_m)
_NEAR_M: Final = 1.5
"""So close to the end of a class, a hull may as well belong to the next: sizes are rounded."""


def hull_limits(
    length_m: float | None,
    beam_m: float | None,
    light_draught_m: float | None = None,
    laden_draught_m: float | None = None,
) -> Limits | None:
    """The band of a hull; `None` when its size is of no known class.

    The middle third between the light and the laden draught: the hull's own ones where the
    register has both and they make sense, else those of its size class. Without a length the beam
    decides. Between two classes the band covers both.
    """
    own = light_draught_m, laden_draught_m
    if own[0] is not None and own[1] is not None and own[0] >= 0.2 and own[0] + 0.5 <= own[1]:
        return _third(own[0], own[1])
    if length_m is not None and _LENGTHS_M[0] <= length_m <= _LENGTHS_M[1]:
        found = [c for c in _CLASSES if _touches(length_m, c)]
    elif length_m is None and beam_m is not None and _BEAMS_M[0] <= beam_m <= _BEAMS_M[1]:
        # 1000 t and 1500 t hulls have the same beam
        found = [c for c in _CLASSES if (beam_m < _CLASSES[0].beam_m) == (c is _CLASSES[0])]
    else:
        return None
    bands = [_third(c.light_m, c.laden_m) for c in found]
    return Limits(min(b.light_m for b in bands), max(b.laden_m for b in bands))


def _touches(length_m: float, size: _SizeClass) -> bool:
    index = _CLASSES.index(size)
    shortest = _CLASSES[index - 1].length_m if index else 0.0
    return shortest - _NEAR_M <= length_m <= size.length_m + _NEAR_M


def _third(light_m: float, laden_m: float) -> Limits:
    third = (laden_m - light_m) / 3.0
    return Limits(light_m + third, laden_m - third)


def judge(draught_m: float | None, error_m: float | None, limits: Limits | None) -> Verdict:
    """Laden only if `draught_m` less two errors is above the band, light only if it is below.

    Anything unknown, impossible or inside the band is unsure. `error_m` is one standard error.
    """
    if draught_m is None or error_m is None or limits is None:
        return Verdict(Load.UNSURE, 0.0, limits)
    if not (0.0 < draught_m <= DEEPEST_M and 0.0 <= error_m < math.inf):
        return Verdict(Load.UNSURE, 0.0, limits)
    doubt_m = SIGMAS * max(error_m, LEAST_ERROR_M)
    above_m = draught_m - doubt_m - limits.laden_m
    below_m = limits.light_m - (draught_m + doubt_m)
    if above_m > 0.0:
        return Verdict(Load.LADEN, above_m, limits)
    if below_m > 0.0:
        return Verdict(Load.LIGHT, below_m, limits)
    return Verdict(Load.UNSURE, max(above_m, below_m), limits)


@dataclass(frozen=True, slots=True)
class Measured:
    """A draught that a checkpoint measured, and what it says. `at` UTC, by the device's clock."""

    reading_id: str
    at: datetime
    draught_m: float
    error_m: float
    verdict: Verdict


def load_at(history: Iterable[Measured], at: datetime) -> Measured | None:
    """The measurement that speaks for a vessel at `at`, or `None` when none is clear.

    The latest clear one of the last twelve hours. Two that contradict each other within ten
    minutes cancel out: a barge does not unload in that time.
    """
    clear = [
        m for m in history if m.verdict.load is not Load.UNSURE and at - LOAD_HOLDS <= m.at <= at
    ]
    if not clear:
        return None
    latest = max(clear, key=lambda m: (m.at, m.reading_id))
    together = [m for m in clear if latest.at - m.at <= TOGETHER]
    if any(m.verdict.load is not latest.verdict.load for m in together):
        return None
    return latest
