"""How the way by the broker does (数据通道), by what workers and relays told."""

from typing import Final

from dashboard.snapshot import Relay, Snapshot, Worker
from db.pipeline import FRESH_S

BLINK_S: Final = 3.0
"""A broker that does not answer for less is no news."""
MUCH: Final = 2000
"""Messages in a relay's spool that are worth saying: some seconds of a busy mast."""


def live_workers(snapshot: Snapshot) -> tuple[Worker, ...]:
    """Workers that gave a sign of life just now."""
    return tuple(w for w in snapshot.workers if snapshot.taken_at - w.recorded_at <= FRESH_S)


def broker_lost_at(snapshot: Snapshot) -> float | None:
    """Since when no live worker reaches the broker; `None` while one does, or none is live."""
    lost = [one.broker_lost_at for one in live_workers(snapshot)]
    since = [at for at in lost if at is not None]
    if not since or len(since) < len(lost) or snapshot.taken_at - max(since) < BLINK_S:
        return None
    return min(since)


def waiting(snapshot: Snapshot) -> int:
    """Records that wait at the broker for all workers, as last known."""
    return sum(one.waiting for one in live_workers(snapshot))


def silent(relay: Relay, snapshot: Snapshot) -> bool:
    """Whether a relay said nothing though it could have: the broker is there, and workers are."""
    there = live_workers(snapshot) and broker_lost_at(snapshot) is None
    return bool(there) and snapshot.taken_at - relay.heard_at > FRESH_S


def troubled(relay: Relay, snapshot: Snapshot) -> bool:
    """Whether a relay is worth a word of its own."""
    return (
        silent(relay, snapshot)
        or relay.waiting_messages >= MUCH
        or relay.dropped_messages > 0
        or relay.spool_fault is not None
    )
