"""What travels through the streams: a sentence as it arrived, and what it turned out to be.

Structs, because a frozen dataclass takes twenty times as long to make; they hold no cycles, so the
collector need not look at them.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from domain.positions import Fix, Rejection, StaticReport


class Sentence(Struct, frozen=True, gc=False):
    """One line as taken from a source, before anything is believed; `raw` with blanks around it.

    `arrived_at` is stamped once, at the first socket. `offset` is the byte offset of the line's
    start and `end` that of the next line in a replayable source (a file); `None` for a socket.
    `length` is set when the line was cut on the way in: how many bytes it really had. `source_id`
    names the replayable thing that `offset` belongs to where the feed alone does not tell.
    """

    feed_id: str
    arrived_at: datetime
    raw: bytes
    offset: int | None = None
    end: int | None = None
    line: int | None = None
    length: int | None = None
    source_id: str | None = None


class PositionMessage(Struct, frozen=True, gc=False):
    """A fix that passed every check of its own; `sentence` is the (last) one that carried it."""

    sentence: Sentence
    fix: Fix


class StaticMessage(Struct, frozen=True, gc=False):
    """Identity and voyage data. Type 19 yields a `PositionMessage` and a `StaticMessage`."""

    sentence: Sentence
    report: StaticReport


class OtherMessage(Struct, frozen=True, gc=False):
    """Well formed, but nothing this product stores: another AIS type or another NMEA sentence.

    `kind`: `ais_4`, `ais_8_200_24` (type, area code, function), `part` or an address (`GPGGA`).
    """

    sentence: Sentence
    kind: str
    mmsi: int | None = None


class Rejected(Struct, frozen=True, gc=False):
    """Refused: the reason, a sentence for the operator, and the original bytes.

    `raw` is cut to 1 KiB for a line without end; `detail` then says how long it was.
    """

    sentence: Sentence
    reason: Rejection
    detail: str
    raw: bytes
    mmsi: int | None = None


@dataclass(frozen=True, slots=True)
class TopicMessage:
    """What a topic of its own brings. Each such topic has a subclass, which its handler knows."""

    sentence: Sentence


Message = PositionMessage | StaticMessage | OtherMessage | Rejected | TopicMessage
