"""Matches of readings with tracks: what there is to match, what near tracks there are, the result.

A row without a vessel is a passage without AIS when it has a score, and left open when it has none
(`domain.matches.outcome_of`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from db.catalog import load_queries
from db.pool import Connection
from domain.checkpoints import Direction, Entering, Reading, System
from domain.matches import MatchReason, Outcome, outcome_of
from domain.positions import FixFlag

_queries = load_queries("match")
_TYPES = {"system": System, "direction": Direction, "entering": Entering}


class NearFix(NamedTuple):
    """A fix near a gate: epoch seconds UTC, WGS-84 degrees; knots and degrees are nan if unsaid."""

    mmsi: int
    t: float
    lon: float
    lat: float
    sog_kn: float
    cog_deg: float


class KnownHull(NamedTuple):
    """A vessel's names, by its own word and by the register; its size, the register's if it has."""

    mmsi: int
    names: tuple[str, ...]
    length_m: float | None
    beam_m: float | None


class Box(NamedTuple):
    """Degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another reading of the gate; `held`: its match goes before this one's, `mmsi` with whom."""

    reading: Reading
    held: bool
    outcome: Outcome | None
    mmsi: int | None


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """What was found for a reading, or by whom it was set by hand; `undone_at`: taken back."""

    reading: Reading
    outcome: Outcome
    mmsi: int | None
    score: float | None
    reasons: Sequence[Mapping[str, Any]]
    matched_at: datetime
    undone_at: datetime | None


def _reading(row: Mapping[str, Any]) -> Reading:
    said = {field.name: row[field.name] for field in fields(Reading)}
    typed = {name: kind(said[name]) for name, kind in _TYPES.items() if said[name] is not None}
    return Reading(**(said | typed))


async def pending(
    connection: Connection, since: datetime, now: datetime, most: int = 500
) -> list[tuple[Reading, bool]]:
    """Readings of a time since `since` to be judged by `now`, in order of that time.

    And whether each has a match already, which is to be judged again.
    """
    rows = _queries.pending(connection, since=since, now=now, most=most)
    return [(_reading(row), row["again"]) async for row in rows]


async def neighbours(
    connection: Connection, reading: Reading, since: datetime, until: datetime
) -> list[Neighbour]:
    """What the reading's gate read between the two times, by time."""
    rows = _queries.neighbours(
        connection,
        checkpoint_id=reading.checkpoint_id,
        since=since,
        until=until,
        t=reading.t,
        source_key=reading.source_key,
    )
    return [
        Neighbour(
            _reading(row),
            row["held"],
            outcome_of(row["held_mmsi"], row["held_score"]) if row["held"] else None,
            row["held_mmsi"],
        )
        async for row in rows
    ]


async def fixes_near(
    connection: Connection, box: Box, since: datetime, until: datetime
) -> list[NearFix]:
    """Fixes in the box between the two times, by vessel and time; clones too, late ones not."""
    rows = _queries.fixes_near(
        connection, **box._asdict(), since=since, until=until, late=int(FixFlag.LATE)
    )
    return [NearFix(*row) async for row in rows]


async def hulls(connection: Connection, mmsis: Sequence[int]) -> list[KnownHull]:
    """What is known of these vessels; those never described are missing."""
    rows = _queries.hulls(connection, mmsis=list(mmsis))
    return [
        KnownHull(
            row["mmsi"],
            tuple(dict.fromkeys(n for n in (row["own_name"], row["register_name"]) if n)),
            row["length_m"],
            row["beam_m"],
        )
        async for row in rows
    ]


async def heard(connection: Connection, box: Box, since: datetime, until: datetime) -> bool:
    """Whether any AIS at all was taken in the box between the two times."""
    found: bool = await _queries.heard(connection, **box._asdict(), since=since, until=until)
    return found


async def sighted(
    connection: Connection,
    mmsis: Sequence[int],
    checkpoint_id: str,
    since: datetime,
    until: datetime,
) -> list[tuple[Reading, int, float]]:
    """Readings of these vessels by other checkpoints: the reading, its MMSI, its match's score."""
    rows = _queries.sighted(
        connection, mmsis=list(mmsis), checkpoint_id=checkpoint_id, since=since, until=until
    )
    return [
        (_reading(row), row["held_mmsi"], 1.0 if row["held_score"] is None else row["held_score"])
        async for row in rows
    ]


async def late_of(
    connection: Connection, checkpoint_id: str, since: datetime, until: datetime, most: int
) -> list[float]:
    """Seconds by which the gate's newest matched readings came late, oldest first."""
    rows = _queries.late_of(
        connection, checkpoint_id=checkpoint_id, since=since, until=until, most=most
    )
    return [row["late_s"] async for row in rows][::-1]


async def matches_since(
    connection: Connection, since: datetime, most: int = 500
) -> list[StoredMatch]:
    """Matches made, set or taken back since a time of recording, in that order."""
    return [
        StoredMatch(
            _reading(row),
            outcome_of(row["held_mmsi"], row["held_score"]),
            row["held_mmsi"],
            row["held_score"],
            row["reasons"],
            row["matched_at"],
            row["undone_at"],
        )
        async for row in _queries.matches_since(connection, since=since, most=most)
    ]


class Standing(NamedTuple):
    """A match as it stands, locked."""

    mmsi: int | None
    score: float | None
    undone_at: datetime | None

    @property
    def by_hand(self) -> bool:
        """A person gives a vessel without a score."""
        return self.mmsi is not None and self.score is None


async def lock_match(connection: Connection, reading_id: UUID) -> Standing | None:
    """The row of this reading, held until the transaction ends; `None` when there is none."""
    row = await _queries.lock_match(connection, reading_id=reading_id)
    return None if row is None else Standing(*row)


async def add_match(
    connection: Connection,
    reading_id: UUID,
    mmsi: int | None,
    score: float | None,
    reasons: Sequence[MatchReason],
    *,
    again_at: datetime | None = None,
) -> bool:
    """Store what was found; `False` for a reading that has a row already, undone or not.

    `again_at`: from when on it is to be judged again.
    """
    added = await _queries.add_match(
        connection,
        reading_id=reading_id,
        mmsi=mmsi,
        score=score,
        reasons=[reason.to_json() for reason in reasons],
        again_at=again_at,
    )
    return added is not None


async def set_match(
    connection: Connection,
    reading_id: UUID,
    mmsi: int | None,
    reasons: Sequence[MatchReason],
    score: float | None = None,
) -> None:
    """Put another match in the place of whatever stands; a person gives no score."""
    await _queries.set_match(
        connection,
        reading_id=reading_id,
        mmsi=mmsi,
        score=score,
        reasons=[reason.to_json() for reason in reasons],
    )


async def undo_match(connection: Connection, reading_id: UUID, who: str) -> datetime | None:
    """Take the match back; when, or `None` when nothing stood there."""
    undone: datetime | None = await _queries.undo_match(connection, reading_id=reading_id, who=who)
    return undone
