"""How often a vessel ought to report, and so when it counts as lost (失联).

Source: ITU-R M.1371-5 table 1 and 2, read for inland barges, which never reach the speeds at which
class A reports every 6 or 2 s.
"""

from typing import Final

CLASS_A_UNDERWAY_S: Final = 10.0
CLASS_A_MOORED_S: Final = 180.0
CLASS_B_UNDERWAY_S: Final = 30.0
CLASS_B_SLOW_S: Final = 180.0
LONG_RANGE_S: Final = 180.0

CLASS_B_SLOW_KN: Final = 2.0
CLASS_A_MOORED_KN: Final = 3.0
LOST_AFTER_AT_MOST_S: Final = 360.0
INTERVALS_TO_LOST: Final = 5

MOORED_STATUSES: Final = frozenset({1, 5, 6})
"""Navigational status at anchor, moored, aground: class A then reports every 3 min below 3 kn."""


def reporting_interval_s(
    message_type: int, sog_kn: float | None, nav_status: int | None = None
) -> float:
    """Seconds between two reports of a vessel that last sent `message_type` at `sog_kn`.

    Types 1-3 are class A, 18 and 19 class B, 27 long range. An unknown speed counts as under way.
    """
    if message_type in {18, 19}:
        slow = sog_kn is not None and sog_kn <= CLASS_B_SLOW_KN
        return CLASS_B_SLOW_S if slow else CLASS_B_UNDERWAY_S
    if message_type == 27:
        return LONG_RANGE_S
    moored = nav_status in MOORED_STATUSES and (sog_kn is None or sog_kn <= CLASS_A_MOORED_KN)
    return CLASS_A_MOORED_S if moored else CLASS_A_UNDERWAY_S


def lost_after_s(message_type: int, sog_kn: float | None, nav_status: int | None = None) -> float:
    """Seconds of silence after which a vessel is shown as lost: min(6 min, 5 intervals)."""
    interval = reporting_interval_s(message_type, sog_kn, nav_status)
    return min(LOST_AFTER_AT_MOST_S, INTERVALS_TO_LOST * interval)
