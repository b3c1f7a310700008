"""Seals in the store: what is not sealed yet, seals added, and chains held against them."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from db.catalog import load_queries
from db.event import event_from_row
from db.pool import Connection
from domain.events import GENESIS, ChainCheck, Event
from domain.seals import FitCheck, Seal, SequenceCheck, Signed

_queries = load_queries("seal")
_SEAL = tuple(one.name for one in fields(Seal))


class Behind(NamedTuple):
    """A chain with events that no seal vouches for, and where its last seal stands (0: none).

    `upto`, `recorded_at`: of the newest such event that was looked at.
    """

    stream_kind: str
    stream_id: str
    seq: int
    hash: bytes
    upto: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ChainState:
    """One chain as it was found: what is wrong with it, and how far it is sealed.

    `head`: (seq, hash) as recorded. `unsealed`: events after the last seal.
    """

    stream_kind: str
    stream_id: str
    faults: list[str]
    events: int = 0
    head: tuple[int, bytes] | None = None
    seals: int = 0
    sealed_seq: int = 0
    sealed_at: datetime | None = None
    unsealed: int = 0


@dataclass(slots=True)
class Totals:
    """Sums over all chains that were followed."""

    chains: int = 0
    events: int = 0
    unsealed: int = 0
    broken: int = 0


async def try_lock(connection: Connection) -> bool:
    """Whether this transaction is now the one that seals."""
    got: bool = await _queries.try_lock(connection)
    return got


async def store_now(connection: Connection) -> datetime:
    """The store's clock."""
    now: datetime = await _queries.store_now(connection)
    return now


async def last_seal(connection: Connection) -> Seal | None:
    """The seal with the highest number."""
    row = await _queries.last(connection)
    return None if row is None else _seal(row)


async def seal_numbered(connection: Connection, number: int) -> Seal | None:
    """The seal of this number."""
    row = await _queries.numbered(connection, number=number)
    return None if row is None else _seal(row)


async def behind(
    connection: Connection, since: datetime, but: Collection[tuple[str, str]], most: int
) -> list[Behind]:
    """Chains (but these) whose events since `since` are not sealed; `most` events are looked at."""
    names = [f"{kind}/{stream}" for kind, stream in but]
    rows = _queries.behind(connection, since=since, but=names, most=most)
    return [
        Behind(
            row["stream_kind"],
            row["stream_id"],
            row["seq"] or 0,
            row["hash"] or GENESIS,
            row["upto"],
            row["recorded_at"],
        )
        async for row in rows
    ]


async def events_after(
    connection: Connection, chains: Sequence[Behind]
) -> AsyncIterator[tuple[Event, int]]:
    """The events of each chain after its last seal, with row numbers, chain by chain.

    A row at a time. Call inside a transaction.
    """
    async with _queries.events_after_cursor(
        connection,
        kinds=[chain.stream_kind for chain in chains],
        ids=[chain.stream_id for chain in chains],
        seqs=[chain.seq for chain in chains],
        uptos=[chain.upto for chain in chains],
    ) as rows:
        async for row in rows:
            yield event_from_row(row), row["event_id"]


async def add_seals(connection: Connection, seals: Sequence[Seal]) -> None:
    """Store seals; raises `AlreadyThere` for a number or a sealed event that has one."""
    await _queries.add_seals(
        connection,
        numbers=[seal.number for seal in seals],
        previous=[seal.previous for seal in seals],
        kinds=[seal.stream_kind for seal in seals],
        ids=[seal.stream_id for seal in seals],
        seqs=[seal.seq for seal in seals],
        hashes=[seal.hash for seal in seals],
        row_digests=[seal.row_digest for seal in seals],
        sealed=[seal.sealed_at for seal in seals],
        keys=[seal.key_id for seal in seals],
        signatures=[seal.signature for seal in seals],
    )


async def follow_seals(connection: Connection, signed: Signed | None) -> SequenceCheck:
    """All seals by number. Call inside a transaction."""
    check = SequenceCheck(signed)
    async with _queries.all_seals_cursor(connection) as rows:
        async for row in rows:
            check.take(_seal(row))
    return check


async def follow_chain(
    connection: Connection, stream_kind: str, stream_id: str, signed: Signed | None
) -> ChainState | None:
    """One chain with its seals; `None`: neither event nor head nor seal. Inside a transaction."""
    found: list[ChainState] = []
    query = _queries.chain_cursor(connection, stream_kind=stream_kind, stream_id=stream_id)
    async with query as rows:
        await _follow(rows, signed, found.append)
    return found[0] if found else None


async def incident_named(connection: Connection, name: str) -> tuple[str, str] | None:
    """Id and number of an incident, by either."""
    row = await _queries.incident_named(connection, name=name)
    return None if row is None else (row["incident_id"], row["number"])


async def follow_all(
    connection: Connection, signed: Signed | None, broken: Callable[[ChainState], None]
) -> Totals:
    """Every chain with its seals, row by row, telling `broken` of each that does not hold.

    Call inside a transaction. Memory does not grow with the store.
    """
    totals = Totals()

    def tell(state: ChainState) -> None:
        totals.chains += 1
        totals.events += state.events
        totals.unsealed += state.unsealed
        if state.faults:
            totals.broken += 1
            broken(state)

    async with _queries.whole_cursor(connection) as rows:
        await _follow(rows, signed, tell)
    return totals


class _Followed:
    """One chain while its rows come."""

    def __init__(self, first: asyncpg.Record, signed: Signed | None) -> None:
        self.name: tuple[str, str] = (first["stream_kind"], first["stream_id"])
        head = first["head_seq"]
        self.head = None if head is None else (head, first["head_hash"])
        self.chain = ChainCheck()
        self.fit = FitCheck(signed)

    def take(self, row: asyncpg.Record) -> None:
        event = None if row["event_id"] is None else event_from_row(row)
        seal = None if row["number"] is None else _seal(row, hash=row["sealed_hash"])
        if event is not None:
            self.chain.take(event)
        self.fit.take(event, row["event_id"], seal)

    def state(self) -> ChainState:
        fit = self.fit
        return ChainState(
            *self.name,
            events=fit.events,
            head=self.head,
            seals=fit.seals,
            sealed_seq=fit.sealed_seq,
            sealed_at=fit.sealed_at,
            unsealed=fit.unsealed,
            faults=[*self.chain.faults(self.head), *fit.faults()],
        )


async def _follow(
    rows: AsyncIterator[asyncpg.Record],
    signed: Signed | None,
    tell: Callable[[ChainState], None],
) -> None:
    now: _Followed | None = None
    async for row in rows:
        if now is None or now.name != (row["stream_kind"], row["stream_id"]):
            if now is not None:
                tell(now.state())
            now = _Followed(row, signed)
        now.take(row)
    if now is not None:
        tell(now.state())


def _seal(row: Mapping[str, Any], **other: Any) -> Seal:  # noqa: ANN401 - as the row's values
    return Seal(**{name: row[name] for name in _SEAL} | other)
