"""Vessels in the store: the detection state, and the versions of what each says it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from db.catalog import load_queries
from db.errors import StoreConflict
from db.pool import Connection
from domain.vessels import STATEMENTS, Identity

_queries = load_queries("vessel")
_TICK = timedelta(microseconds=1)
_FOREVER = datetime.max  # noqa: DTZ901 - what asyncpg sends as PostgreSQL's 'infinity'


@dataclass(frozen=True, slots=True)
class StoredState:
    """A `vessel_state` row: newest fix time of any kind, detection state as JSON, revision."""

    mmsi: int
    t: datetime
    district: str | None
    state: dict[str, Any]
    revision: int


async def load_states(connection: Connection, mmsis: Sequence[int]) -> dict[int, StoredState]:
    """The stored states of these vessels; a vessel never seen is missing from the result."""
    rows = _queries.load_states(connection, mmsis=list(mmsis))
    return {
        row["mmsi"]: StoredState(row["mmsi"], row["t"], None, row["state"], row["revision"])
        async for row in rows
    }


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


async def current_identities(
    connection: Connection, mmsis: Sequence[int]
) -> dict[int, tuple[Identity, datetime]]:
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
    known: Mapping[int, tuple[Identity, datetime]],
    now: datetime,
) -> dict[int, tuple[Identity, datetime]]:
    """Record new versions in order (several of one vessel are several versions).

    `known` holds what `current_identities` said of these vessels. The version known until now is
    closed, what it said is kept for the time before, and the new one holds from its `valid_from`.
    `now` is the store's clock. Returns the versions that are current now, in the shape of `known`.
    """
    current: dict[int, tuple[Identity, datetime]] = {}
    for version in versions:
        before = current.get(version.mmsi) or known.get(version.mmsi)
        recorded_at = now if before is None else max(now, before[1] + _TICK)
        if before is not None:
            await _queries.close_version(connection, mmsi=version.mmsi, recorded_at=recorded_at)
            if before[0].valid_from < version.valid_from:
                await _add(connection, before[0], version.valid_from, recorded_at)
        await _add(connection, version, _FOREVER, recorded_at)
        current[version.mmsi] = (version, recorded_at)
    return current


async def _add(
    connection: Connection, version: Identity, valid_to: datetime, recorded_from: datetime
) -> None:
    await _queries.add_version(
        connection,
        mmsi=version.mmsi,
        valid_from=version.valid_from,
        valid_to=valid_to,
        recorded_from=recorded_from,
        **{name: getattr(version, name) for name in STATEMENTS},
    )
