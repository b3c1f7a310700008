"""Whether anybody looks for alerts: a dead watch leaves a quiet list, which is a false comfort."""

from typing import Final

from dashboard.snapshot import Snapshot

WATCH_LATE_S: Final = 15.0
"""The alert watch ends a round every second; without one for so long it counts as dead."""


def unwatched(snapshot: Snapshot) -> bool:
    """Whether what is said of alerts is not current: the watch that found them is dead.

    `False` where none has ever run; there nothing is said of alerts at all.
    """
    if snapshot.watched_at is None:
        return bool(snapshot.alerts)
    return snapshot.taken_at - snapshot.watched_at > WATCH_LATE_S
