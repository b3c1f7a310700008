"""How often somebody may ask: buckets that fill again with time, so many and no more."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

HELD_MOST: Final = 4096
"""Buckets; the one that was asked for longest ago is forgotten first, and is full again."""


class Throttle:
    """`burst` times at once, `per_s` a second in the long run, by key."""

    def __init__(
        self, burst: int, per_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_s = per_s
        self._clock = clock
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: bytes) -> int:
        """0: go on, it is counted. Else whole seconds after which to come again."""
        now = self._clock()
        left, at = self._buckets.get(key, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_s)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        self._buckets.move_to_end(key)
        while len(self._buckets) > HELD_MOST:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) / self._per_s))
