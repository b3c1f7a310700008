"""Seal what was recorded since the last time: one signature per chain that has gone on.

The only command that appends no event: an event about a seal would have to be sealed as well.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Final, Protocol

from db import seal as store
from db.pool import Connection
from db.watch import cursor, move_cursor
from domain.errors import WhistleError
from domain.events import ChainCheck
from domain.seals import NO_SEAL, RowDigest, Seal, digest, frame

SOURCE: Final = "seal"
A_TURN: Final = 500
"""Events followed in a turn: about a quarter of a second."""
LATE: Final = timedelta(minutes=10)
"""How much later than its time of recording an event may become visible."""
_EVER: Final = timedelta(days=36_500)


class SealsGone(WhistleError):
    """The store lacks a seal made here: seals were cut off, or it was put back from a copy."""

    code: ClassVar[str] = "seal.gone"


class Signer(Protocol):
    """A private key."""

    key_id: str

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one turn brought. `last`: the newest seal of the store. `more`: there is more to do.

    `broken`: chains that were not sealed, with what is wrong with them.
    """

    seals: tuple[Seal, ...]
    last: Seal | None
    broken: dict[tuple[str, str], list[str]]
    more: bool


async def seal_chains(
    connection: Connection,
    signer: Signer,
    *,
    known: tuple[int, bytes] | None = None,
    but: Collection[tuple[str, str]] = (),
    most: int = A_TURN,
) -> Sealed | None:
    """Sign the newest event of every chain that went on, in the order of recording, `most` events.

    `None`: another process is at it. A chain is followed from its last seal to its newest event
    first, and left alone when it does not hold. `known`: number and digest of a seal that has to
    be there. `but`: chains to leave alone. Call inside a transaction; killed, it leaves nothing.

    Raises:
        SealsGone: the seal `known` is not there, or another in its place.
    """
    if not await store.try_lock(connection):
        return None
    await require_seal(connection, known)
    stand = await cursor(connection, SOURCE, _EVER)
    since = min(stand.upto, stand.now - LATE)
    chains = await store.behind(connection, since, but, most)
    if not chains:
        return Sealed((), await store.last_seal(connection), {}, more=False)
    follow = {chain[:2]: (ChainCheck(chain.seq, chain.hash), RowDigest()) for chain in chains}
    ends: dict[tuple[str, str], tuple[int, bytes]] = {}
    taken = 0
    async for event, row in store.events_after(connection, chains):
        name = (event.stream_kind, event.stream_id)
        check, rows = follow[name]
        check.take(event)
        rows.take(row)
        ends[name] = (event.seq, event.hash)
        taken += 1
    faults = {name: follow[name][0].faults(end) for name, end in ends.items()}
    last = await store.last_seal(connection)
    now = await store.store_now(connection)
    made: list[Seal] = []
    for name, (seq, event_hash) in ends.items():
        if faults[name]:
            continue
        bare = Seal(
            number=1 if last is None else last.number + 1,
            previous=NO_SEAL if last is None else digest(last),
            stream_kind=name[0],
            stream_id=name[1],
            seq=seq,
            hash=event_hash,
            row_digest=follow[name][1].close(),
            sealed_at=now,
            key_id=signer.key_id,
            signature=b"",
        )
        last = replace(bare, signature=signer.sign(frame(bare)))
        made.append(last)
    await store.add_seals(connection, made)
    upto = max(chain.recorded_at for chain in chains)
    await move_cursor(connection, SOURCE, stand, min(upto, now))
    broken = {name: found for name, found in faults.items() if found}
    return Sealed(tuple(made), last, broken, more=taken >= most)


async def require_seal(connection: Connection, known: tuple[int, bytes] | None) -> None:
    """Raise `SealsGone` unless the seal of this number has this digest; `None` asks nothing."""
    if known is None:
        return
    number, expected = known
    found = await store.seal_numbered(connection, number)
    if found is None or digest(found) != expected:
        raise SealsGone(
            f"seal {number}, made with this key, "
            + ("is not there" if found is None else "is another one")
            + ": seals were taken out of the store, or it was put back from a copy"
        )
