"""Seals: signatures over the heads of chains, so that a chain rewritten with new hashes shows.

A seal says: at that time the chain had this event with this hash at its end. The seals themselves
are numbered, and each bears the digest of the one before it, so that none can be taken out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from domain.events import Event

NO_SEAL: Final = bytes(32)
"""`previous` of the first seal."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FRAME: Final = b"whistle seal 1"
_KEY_ID_BYTES: Final = 8
_FAULTS_TOLD: Final = 10

Signed = Callable[[str, bytes, bytes], bool | None]
"""Whether the key of this id signed the message so; `None`: no such public key is at hand."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Number `number`: the chain had `hash` at event `seq`, said `key_id` by `signature`.

    `row_digest`: SHA-256 over the row numbers of the events since the chain's seal before.
    `previous`: digest of the seal numbered one less, of whatever chain.
    """

    number: int
    previous: bytes
    stream_kind: str
    stream_id: str
    seq: int
    hash: bytes
    row_digest: bytes
    sealed_at: datetime
    key_id: str
    signature: bytes


def key_id(public_key: bytes) -> str:
    """What a key is called: the first 8 bytes of the SHA-256 of its 32 public bytes, in hex."""
    return sha256(public_key).digest()[:_KEY_ID_BYTES].hex()


def frame(seal: Seal) -> bytes:
    """The bytes that are signed: every field but the signature, each preceded by its length."""
    parts = [_FRAME]
    for field in (
        str(seal.number).encode(),
        seal.previous,
        seal.stream_kind.encode(),
        seal.stream_id.encode(),
        str(seal.seq).encode(),
        seal.hash,
        seal.row_digest,
        str((seal.sealed_at - _EPOCH) // _MICROSECOND).encode(),
        seal.key_id.encode(),
    ):
        parts += [len(field).to_bytes(8, "big"), field]
    return b"".join(parts)


def digest(seal: Seal) -> bytes:
    """SHA-256 over what was signed and the signature: what the next seal bears as `previous`."""
    signed = frame(seal)
    return sha256(len(signed).to_bytes(8, "big") + signed + seal.signature).digest()


class RowDigest:
    """Follows the row numbers of a chain's events from one seal to the next."""

    def __init__(self) -> None:
        self._digest = sha256()

    def take(self, row: int) -> None:
        """The row number of the next event."""
        self._digest.update(row.to_bytes(8, "big", signed=True))

    def close(self) -> bytes:
        """The digest up to here; the next one begins empty."""
        done, self._digest = self._digest.digest(), sha256()
        return done


class FitCheck:
    """Holds the seals of one chain against its events, taken in the order of their numbers.

    `seals`, `sealed_seq`, `sealed_at`: how many there are, and what the last of them vouches for.
    `events`: how many were taken; `unsealed`: how many of them come after the last seal.
    Without `signed` the signatures are not looked at.
    """

    def __init__(self, signed: Signed | None) -> None:
        self._signed = signed
        self._rows = RowDigest()
        self._last = 0
        self._found: list[str] = []
        self._further = 0
        self.events = self.seals = self.unsealed = 0
        self.sealed_seq = 0
        self.sealed_at: datetime | None = None

    def take(self, event: Event | None, row: int | None, seal: Seal | None) -> None:
        """An event with its row number and the seal upon it; a seal alone has lost its event."""
        if event is not None and row is not None:
            self.events += 1
            self.unsealed += 1
            self._last = event.seq
            self._rows.take(row)
        if seal is not None:
            self._see(seal, event)

    def faults(self) -> list[str]:
        """What was wrong, in words, the first of it."""
        return [*self._found, f"and {self._further} more"] if self._further else self._found

    def _see(self, seal: Seal, event: Event | None) -> None:
        self.seals += 1
        self.unsealed = 0
        self.sealed_seq, self.sealed_at = seal.seq, seal.sealed_at
        name = f"seal {seal.number}"
        holds = None if self._signed is None else self._signed(seal.key_id, *_signature(seal))
        if holds is None and self._signed is not None:
            self._add(f"{name} is of key {seal.key_id}, which is none of the public keys given")
        elif holds is False:
            self._add(f"{name} does not bear the signature of its key: it was changed or forged")
        rows = self._rows.close()
        if event is None:
            self._add(
                f"{name} vouches for event {seal.seq}, which is not there: "
                f"the chain was cut or renumbered after {_told(seal.sealed_at)}"
            )
        elif event.hash != seal.hash:
            self._add(
                f"{name} does not fit event {seal.seq}: "
                f"the chain was rewritten after {_told(seal.sealed_at)}"
            )
        elif rows != seal.row_digest:
            self._add(f"{name}: row numbers of the events up to {seal.seq} were changed")

    def _add(self, fault: str) -> None:
        if len(self._found) < _FAULTS_TOLD:
            self._found.append(fault)
        else:
            self._further += 1


class SequenceCheck:
    """Follows all seals by number: none is missing, none was put in, the last one is signed.

    Its signature vouches for all before it by their digests. `seals`: how many were taken;
    `last`: the last of them.
    """

    def __init__(self, signed: Signed | None) -> None:
        self._signed = signed
        self._previous, self._expected = NO_SEAL, 1
        self._found: list[str] = []
        self._further = 0
        self.seals = 0
        self.last: Seal | None = None

    def take(self, seal: Seal) -> None:
        """The next seal, in the order of their numbers."""
        self.seals += 1
        self.last = seal
        if seal.number != self._expected:
            self._add(f"seal {self._expected} is missing before {seal.number}")
        if seal.previous != self._previous:
            self._add(f"seal {seal.number} does not follow the seal before it")
        self._previous, self._expected = digest(seal), seal.number + 1

    def faults(self) -> list[str]:
        """What was wrong, in words, the first of it."""
        found = [*self._found, f"and {self._further} more"] if self._further else self._found
        if self.last is None or self._signed is None:
            return found
        if self._signed(self.last.key_id, *_signature(self.last)) is not True:
            return [*found, f"seal {self.last.number}, the last, is not signed by a key given"]
        return found

    def _add(self, fault: str) -> None:
        if len(self._found) < _FAULTS_TOLD:
            self._found.append(fault)
        else:
            self._further += 1


def _signature(seal: Seal) -> tuple[bytes, bytes]:
    return frame(seal), seal.signature


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
