"""When a message that failed is tried again, and when it is given up."""

import random
from datetime import datetime, timedelta

from db.outbox import Waiting
from streams.outbox.channel import Later, Refused
from streams.settings import NotifySettings

_TRIED_AT_LEAST = 3
"""However old it is: it may be sent again long after it was written."""
_chance = random.SystemRandom()


def after(
    message: Waiting, failed: Later, now: datetime, settings: NotifySettings
) -> Later | Refused:
    """What becomes of a message whose attempt `failed`, at least as late as that says."""
    attempts = message.attempts + 1
    old = now - message.created_at > timedelta(hours=settings.notify_hours)
    if attempts >= settings.notify_attempts or (old and attempts >= _TRIED_AT_LEAST):
        return Refused(f"given up after {attempts} attempts, the last: {failed.why}")
    first_s, most_s = settings.notify_retry_first_s, settings.notify_retry_most_s
    wait_s = min(most_s, first_s * 2.0 ** min(message.attempts, 30))
    return Later(failed.why, max(failed.seconds, wait_s * _chance.uniform(0.5, 1.0)))
