"""Chains of an incident, sealed, and somebody with all rights who changes what is stored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from commands.seal_chains import Sealed, seal_chains
from db import event
from db.pool import Connection, transaction
from db.seal import ChainState, follow_chain, follow_seals
from domain.events import GENESIS, Event, NewEvent, chained
from domain.seals import Signed
from streams.seal_key import PublicKeys, SealKey, public_file

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def told(stream_id: str, number: int, kind: str = "incident") -> NewEvent:
    return NewEvent(
        stream_kind=kind,
        stream_id=stream_id,
        kind="incident.noted",
        actor="值班员",
        occurred_at=NOON + timedelta(seconds=number),
        payload={"n": number, "at": NOON, "note": "渣土船"},
    )


def keys_in(folder: Path) -> tuple[SealKey, PublicKeys]:
    file = folder / "seal.key"
    return SealKey.make(file), PublicKeys.load(public_file(file))


async def append(pool: asyncpg.Pool, stream_id: str, numbers: Sequence[int]) -> list[Event]:
    async with transaction(pool) as connection:
        return await event.append(connection, [told(stream_id, n) for n in numbers])


async def seal(pool: asyncpg.Pool, key: SealKey, *, most: int = 500) -> Sealed:
    async with transaction(pool) as connection:
        done = await seal_chains(connection, key, most=most)
    assert done is not None
    return done


async def found(
    connection: Connection, stream_id: str, signed: Signed | None
) -> tuple[ChainState | None, list[str]]:
    """The chain as it stands, and all that is wrong with it and with the sequence of seals."""
    state = await follow_chain(connection, "incident", stream_id, signed)
    sequence = await follow_seals(connection, signed)
    return state, [*(state.faults if state else []), *sequence.faults()]


async def unlock(connection: Connection) -> None:
    """What a superuser can do: no trigger and no constraint stands in the way."""
    for table in ("event", "event_seal"):
        await connection.execute(f"alter table {table} disable trigger all")
    for table, constraint in (
        ("event", "event_pkey"),
        ("event", "event_event_id_key"),
        ("event", "event_seq_check"),
        ("event_head", "event_head_pkey"),
        ("event_head", "event_head_seq_check"),
        ("event_seal", "event_seal_pkey"),
        ("event_seal", "event_seal_of_chain"),
        ("event_seal", "event_seal_seq_check"),
        ("event_seal", "event_seal_number_check"),
    ):
        await connection.execute(f"alter table {table} drop constraint {constraint}")
    await connection.execute("alter table event alter event_id drop identity")


async def rewrite(connection: Connection, stream_id: str, keep: int, new: int) -> None:
    """Keep the first events, tell `new` others after them with all hashes right, move the head."""
    await connection.execute("alter table event disable trigger all")
    kept = (await event.stream(connection, "incident", stream_id))[:keep]
    await connection.execute("delete from event where stream_id = $1 and seq > $2", stream_id, keep)
    seq, last = (kept[-1].seq, kept[-1].hash) if kept else (0, GENESIS)
    for number in range(new):
        one = chained(told(stream_id, 100 + number), seq + 1, NOON, last)
        seq, last = one.seq, one.hash
        await connection.execute(
            """insert into event (stream_kind, stream_id, seq, occurred_at, recorded_at, actor,
                kind, payload, prev_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            *(getattr(one, name) for name in Event.__slots__),
        )
    await connection.execute(
        "update event_head set seq = $2, hash = $3 where stream_id = $1", stream_id, seq, last
    )


async def put_incident(connection: Connection, number: str) -> UUID:
    """A row of the table `incident`."""
    incident_id = uuid4()
    await connection.execute(
        """insert into incident (incident_id, number, state, matter, title, summary, origin, lon,
            lat, adcode, border_adcodes, datum, why, began_at, opened_at, opened_by, changed_at,
            reopened, revision)
        values ($1, $2, 'new', 'spoil_dumping', 'x', '', 'phone', 120.9, 31.0, '310118', '{}',
            'wgs84', '{}', $3, $3, 'test', $3, 0, 1)""",
        incident_id,
        number,
        NOON,
    )
    return incident_id
