"""How often a group robot may be called, and what is saved for the rest of its minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.robot import RobotUse

_MARGIN_S = 1.0
"""A window is counted so much longer: the platform's clock starts when our call arrives."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` calls in any `seconds`; what does not fit into `near` goes in one call."""

    most: int
    seconds: float
    near: int

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.seconds + min(_MARGIN_S, self.seconds * 0.1))


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether the robot may be called: after `wait_s`, so often before it gets tight: `room`.

    When more waits than there is room for, it goes in one call.
    """

    wait_s: float
    room: int
    why: str = ""


def turn(use: RobotUse, limits: Sequence[Limit], now: datetime) -> Turn:
    """What may be done now.

    From `near` on the calls that are left are spread over the rest of the window, so that nobody
    waits a whole one for a digest.
    """
    wait_s, why = 0.0, ""
    room = min(limit.near for limit in limits)
    if use.blocked_until is not None and use.blocked_until > now:
        wait_s = (use.blocked_until - now).total_seconds()
        why = "the platform blocks this robot for a while: called too often"
    for limit in limits:
        within = [at for at in use.used_at if abs(now - at) < limit.window]
        room = min(room, max(0, limit.near - len(within)))
        if len(within) < limit.near:
            continue
        if len(within) >= limit.most:
            free_at = within[-limit.most] + limit.window
        else:
            gap = limit.window / (limit.most - limit.near + 1)
            free_at = within[-1] + gap
        left_s = (free_at - now).total_seconds()
        if left_s > wait_s:
            wait_s = left_s
            why = f"this robot takes {limit.most} messages in {limit.seconds:g} s: waiting its turn"
    return Turn(wait_s, room, why)


def used(use: RobotUse, limits: Sequence[Limit], now: datetime) -> RobotUse:
    """The use with a call now; what no limit counts any more is left out."""
    longest = max(limit.window for limit in limits)
    kept = [at for at in use.used_at if abs(now - at) < longest]
    return RobotUse((*kept, now), use.blocked_until)
