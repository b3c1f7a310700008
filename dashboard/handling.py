"""What the browser asks to be done with alerts, checked and carried out on the server's loop."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from commands.handle_alert import MOST, HandleAlerts, handle_alerts
from dashboard.coordinator import Coordinator
from dashboard.errand import NAME_MOST, NOTE_MOST, Outcome, failure, run_errand, text_of
from domain.alert_life import AlertAction, AlertState
from domain.alert_silence import silence_end
from domain.errors import InvalidInput, WhistleError

OFFERED: Final = frozenset(
    {
        AlertAction.SEE,
        AlertAction.VALIDATE,
        AlertAction.REJECT,
        AlertAction.SILENCE,
        AlertAction.HEAR,
    }
)
"""What the rail and the drawer have buttons for."""
NOBODY: Final = "console"
"""The actor of whoever looked at an alert and gave no name; it is no name to show."""
NAMED: Final = OFFERED - {AlertAction.SEE}
"""Who decides has to have a name; only looking needs none."""


class Handling:
    """Runs commands for the script threads of all viewers."""

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator

    def run(self, said: object) -> Outcome:
        """Do what the browser said; what goes wrong is an outcome. Blocks the thread."""
        try:
            actor, command = to_command(said, self._coordinator.now())
            handled = run_errand(
                self._coordinator,
                "alert",
                lambda connection: handle_alerts(connection, actor, command),
            )
        except WhistleError as error:
            return failure("alert.not_handled", error)
        return Outcome(len(handled.done), len(handled.refused))


def to_command(said: object, now: datetime) -> tuple[str, HandleAlerts]:
    """Who, and what: `{"command", "action", "alerts": {id: state}, "note", "until", "who"}`.

    The name is what the person at this screen wrote into the top bar; nobody has checked it.
    `until` is the end of a silence as `domain.alert_silence` reads it, seen from `now`. Raises
    `InvalidInput`.
    """
    if not isinstance(said, Mapping):
        raise InvalidInput("handle", "an object")
    alerts = said.get("alerts")
    if not isinstance(alerts, Mapping) or not 0 < len(alerts) <= MOST:
        raise InvalidInput("alerts", f"1 to {MOST} of them, each with its state")
    try:
        action = AlertAction(text_of(said, "action", NAME_MOST))
        command_id = UUID(text_of(said, "command", NAME_MOST))
        seen = {UUID(str(one)): AlertState(str(state)) for one, state in alerts.items()}
    except ValueError as error:
        raise InvalidInput("handle", "an action, an id and states that exist") from error
    if action not in OFFERED:
        raise InvalidInput("action", ", ".join(sorted(OFFERED)))
    note = text_of(said, "note", NOTE_MOST) or None
    who = text_of(said, "who", NAME_MOST)
    if not who and action in NAMED:
        raise InvalidInput("who", "a name: a decision has an owner")
    until = None
    if action is AlertAction.SILENCE:
        until = silence_end(text_of(said, "until", NAME_MOST), now)
    return who or NOBODY, HandleAlerts(command_id, action, seen, note, until)
