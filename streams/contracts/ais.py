"""From sentences to messages: one outcome for every line, whatever the line holds."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from domain.positions import Rejection, StaticReport
from streams.contracts import inland
from streams.contracts.assembly import Assembler, Assembly, Part
from streams.contracts.messages import (
    Message,
    OtherMessage,
    PositionMessage,
    Rejected,
    Sentence,
    StaticMessage,
)
from streams.contracts.payload import Payload
from streams.contracts.plausibility import dimension_fault, mmsi_fault, position_fault, spoken
from streams.contracts.report import (
    POSITION_TYPES,
    STATIC_TYPES,
    aligned,
    fix,
    instant,
    static_report,
)
from streams.contracts.sentence import LINE_LIMIT, BadSentence, parse, spelt

PART = "part"
"""`OtherMessage.kind` of a sentence whose content came out with the last part of its message."""

_BANG = 0x21
_VESSEL_REPORTS = (b"VDM", b"VDO")
_FIELDS = 7
_FILLS = {str(fill).encode(): fill for fill in range(6)}
_NUMBERS = frozenset(str(number).encode() for number in range(1, 10))
_LONG_RANGE = 27


class AisDecoder:
    """Decodes the sentences of one source; keeps the unfinished multi-part messages in between.

    `now` gives the present moment (UTC), `retention` how old a report may be, `tolerance` how far
    ahead of `now` it may lie (clocks differ, and seconds are rounded to the vessel's own).
    `part_timeout` and `part_limit` bound what waits for its other parts.

    Every sentence that is not blank has exactly one outcome, counted by its first message: a
    `PositionMessage`, `StaticMessage`, `OtherMessage` or `Rejected`. Only type 19 has two messages,
    the identity following the position, either of them possibly refused. The earlier sentences of
    a message in several parts have theirs, `OtherMessage("part")`, when the last one arrives.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        retention: timedelta,
        tolerance: timedelta = timedelta(seconds=60),
        part_timeout: timedelta = timedelta(seconds=10),
        part_limit: int = 256,
    ) -> None:
        self._now = now
        self._retention_s = retention.total_seconds()
        self._tolerance_s = tolerance.total_seconds()
        self._assembler = Assembler(timeout=part_timeout, limit=part_limit)
        self._arrived_at: datetime | None = None
        self._arrived_s = self._latest_s = self._earliest_s = 0

    @property
    def pending_offsets(self) -> list[int]:
        """Where sentences begin that wait for other parts, ascending; of replayable sources only.

        A decoder that gets these again, and blank sentences for the others in between, stands where
        this one stands now.
        """
        return sorted(
            part.sentence.offset
            for assembly in self._assembler.pending
            for part in assembly.parts
            if part.sentence.offset is not None
        )

    def decode(self, sentence: Sentence) -> list[Message]:
        """The messages that this sentence brings, after those that are given up because of it."""
        over = self._assembler.expire(sentence)
        if over:
            return [*_orphans(over), *self._one(sentence)]
        return self._one(sentence)

    def flush(self) -> list[Message]:
        """Give up what still waits for its other parts: the source has ended for good."""
        return _orphans(list(self._assembler.drain()))

    def _one(self, sentence: Sentence) -> list[Message]:
        raw = sentence.raw
        if not raw or raw.isspace():
            return []
        try:
            start, fields, tag = parse(raw, sentence.length)
            if start != _BANG or fields[0][2:] not in _VESSEL_REPORTS:
                return [_other_nmea(sentence, fields[0])]
            if len(fields) != _FIELDS:
                raise _malformed(fields)
            _, total, number, sequence, channel, armoured, fill_text = fields
            fill = _FILLS.get(fill_text)
            if fill is None or not armoured:
                raise _malformed(fields)
            if total == b"1" == number:
                clock_s = tag.time_s if tag is not None else None
                return self._message((sentence,), clock_s, armoured, fill)
            if number not in _NUMBERS or total not in _NUMBERS or number > total:
                raise _malformed(fields)
        except BadSentence as fault:
            return [_rejected((sentence,), fault)]
        return self._add(
            Part(sentence, tag, int(total), int(number), sequence, channel, armoured, fill)
        )

    def _add(self, part: Part) -> list[Message]:
        whole, orphans = self._assembler.add(part)
        messages = _orphans(orphans)
        if whole is not None:
            sentences = tuple(known.sentence for known in whole.parts)
            messages += [OtherMessage(sentence, PART) for sentence in sentences[:-1]]
            messages += self._message(sentences, whole.time_s, whole.payload, whole.fill)
        return messages

    def _message(
        self, sentences: tuple[Sentence, ...], clock_s: int | None, armoured: bytes, fill: int
    ) -> list[Message]:
        """A whole message, carried by `sentences` in order of arrival.

        Its reference time is the receiver's clock, else arrival at the first socket.
        """
        payload = None
        arrived_at = sentences[-1].arrived_at
        if arrived_at is not self._arrived_at:
            self._look_at_clock(arrived_at)
        if clock_s is None:
            clock_s = self._arrived_s
        try:
            payload = Payload(armoured, fill)
            if payload.type in POSITION_TYPES:
                return self._position(payload, sentences, clock_s)
            return [self._identity(payload, sentences[-1], clock_s)]
        except BadSentence as fault:
            return [_rejected(sentences, fault, payload.mmsi if payload is not None else None)]

    def _position(
        self, payload: Payload, sentences: tuple[Sentence, ...], clock_s: int
    ) -> list[Message]:
        message = payload.decode()
        mmsi = message.mmsi
        fault = mmsi_fault(mmsi)
        if fault is not None:
            raise BadSentence(Rejection.MMSI, fault)
        t_s = aligned(clock_s, message.second) if payload.type != _LONG_RANGE else clock_s
        self._check_time(t_s)
        found: list[Message]
        fault = position_fault(message.lon, message.lat)
        if fault is None:
            found = [PositionMessage(sentences[-1], fix(message, payload, t_s))]
        else:
            found = [_rejected(sentences, BadSentence(Rejection.POSITION, fault), mmsi)]
        if payload.type in STATIC_TYPES:
            try:
                report = static_report(message, payload, instant(t_s))
                _check_dimensions(report)
                found.append(StaticMessage(sentences[-1], report))
            except BadSentence as refused:
                found.append(_rejected(sentences, refused, mmsi))
        return found

    def _identity(self, payload: Payload, sentence: Sentence, clock_s: int) -> Message:
        """Static reports of all kinds; every other type is only looked at."""
        application = inland.application(payload)
        if application == inland.STATIC:
            inland.check_length(payload)
        message = payload.decode()
        if application != inland.STATIC and payload.type not in STATIC_TYPES:
            kind = "_".join(str(n) for n in ("ais", *application))
            return OtherMessage(sentence, kind, message.mmsi)
        fault = mmsi_fault(message.mmsi)
        if fault is not None:
            raise BadSentence(Rejection.MMSI, fault)
        self._check_time(clock_s)
        t = instant(clock_s)
        if application == inland.STATIC:
            report = inland.static_report(message, t)
        else:
            report = static_report(message, payload, t)
        _check_dimensions(report)
        return StaticMessage(sentence, report)

    def _check_time(self, t_s: int) -> None:
        if t_s > self._latest_s:
            raise BadSentence(
                Rejection.TIME_FUTURE, f"{spoken(t_s)} is later than {spoken(self._latest_s)}"
            )
        if t_s < self._earliest_s:
            raise BadSentence(
                Rejection.TIME_EXPIRED,
                f"{spoken(t_s)} is earlier than {spoken(self._earliest_s)}",
            )

    def _look_at_clock(self, arrived_at: datetime) -> None:
        """Once for all sentences of one read, which share their stamp."""
        now_s = self._now().timestamp()
        self._arrived_at = arrived_at
        self._arrived_s = int(arrived_at.timestamp())
        self._latest_s = int(now_s + self._tolerance_s)
        self._earliest_s = int(now_s - self._retention_s)


def _check_dimensions(report: StaticReport) -> None:
    fault = dimension_fault(report.length_m, report.beam_m)
    if fault is not None:
        raise BadSentence(Rejection.DIMENSIONS, fault)


def _malformed(fields: list[bytes]) -> BadSentence:
    """What is wrong with a sentence whose checksum is right."""
    if len(fields) != _FIELDS:
        detail = f"an AIS sentence has {_FIELDS} fields, here {len(fields)}"
    elif not fields[5]:
        return BadSentence(Rejection.EMPTY_PAYLOAD, "the sentence carries no payload")
    elif fields[6] not in _FILLS:
        detail = f"fill bits are 0 to 5, here '{spelt(fields[6])}'"
    else:
        detail = f"part '{spelt(fields[2])}' of '{spelt(fields[1])}' does not exist"
    return BadSentence(Rejection.UNDECODABLE, detail)


def _other_nmea(sentence: Sentence, address: bytes) -> OtherMessage:
    if not 3 <= len(address) <= 12 or not address.isalnum():
        raise BadSentence(Rejection.NOT_NMEA, "the address is not letters and digits")
    return OtherMessage(sentence, address.decode("ascii"))


def _orphans(assemblies: Sequence[Assembly]) -> list[Message]:
    found: list[Message] = []
    for assembly in assemblies:
        for part in assembly.parts:
            fault = BadSentence(
                Rejection.ORPHAN_PART, f"{part.label}: part {assembly.missing} did not arrive"
            )
            found.append(_rejected((part.sentence,), fault))
    return found


def _rejected(
    sentences: Sequence[Sentence], fault: BadSentence, mmsi: int | None = None
) -> Rejected:
    raw = b"\n".join(sentence.raw for sentence in sentences)
    if fault.reason is Rejection.TOO_LONG:
        raw = raw[:LINE_LIMIT]
    return Rejected(sentences[-1], fault.reason, fault.detail, raw, mmsi)
