"""Until when an alert is kept silent (静默): the ends that a person on duty picks from, or a time.

Shifts change at 08:00 and 20:00 in Shanghai. Every end lies within a day: a longer silence would be
one that nobody remembers.
"""

import re
from datetime import datetime, time, timedelta
from typing import Final

from domain.clock import SHANGHAI
from domain.errors import InvalidInput

SHIFT_ENDS: Final = (time(8), time(20))
"""交班, Asia/Shanghai."""
HOURS: Final = {"1h": 1, "4h": 4}
SHIFT: Final = "shift"
_TIME: Final = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)", re.ASCII)
EXPECTED: Final = "1h, 4h, shift, or a time as 20:30"


def shift_end(now: datetime) -> datetime:
    """The next change of shift after `now`."""
    return min(_next(end, now) for end in SHIFT_ENDS)


def silence_end(asked: str, now: datetime) -> datetime:
    """The moment that `asked` names as seen from `now` (aware), always later than it.

    `1h`, `4h`, `shift`, or a time of day in Shanghai, today or tomorrow. Raises `InvalidInput`.
    """
    if asked in HOURS:
        return now + timedelta(hours=HOURS[asked])
    if asked == SHIFT:
        return shift_end(now)
    said = _TIME.fullmatch(asked.strip())
    if said is None:
        raise InvalidInput("silence_until", EXPECTED)
    return _next(time(int(said[1]), int(said[2])), now)


def _next(at: time, now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI)
    today = datetime.combine(local.date(), at, SHANGHAI)
    return today if today > local else today + timedelta(days=1)
