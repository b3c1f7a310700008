"""Sentences per second of each feed, from counters that are kept per minute."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final

WINDOW_S: Final = 10.0
LONG_S: Final = 600.0


class Rates:
    """Differences of the per-minute counters over the last seconds, and their long-time mean."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[tuple[float, dict[float, int]]]] = {}

    def update(
        self, now: float, rows: Iterable[Mapping[str, Any]]
    ) -> dict[str, tuple[float | None, float]]:
        """Take the counters of the last minutes; per feed the (recent, long-time) rates.

        The recent rate is unknown until two readings are at least 2 s apart.
        """
        minutes: dict[str, dict[float, int]] = {}
        for row in rows:
            minutes.setdefault(row["feed_id"], {})[row["minute"]] = int(row["n"])
        for feed_id, counts in minutes.items():
            self._seen.setdefault(feed_id, deque()).append((now, counts))
        return {feed_id: self._rate(feed_id, now, counts) for feed_id, counts in minutes.items()}

    def _rate(
        self, feed_id: str, now: float, counts: Mapping[float, int]
    ) -> tuple[float | None, float]:
        seen = self._seen[feed_id]
        while len(seen) > 1 and now - seen[1][0] >= WINDOW_S:
            seen.popleft()
        then, before = seen[0]
        long_ago = [minute for minute in counts if now - minute <= LONG_S]
        span = max(60.0, now - min(long_ago)) if long_ago else LONG_S
        mean = sum(counts[minute] for minute in long_ago) / span
        if now - then < 2.0:
            return None, mean
        grown = sum(max(0, n - before.get(minute, 0)) for minute, n in counts.items())
        return grown / (now - then), mean
