"""Vessels in the store: the detection state, and the versions of what each says it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from db.catalog import load_queries
from db.errors import StoreConflict
from db.pool import Connection
from domain.vessels import STATEMENTS, Identity

_queries = load_queries("vessel")
_TICK = timedelta(microseconds=1)
_FOREVER = datetime.max  # noqa: DTZ901 - what asyncpg sends as PostgreSQL's 'infinity'


Known = tuple[Identity, datetime]
"""The current version of a vessel's identity, and when it was recorded."""

_VERSION_COLUMNS = [
    "mmsi",
    *STATEMENTS,
    "valid_from",
    "valid_to",
    "recorded_from",
    "recorded_to",
]


@dataclass(slots=True)
class _Row:
    """A row of `vessel` on its way in."""

    identity: Identity
    valid_to: datetime
    recorded_from: datetime
    recorded_to: datetime = _FOREVER

    def values(self) -> tuple[object, ...]:
        return (
            self.identity.mmsi,
            *(getattr(self.identity, name) for name in STATEMENTS),
            self.identity.valid_from,
            self.valid_to,
            self.recorded_from,
            self.recorded_to,
        )


class StoredState(NamedTuple):
    """A `vessel_state` row; `t` is the newest fix time of any kind, epoch seconds UTC."""

    mmsi: int
    t: float
    district: str | None
    state: dict[str, Any]
    revision: int


async def load_states(connection: Connection, mmsis: Sequence[int]) -> dict[int, StoredState]:
    """The stored states of these vessels; a vessel never seen is missing from the result."""
    rows = _queries.load_states(connection, mmsis=list(mmsis))
    return {row["mmsi"]: StoredState(**row) async for row in rows}


async def save_states(connection: Connection, states: Sequence[StoredState]) -> None:
    """Write new states, each with the revision after the one it was computed from.

    Raises `StoreConflict` when another worker carried one of these vessels on meanwhile.
    """
    if not states:
        return
    tag: str = await _queries.save_states(
        connection,
        mmsis=[state.mmsi for state in states],
        times=[state.t for state in states],
        districts=[state.district for state in states],
        states=[orjson.dumps(state.state).decode() for state in states],
        revisions=[state.revision for state in states],
    )
    written = int(tag.rsplit(" ", 1)[1])
    if written != len(states):
        raise StoreConflict(
            f"{len(states) - written} vessels were carried on by another worker meanwhile"
        )


async def current_identities(connection: Connection, mmsis: Sequence[int]) -> dict[int, Known]:
    """What these vessels say they are as known now, each with when that was recorded."""
    rows = _queries.current_identities(connection, mmsis=list(mmsis))
    return {
        row["mmsi"]: (
            Identity(
                mmsi=row["mmsi"],
                valid_from=row["valid_from"],
                **{name: row[name] for name in STATEMENTS},
            ),
            row["recorded_from"],
        )
        async for row in rows
    }


async def add_identities(
    connection: Connection,
    versions: Sequence[Identity],
    known: Mapping[int, Known],
    now: datetime,
) -> dict[int, Known]:
    """Record new versions in order (several of one vessel are several versions).

    `known` holds what `current_identities` said of these vessels. The version known until now is
    closed, what it said is kept for the time before, and the new one holds from its `valid_from`.
    `now` is the store's clock. Returns the versions that are current now, in the shape of `known`.
    Raises `StoreConflict` when another worker has recorded a version meanwhile.
    """
    current: dict[int, Known] = {}
    closed: dict[int, datetime] = {}
    rows: list[_Row] = []
    newest: dict[int, _Row] = {}
    for version in versions:
        before = current.get(version.mmsi) or known.get(version.mmsi)
        recorded_at = now if before is None else max(now, before[1] + _TICK)
        if before is not None:
            if version.mmsi in newest:
                newest[version.mmsi].recorded_to = recorded_at
            else:
                closed[version.mmsi] = recorded_at
            if before[0].valid_from < version.valid_from:
                rows.append(_Row(before[0], version.valid_from, recorded_at))
        newest[version.mmsi] = _Row(version, _FOREVER, recorded_at)
        rows.append(newest[version.mmsi])
        current[version.mmsi] = (version, recorded_at)
    if closed:
        tag: str = await _queries.close_versions(
            connection, mmsis=list(closed), times=list(closed.values())
        )
        if tag != f"UPDATE {len(closed)}":
            raise StoreConflict("another worker has recorded one of these vessels meanwhile")
    await connection.copy_records_to_table(
        "vessel", columns=_VERSION_COLUMNS, records=[row.values() for row in rows]
    )
    return current
