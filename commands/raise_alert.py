"""A suspicion becomes an alert, or raises or reopens the one that stands for its behaviour."""

from dataclasses import dataclass
from datetime import datetime

from db.alert import lock_behaviour, take_steps
from db.errors import mapped_errors
from db.pool import Connection
from domain.alert_life import Alert, Suspicion, meet
from domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class RaiseAlert:
    """What the rules found. The same suspicion sent again changes nothing."""

    suspicion: Suspicion


@dataclass(frozen=True, slots=True)
class Raised:
    """The alert as it stands, and the event that was added; `None` when nothing was new."""

    alert: Alert
    kind: str | None


async def raise_alert(connection: Connection, actor: str, command: RaiseAlert) -> Raised:
    """Store the alert with its event, in one transaction (or inside the caller's).

    Raises `InvalidInput` for times without an offset or in the wrong order, `StoreError`.
    """
    found = command.suspicion
    _check("began_at", found.began_at)
    _check("last_at", found.last_at)
    if found.last_at < found.began_at:
        raise InvalidInput("last_at", "not before began_at")
    async with mapped_errors(), connection.transaction():
        known, now = await lock_behaviour(connection, found.behaviour)
        step = meet(known, found, now)
        if step is None:
            if known is None:
                raise InvalidInput("suspicion", "one that makes an alert")
            return Raised(known, None)
        # what is raised first happened out there when the behaviour was last seen
        await take_steps(connection, actor, [step], min(found.last_at, now))
    return Raised(step.alert, step.kind)


def _check(field: str, moment: datetime) -> None:
    if moment.tzinfo is None:
        raise InvalidInput(field, "a moment with an offset from UTC")
