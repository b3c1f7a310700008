"""How a device's clock runs, learned from the passages that found their track without doubt.

A clock that is off is off for hours, not anew for each reading: how late a gate's last readings
were tells of the next. Where they differ as widely as clocks may, nothing was learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

FEWEST: Final = 8
"""Matches from which a clock is believed to be known."""
LATEST: Final = 24
"""Older ones say less than the clock's drift since."""
_LEAST_S: Final = 4.0
_SPREADS: Final = 3.0


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """Readings are `late_s` after the passage (negative: early), within `half_s` of that."""

    late_s: float
    half_s: float


def learned(late_s: Sequence[float], limit_s: float) -> DeviceClock | None:
    """The clock that was late so much, oldest first; `None` if that says no more than `limit_s`."""
    latest = late_s[-LATEST:]
    if len(latest) < FEWEST:
        return None
    middle = median(latest)
    # the median of the deviations: some wrong matches must not widen it
    half = max(_LEAST_S, _SPREADS * 1.48 * median(abs(late - middle) for late in latest))
    return DeviceClock(middle, half) if half < limit_s else None
