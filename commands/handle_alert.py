"""People handle alerts: seen, validated, rejected with a reason, noted, silenced; one or many."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from db.alert import lock_alerts, take_steps
from db.command import begin_command, end_command
from db.errors import mapped_errors
from db.pool import Connection
from domain.alert_life import (
    AlertAction,
    AlertState,
    StaleAlert,
    Step,
    UnknownAlert,
    check_words,
    handle,
)
from domain.errors import InvalidInput, WhistleError

MOST = 500
"""Alerts in one command: a storm, not the archive."""


@dataclass(frozen=True, slots=True)
class HandleAlerts:
    """`alerts`: each with the state in which the person saw it.

    `command_id` is made when the dialog opens (or the button is drawn), so that a double click is
    one command. `note` is the reason of a rejection or a silence; `silence_until` is in the time of
    the behaviour.
    """

    command_id: UUID
    action: AlertAction
    alerts: Mapping[UUID, AlertState]
    note: str | None = None
    silence_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one alert was left as it is: the code of the error and its words."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Handled:
    """Which alerts changed, and what stood in the way of the others, by id."""

    done: tuple[UUID, ...]
    refused: Mapping[UUID, Refusal] = field(default_factory=dict)


async def handle_alerts(connection: Connection, actor: str, command: HandleAlerts) -> Handled:
    """Do it to every alert that still stands as it was seen, in one transaction, an event each.

    An alert that moved meanwhile is refused by itself, the others are done. Sent again with the
    same id, nothing is done and the first answer is given. Raises `InvalidInput` for nobody, no
    alerts, more than `MOST`, missing words; `CommandReused`, `StoreError`.
    """
    if not actor.strip():
        raise InvalidInput("actor", "who does it")
    if not 0 < len(command.alerts) <= MOST:
        raise InvalidInput("alerts", f"1 to {MOST} at once")
    check_words(command.action, command.note, command.silence_until)
    kind = f"alert.{command.action}"
    async with mapped_errors(), connection.transaction():
        before = await begin_command(connection, command.command_id, kind, actor)
        if before is not None:
            return _from_json(before)
        known, now = await lock_alerts(connection, list(command.alerts))
        steps: list[Step] = []
        refused: dict[UUID, Refusal] = {}
        for alert_id, expected in sorted(command.alerts.items()):
            alert = known.get(alert_id)
            if alert is None:
                refused[alert_id] = Refusal(UnknownAlert.code, f"no alert has the id {alert_id}")
                continue
            try:
                step = handle(
                    alert,
                    expected,
                    command.action,
                    actor,
                    now,
                    note=command.note,
                    silence_until=command.silence_until,
                )
            except (StaleAlert, InvalidInput) as error:
                refused[alert_id] = Refusal(error.code, str(error))
            else:
                steps.append(step)
        await take_steps(connection, actor, steps)
        handled = Handled(tuple(step.alert.alert_id for step in steps), refused)
        await end_command(connection, command.command_id, _to_json(handled))
    return handled


async def handle_alert(connection: Connection, actor: str, command: HandleAlerts) -> None:
    """The same for exactly one alert; raises `StaleAlert` or `UnknownAlert` when it is refused."""
    handled = await handle_alerts(connection, actor, command)
    for why in handled.refused.values():
        kinds: list[type[WhistleError]] = [UnknownAlert, StaleAlert]
        raise next((kind for kind in kinds if kind.code == why.code), StaleAlert)(why.words)


def _to_json(handled: Handled) -> dict[str, object]:
    return {
        "done": [str(one) for one in handled.done],
        "refused": {str(one): [why.code, why.words] for one, why in handled.refused.items()},
    }


def _from_json(outcome: Mapping[str, Any]) -> Handled:
    return Handled(
        tuple(UUID(one) for one in outcome["done"]),
        {UUID(one): Refusal(*why) for one, why in outcome["refused"].items()},
    )
