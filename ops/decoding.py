"""What `whistle decode` says of every line: a record to print as JSON, and the counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from domain.positions import Rejection
from streams.contracts import inland
from streams.contracts.ais import PART, AisDecoder
from streams.contracts.messages import (
    Message,
    OtherMessage,
    PositionMessage,
    Rejected,
    Sentence,
    StaticMessage,
    TopicMessage,
)
from streams.contracts.payload import Payload
from streams.contracts.plausibility import NO_POSITION
from streams.contracts.report import fix
from streams.contracts.sentence import parse
from streams.sources.lines import LineSplitter
from streams.sources.pace import received_s

Record = dict[str, Any]
_INLAND = {"dac": inland.STATIC[1], "fid": inland.STATIC[2]}


class Listing:
    """Decodes a recording outside the store: nothing is too old, and `t` stands only where the
    receiver gave a time.

    A message whose position is the protocol's own "not available" is decoded all the same and says
    `refused`; everything else that the store would not take is `rejected`.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.decoded = 0
        self.refused: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.other: Counter[str] = Counter()
        self._now = now
        self._decoder = AisDecoder(now=now, retention=timedelta.max)
        self._splitter = LineSplitter("file", line=1)

    def records(self, chunks: Iterable[bytes]) -> Iterator[list[Record]]:
        """The records of each chunk of bytes, one per message; then those of what was left."""
        for chunk in chunks:
            yield self._of(self._splitter.feed(chunk, self._now()))
        last = self._of(self._splitter.finish(self._now()))
        yield last + [self._record([message]) for message in self._decoder.flush()]

    def summary(self) -> str:
        """For the operator: how many of what."""
        rejected, other = self.rejected.total(), self.other.total()
        lines = [f"{self.decoded} messages decoded, {rejected} lines rejected, {other} other"]
        for title, counts in (("refused", self.refused), ("rejected", self.rejected)):
            lines += [f"  {title} {reason}: {n}" for reason, n in counts.most_common()]
        return "\n".join(lines)

    def _of(self, sentences: list[Sentence]) -> list[Record]:
        found: list[Record] = []
        for sentence in sentences:
            messages = self._decoder.decode(sentence)
            orphans = [m for m in messages if m.sentence is not sentence and not _is_part(m)]
            found += [self._record([orphan]) for orphan in orphans]
            rest = [m for m in messages if m not in orphans]
            if rest:
                found.append(self._record(rest))
        return found

    def _record(self, messages: list[Message]) -> Record:
        """One record of what one radio message brought, all its sentences and aspects."""
        parts = [message.sentence for message in messages if _is_part(message)]
        aspects = [message for message in messages if not _is_part(message)]
        first = aspects[0]
        record: Record = {"line": first.sentence.line}
        if parts:
            record["lines"] = [*(part.line for part in parts), first.sentence.line]
        if isinstance(first, OtherMessage) and not first.kind.startswith("ais_"):
            self.other[first.kind] += 1
            return record | {"other": first.kind}
        if isinstance(first, Rejected) and first.detail != NO_POSITION:
            self.rejected[first.reason] += len(parts) + 1
            return record | _rejection("rejected", first)
        self.decoded += 1
        clocks = (received_s(sentence) for sentence in (*parts, first.sentence))
        timed = any(clock is not None for clock in clocks)
        for aspect in aspects:
            record |= self._fields(aspect, timed=timed)
        return record

    def _fields(self, message: Message, *, timed: bool) -> Record:
        match message:
            case PositionMessage(_, fix=found):
                return _said(found._asdict(), timed=timed)
            case StaticMessage(_, report=found):
                said = _said(asdict(found), timed=timed)
                return said | _INLAND if found.message_type == inland.STATIC[0] else said
            case OtherMessage():
                names = ("type", "dac", "fid")
                numbers = (int(number) for number in message.kind.split("_")[1:])
                fields = dict(zip(names, numbers, strict=False))
                return {"mmsi": message.mmsi, **fields, "stored": False}
            case Rejected():
                self.refused[message.reason] += 1
                fields = _without_position(message) if message.detail == NO_POSITION else {}
                return fields | _rejection("refused", message)
            case TopicMessage():
                raise TypeError("a sentence brings no message of another topic")


def _is_part(message: Message) -> bool:
    return isinstance(message, OtherMessage) and message.kind == PART


def _rejection(word: str, message: Rejected) -> Record:
    record: Record = {word: str(message.reason), "detail": message.detail}
    if message.mmsi is not None:
        record["mmsi"] = message.mmsi
    if message.reason in (Rejection.NOT_NMEA, Rejection.TRUNCATED, Rejection.CHECKSUM):
        record["raw"] = message.raw[:120].decode("ascii", "backslashreplace")
    return record


def _said(fields: Record, *, timed: bool) -> Record:
    """What the vessel said, without what it left out and what only the store needs."""
    named = {"type": fields.pop("message_type")} | fields
    named.pop("payload_hash", None)
    t = named.pop("t")
    if timed:
        named["t"] = t.isoformat()
    return {"mmsi": named.pop("mmsi")} | {k: v for k, v in named.items() if v is not None}


def _without_position(message: Rejected) -> Record:
    frames = sorted((parse(raw) for raw in message.raw.split(b"\n")), key=lambda f: f.fields[2])
    payload = Payload(b"".join(frame.fields[5] for frame in frames), int(frames[-1].fields[6]))
    said = _said(fix(payload.decode(), payload, 0)._asdict(), timed=False)
    return {key: value for key, value in said.items() if key not in ("lon", "lat")}
