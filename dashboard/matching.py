"""What a person says of a reading: not this vessel's passage (撤销比对), or that one's (改配)."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import asyncpg

from commands.match_reading import MatchByHand, match_by_hand
from commands.undo_match import UndoMatch, undo_match
from dashboard.coordinator import Coordinator
from dashboard.errand import NAME_MOST, NOTE_MOST, Outcome, failure, run_errand, text_of
from domain.errors import InvalidInput, WhistleError

MMSI_MOST = 999_999_999


class Matching:
    """Runs the commands for the script threads of all viewers.

    `forget`: called after a change, so that no drawer shows what was read before.
    """

    def __init__(self, coordinator: Coordinator, forget: Sequence[Callable[[], None]] = ()) -> None:
        self._coordinator = coordinator
        self._forget = tuple(forget)

    def run(self, said: object) -> Outcome:
        """Do what the browser said; what goes wrong is an outcome. Blocks the thread."""
        try:
            actor, command = to_command(said)

            async def work(connection: asyncpg.Connection) -> None:
                if isinstance(command, UndoMatch):
                    await undo_match(connection, actor, command)
                else:
                    await match_by_hand(connection, actor, command)

            run_errand(self._coordinator, "match", work)
        except WhistleError as error:
            return failure("match.not_changed", error)
        for forget in self._forget:
            forget()
        return Outcome(done=1)


def to_command(said: object) -> tuple[str, UndoMatch | MatchByHand]:
    """Who, and what: `{"command", "action": "undo" | "assign", "reading", "mmsi", "note", "who"}`.

    `mmsi` is the vessel whose match is undone, or that the reading is given to. Raises
    `InvalidInput`.
    """
    if not isinstance(said, Mapping):
        raise InvalidInput("match", "an object")
    who, note = text_of(said, "who", NAME_MOST), text_of(said, "note", NOTE_MOST)
    if not who:
        raise InvalidInput("who", "a name: who changes a match answers for it")
    if not note:
        raise InvalidInput("note", "why, in words")
    mmsi = said.get("mmsi")
    if not isinstance(mmsi, int) or isinstance(mmsi, bool) or not 0 < mmsi <= MMSI_MOST:
        raise InvalidInput("mmsi", "a number of up to nine digits")
    try:
        command_id = UUID(text_of(said, "command", NAME_MOST))
        reading_id = UUID(text_of(said, "reading", NAME_MOST))
    except ValueError as error:
        raise InvalidInput("match", "ids of a command and a reading") from error
    action = said.get("action")
    if action == "undo":
        return who, UndoMatch(command_id, reading_id, mmsi, note)
    if action == "assign":
        return who, MatchByHand(command_id, reading_id, mmsi, note)
    raise InvalidInput("action", "undo or assign")
