"""How much one device may send: a bucket of tokens each, filled at a steady rate."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class RateLimit:
    """`rate_per_s` requests a second and device, `burst` at once after a pause.

    `seconds` is a steady clock. Only devices that proved who they are get a bucket, so there are
    never more buckets than points.
    """

    def __init__(self, rate_per_s: float, burst: int, seconds: Callable[[], float]) -> None:
        self._rate = rate_per_s
        self._burst = float(burst)
        self._seconds = seconds
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, device: str) -> int:
        """0 when the request may pass, which it then has; else whole seconds to wait."""
        now = self._seconds()
        bucket = self._buckets.setdefault(device, _Bucket(self._burst, now))
        bucket.level = min(self._burst, bucket.level + (now - bucket.at) * self._rate)
        bucket.at = now
        if bucket.level >= 1.0:
            bucket.level -= 1.0
            return 0
        return max(1, math.ceil((1.0 - bucket.level) / self._rate))
