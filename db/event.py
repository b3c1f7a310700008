"""The event table: append under the aggregate's lock, read back, prove that nothing was changed."""

from collections.abc import Sequence

import asyncpg

from db.catalog import load_queries
from db.pool import Connection
from domain.events import Event, NewEvent, chain_faults, chained

_queries = load_queries("event")


def event_from_row(row: asyncpg.Record) -> Event:
    """An `event` row as the domain's event."""
    return Event(**{name: row[name] for name in Event.__slots__})


async def append(connection: Connection, new: Sequence[NewEvent]) -> list[Event]:
    """Store `new` in the order given and return them with their places; call inside a transaction.

    The heads of all aggregates concerned are locked first, in order of their names, so numbers
    have no gaps, chains no forks, and two callers never wait for each other in a circle.
    """
    if not new:
        return []
    keys = sorted({(event.stream_kind, event.stream_id) for event in new})
    kinds, ids = [kind for kind, _ in keys], [stream for _, stream in keys]
    await _queries.make_heads(connection, kinds=kinds, ids=ids)
    heads = {
        (row["stream_kind"], row["stream_id"]): row
        async for row in _queries.lock_heads(connection, kinds=kinds, ids=ids)
    }
    last = {key: (row["seq"], row["hash"]) for key, row in heads.items()}
    stored: list[Event] = []
    for event in new:
        key = (event.stream_kind, event.stream_id)
        seq, previous = last[key]
        placed = chained(event, seq + 1, heads[key]["recorded_at"], previous)
        last[key] = (placed.seq, placed.hash)
        stored.append(placed)
    await _queries.add_events(
        connection,
        stream_kinds=[event.stream_kind for event in stored],
        stream_ids=[event.stream_id for event in stored],
        seqs=[event.seq for event in stored],
        occurred=[event.occurred_at for event in stored],
        recorded=[event.recorded_at for event in stored],
        actors=[event.actor for event in stored],
        kinds=[event.kind for event in stored],
        payloads=[event.payload for event in stored],
        prev_hashes=[event.prev_hash for event in stored],
        hashes=[event.hash for event in stored],
    )
    await _queries.move_heads(
        connection,
        kinds=kinds,
        ids=ids,
        seqs=[last[key][0] for key in keys],
        hashes=[last[key][1] for key in keys],
    )
    return stored


async def stream(connection: Connection, stream_kind: str, stream_id: str) -> list[Event]:
    """All events of one aggregate, oldest first."""
    rows = _queries.stream(connection, stream_kind=stream_kind, stream_id=stream_id)
    return [event_from_row(row) async for row in rows]


async def verify(connection: Connection, stream_kind: str, stream_id: str) -> list[str]:
    """What is wrong with one aggregate's chain, in words; `[]` when it holds."""
    events = await stream(connection, stream_kind, stream_id)
    head = await _queries.head(connection, stream_kind=stream_kind, stream_id=stream_id)
    return chain_faults(events, None if head is None else (head["seq"], head["hash"]))


async def verify_all(connection: Connection) -> dict[tuple[str, str], list[str]]:
    """Every aggregate whose chain is broken, with what is wrong; `{}` when all hold.

    Without seals, and a chain at a time: for whole stores there is `db.seal.follow_all`.
    """
    names = [tuple(row) async for row in _queries.chains(connection)]
    found = {name: await verify(connection, *name) for name in names}
    return {name: faults for name, faults in found.items() if faults}
