"""Later data disproves an alert: it is kept, struck through, with both times."""

from dataclasses import dataclass
from uuid import UUID

from db.alert import lock_alerts, take_steps
from db.errors import mapped_errors
from db.pool import Connection
from domain.alert_life import Alert, UnknownAlert, retract
from domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class RetractAlert:
    """`why`: what disproves it, in words or as a word that the screen translates."""

    alert_id: UUID
    why: str


async def retract_alert(connection: Connection, actor: str, command: RetractAlert) -> Alert | None:
    """Retract the alert with an event; `None` when it is retracted or rejected already.

    Raises `UnknownAlert`, `InvalidInput` for no reason, `StoreError`.
    """
    if not command.why.strip():
        raise InvalidInput("why", "what disproves the alert")
    async with mapped_errors(), connection.transaction():
        found, now = await lock_alerts(connection, [command.alert_id])
        known = found.get(command.alert_id)
        if known is None:
            raise UnknownAlert(f"no alert has the id {command.alert_id}")
        step = retract(known, command.why, now)
        if step is None:
            return None
        await take_steps(connection, actor, [step])
    return step.alert
