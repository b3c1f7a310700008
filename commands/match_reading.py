"""Match a reading with a vessel: by what fusion found, or by hand; an event each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from db import event
from db.command import begin_command, end_command
from db.errors import mapped_errors
from db.match import add_match, lock_match, set_match
from db.pool import Connection
from db.reading import StoredReading, reading
from db.rematch import judged
from domain.checkpoints import Reading
from domain.errors import InvalidInput, WhistleError
from domain.events import NewEvent
from domain.matches import Match, MatchReason, MatchRule, outcome_of

_NOTE_SIGNS = 500


class UnknownReading(WhistleError):
    """No reading has this id."""

    code: ClassVar[str] = "reading.unknown"


@dataclass(frozen=True, slots=True)
class MatchReading:
    """What fusion found for a reading: a vessel, nobody, or nothing certain.

    `again_at`: when it is to be judged again, if it was judged before all was in.
    """

    reading: Reading
    match: Match
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MatchByHand:
    """A person says whose passage it was. `command_id` is made when the dialog opens."""

    command_id: UUID
    reading_id: UUID
    mmsi: int
    note: str


async def match_reading(connection: Connection, actor: str, command: MatchReading) -> bool:
    """Store what was found, in one transaction with its event.

    `False`, and nothing is changed, for a reading that was looked at before: what a person undid is
    not made again.
    """
    match, taken = command.match, command.reading
    async with mapped_errors(), connection.transaction():
        if not await add_match(
            connection,
            taken.reading_id,
            match.mmsi,
            match.stored_score,
            match.reasons,
            again_at=command.again_at,
        ):
            return False
        await _tell(connection, actor, taken, "match.made", _said(match))
    return True


async def match_again(connection: Connection, actor: str, command: MatchReading) -> bool:
    """Put what fusion finds by now in the place of what it found, in one transaction with its
    event.

    `False` where that is the same outcome and vessel, of which only is noted that it was looked at,
    and where a person's word stands.
    """
    match, taken = command.match, command.reading
    async with mapped_errors(), connection.transaction():
        before = await lock_match(connection, taken.reading_id)
        if before is None or before.undone_at is not None or before.by_hand:
            return False
        outcome = outcome_of(before.mmsi, before.score)
        if (outcome, before.mmsi) == (match.outcome, match.mmsi):
            await judged(connection, taken.reading_id)
            return False
        await set_match(connection, taken.reading_id, match.mmsi, match.reasons, match.stored_score)
        said = _said(match) | {"instead_of": before.mmsi, "instead_of_outcome": outcome}
        await _tell(connection, actor, taken, "match.made", said)
    return True


def _said(match: Match) -> dict[str, Any]:
    return {
        "outcome": match.outcome,
        "mmsi": match.mmsi,
        "score": round(match.score, 4),
        "runner_up": round(match.runner_up, 4),
        "reasons": [reason.to_json() for reason in match.reasons],
    }


async def match_by_hand(connection: Connection, actor: str, command: MatchByHand) -> None:
    """Put a person's word in the place of whatever fusion said, in one transaction with its event.

    Sent again with the same id it is done once. Raises `InvalidInput` (actor, mmsi, note),
    `UnknownReading`, `CommandReused`.
    """
    check_actor_and_note(actor, command.note)
    if not 1 <= command.mmsi <= 999_999_999:
        raise InvalidInput("mmsi", "a number of up to nine digits")
    async with mapped_errors(), connection.transaction():
        kind = "match.made"
        if await begin_command(connection, command.command_id, kind, actor) is not None:
            return
        taken = await stored(connection, command.reading_id)
        before = await lock_match(connection, command.reading_id)
        reason = MatchReason(MatchRule.BY_HAND, 0, {"by": actor, "note": command.note.strip()})
        await set_match(connection, command.reading_id, command.mmsi, [reason])
        said = {
            "outcome": "matched",
            "mmsi": command.mmsi,
            "instead_of": before.mmsi if before and before.undone_at is None else None,
            "reasons": [reason.to_json()],
        }
        await _tell(connection, actor, taken.reading, kind, said)
        await end_command(connection, command.command_id, {"mmsi": command.mmsi})


def check_actor_and_note(actor: str, note: str) -> None:
    """A person who changes a match has a name and a reason. Raises `InvalidInput`."""
    if not actor.strip():
        raise InvalidInput("actor", "who does it")
    if not 0 < len(note.strip()) <= _NOTE_SIGNS:
        raise InvalidInput("note", f"why, in 1 to {_NOTE_SIGNS} characters")


async def stored(connection: Connection, reading_id: UUID) -> StoredReading:
    """The reading; raises `UnknownReading`."""
    found = await reading(connection, reading_id)
    if found is None:
        raise UnknownReading(f"no reading has the id {reading_id}")
    return found


async def _tell(
    connection: Connection, actor: str, taken: Reading, kind: str, payload: Mapping[str, Any]
) -> None:
    await event.append(
        connection,
        [
            NewEvent(
                stream_kind="reading",
                stream_id=str(taken.reading_id),
                kind=kind,
                actor=actor,
                occurred_at=taken.t,
                payload=payload,
            )
        ],
    )
