"""What the browser asks to be done with alerts, checked and carried out on the server's loop."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from commands.handle_alert import MOST, HandleAlerts, Handled, handle_alerts
from dashboard.coordinator import Coordinator
from db.errors import mapped_errors
from domain.alert_life import AlertAction, AlertState
from domain.alert_silence import silence_end
from domain.errors import InvalidInput, WhistleError

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 20.0
NAME_MOST: Final = 40
NOTE_MOST: Final = 300
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
NAMED: Final = frozenset({AlertAction.SILENCE, AlertAction.HEAR})
"""Who keeps an alert silent has to have a name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many alerts changed, how many had moved meanwhile; `failed`: nothing could be done."""

    done: int = 0
    refused: int = 0
    failed: bool = False


class Handling:
    """Runs commands for the script threads of all viewers."""

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator

    def run(self, said: object) -> Outcome:
        """Do what the browser said; what goes wrong is an outcome. Blocks the thread."""
        loop = self._coordinator.loop
        try:
            actor, command = to_command(said, self._coordinator.now())
            if loop is None:
                return Outcome(failed=True)
            done = asyncio.run_coroutine_threadsafe(self._do(actor, command), loop)
            handled = done.result(TIMEOUT_S)
        except (WhistleError, TimeoutError) as error:
            log.warning("alert not handled", action="alert.not_handled", error=str(error))
            return Outcome(failed=True)
        return Outcome(len(handled.done), len(handled.refused))

    async def _do(self, actor: str, command: HandleAlerts) -> Handled:
        pool = await self._coordinator.pool()
        async with mapped_errors(), pool.acquire() as connection:
            return await handle_alerts(connection, actor, command)


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
        action = AlertAction(_text(said, "action", NAME_MOST))
        command_id = UUID(_text(said, "command", NAME_MOST))
        seen = {UUID(str(one)): AlertState(str(state)) for one, state in alerts.items()}
    except ValueError as error:
        raise InvalidInput("handle", "an action, an id and states that exist") from error
    if action not in OFFERED:
        raise InvalidInput("action", ", ".join(sorted(OFFERED)))
    note = _text(said, "note", NOTE_MOST) or None
    who = _text(said, "who", NAME_MOST)
    if not who and action in NAMED:
        raise InvalidInput("who", "a name: a silence has an owner")
    until = None
    if action is AlertAction.SILENCE:
        until = silence_end(_text(said, "until", NAME_MOST), now)
    return who or "console", HandleAlerts(command_id, action, seen, note, until)


def _text(said: Mapping[str, Any], name: str, most: int) -> str:
    """A line of text without control characters, cut to `most` characters."""
    text = said.get(name)
    if not isinstance(text, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]
