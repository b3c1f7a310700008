"""From sentences to messages: one outcome for every line, whatever the line holds."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from domain.positions import Rejection
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
from streams.contracts.plausibility import dimension_fault, instant, mmsi_fault, position_fault
from streams.contracts.report import POSITION_TYPES, STATIC_TYPES, aligned, fix, static_report
from streams.contracts.sentence import LINE_LIMIT, BadSentence, Frame, parse

PART = "part"
"""`OtherMessage.kind` of a sentence whose content came out with the last part of its message."""

_BANG = 0x21
_VESSEL_REPORTS = (b"VDM", b"VDO")
_FIELDS = 7
_MAX_PARTS = 9
_BINARY = (6, 8)
_NO_SECOND = 63


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

    @property
    def oldest_pending_offset(self) -> int | None:
        """Where a restart has to read from, so that no half message is lost; `None`: from the end.

        Sentences from here to the last one decoded are then read twice. Whoever keeps a cursor
        drops those that were already stored, except the pending ones: they alone are decoded again,
        or a part whose message is complete would wait once more.
        """
        return min(self.pending_offsets, default=None)

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
        if not sentence.raw or sentence.raw.isspace():
            return []
        try:
            frame = parse(sentence.raw, sentence.length)
            address = frame.fields[0]
            if frame.start != _BANG or address[2:] not in _VESSEL_REPORTS:
                return [_other_nmea(sentence, address)]
            part = _part(sentence, frame)
        except BadSentence as fault:
            return [_rejected([sentence], fault)]
        if part.total == 1:
            return self._message([part])
        whole, orphans = self._assembler.add(part)
        messages = _orphans(orphans)
        if whole is not None:
            messages += [OtherMessage(known.sentence, PART) for known in whole.parts[:-1]]
            messages += self._message(whole.parts)
        return messages

    def _message(self, parts: list[Part]) -> list[Message]:
        """A whole message, its parts in order of arrival."""
        sentence = parts[-1].sentence
        mmsi = None
        try:
            if len(parts) == 1:
                payload = Payload(parts[0].payload, parts[0].fill)
            else:
                ordered = sorted(parts, key=lambda part: part.number)
                payload = Payload(b"".join(part.payload for part in ordered), ordered[-1].fill)
            kind, mmsi = payload.type, payload.mmsi
            reference_s = _reference_s(parts)
            if kind in POSITION_TYPES:
                return self._position(payload, parts, reference_s)
            if kind in STATIC_TYPES:
                return [self._static(payload, sentence, reference_s)]
            if kind in _BINARY:
                return [self._binary(payload, sentence, reference_s)]
            payload.decode()
            return [OtherMessage(sentence, f"ais_{kind}")]
        except BadSentence as fault:
            return [_rejected([part.sentence for part in parts], fault, mmsi)]

    def _position(self, payload: Payload, parts: list[Part], reference_s: int) -> list[Message]:
        sentence = parts[-1].sentence
        message = payload.decode()
        _check_mmsi(payload.mmsi)
        second = getattr(message, "second", _NO_SECOND)
        t_s = aligned(reference_s, second)
        self._check_time(t_s)
        fault = position_fault(message.lon, message.lat)
        found: list[Message]
        if fault is None:
            found = [PositionMessage(sentence, fix(message, payload, t_s))]
        else:
            refused = BadSentence(Rejection.POSITION, fault)
            found = [_rejected([part.sentence for part in parts], refused, payload.mmsi)]
        if payload.type in STATIC_TYPES:
            report = static_report(message, payload, datetime.fromtimestamp(t_s, UTC))
            fault = dimension_fault(report.length_m, report.beam_m)
            if fault is None:
                found.append(StaticMessage(sentence, report))
            else:
                refused = BadSentence(Rejection.DIMENSIONS, fault)
                found.append(_rejected([part.sentence for part in parts], refused, payload.mmsi))
        return found

    def _static(self, payload: Payload, sentence: Sentence, reference_s: int) -> Message:
        message = payload.decode()
        _check_mmsi(payload.mmsi)
        self._check_time(reference_s)
        report = static_report(message, payload, datetime.fromtimestamp(reference_s, UTC))
        _check_dimensions(report.length_m, report.beam_m)
        return StaticMessage(sentence, report)

    def _binary(self, payload: Payload, sentence: Sentence, reference_s: int) -> Message:
        """Types 6 and 8 carry applications, named by area code (DAC) and function (FI)."""
        at = 40 if payload.type == 8 else 72
        dac, fi = payload.bits.get(at, 10), payload.bits.get(at + 10, 6)
        if (payload.type, dac, fi) != (8, inland.DAC, inland.FI_STATIC):
            payload.decode()
            return OtherMessage(sentence, f"ais_{payload.type}_{dac}_{fi}")
        inland.check_length(payload)
        message = payload.decode()
        _check_mmsi(payload.mmsi)
        self._check_time(reference_s)
        report = inland.static_report(message, datetime.fromtimestamp(reference_s, UTC))
        _check_dimensions(report.length_m, report.beam_m)
        return StaticMessage(sentence, report)

    def _check_time(self, t_s: int) -> None:
        now_s = self._now().timestamp()
        if t_s > now_s + self._tolerance_s:
            raise BadSentence(
                Rejection.TIME_FUTURE, f"{instant(t_s)} lies ahead of {instant(int(now_s))}"
            )
        if t_s < now_s - self._retention_s:
            days = self._retention_s / 86_400
            raise BadSentence(
                Rejection.TIME_EXPIRED, f"{instant(t_s)} is older than the {days:g} days kept"
            )


def _check_mmsi(mmsi: int) -> None:
    fault = mmsi_fault(mmsi)
    if fault is not None:
        raise BadSentence(Rejection.MMSI, fault)


def _check_dimensions(length_m: float | None, beam_m: float | None) -> None:
    fault = dimension_fault(length_m, beam_m)
    if fault is not None:
        raise BadSentence(Rejection.DIMENSIONS, fault)


def _reference_s(parts: list[Part]) -> int:
    """The receiver's clock if any part carries one, else arrival at the first socket."""
    for part in parts:
        if part.tag is not None and part.tag.time_s is not None:
            return part.tag.time_s
    return int(parts[-1].sentence.arrived_at.timestamp())


def _part(sentence: Sentence, frame: Frame) -> Part:
    fields = frame.fields
    if len(fields) != _FIELDS:
        raise BadSentence(
            Rejection.UNDECODABLE, f"an AIS sentence has {_FIELDS} fields, here {len(fields)}"
        )
    _, total_text, number_text, sequence, channel, payload, fill_text = fields
    total, number, fill = (_digit(text) for text in (total_text, number_text, fill_text))
    if total is None or number is None or not 1 <= number <= total <= _MAX_PARTS:
        shown = f"{number_text!r} of {total_text!r}".replace("b'", "'")
        raise BadSentence(Rejection.UNDECODABLE, f"part {shown} does not exist")
    if not payload:
        raise BadSentence(Rejection.EMPTY_PAYLOAD, "the sentence carries no payload")
    if fill is None or fill > 5:
        raise BadSentence(Rejection.UNDECODABLE, "fill bits are 0 to 5")
    return Part(sentence, frame.tag, total, number, sequence, channel, payload, fill)


def _digit(text: bytes) -> int | None:
    return text[0] - 0x30 if len(text) == 1 and text.isdigit() else None


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
            found.append(_rejected([part.sentence], fault))
    return found


def _rejected(
    sentences: Sequence[Sentence], fault: BadSentence, mmsi: int | None = None
) -> Rejected:
    raw = b"\n".join(sentence.raw for sentence in sentences)
    if fault.reason is Rejection.TOO_LONG:
        raw = raw[:LINE_LIMIT]
    return Rejected(sentences[-1], fault.reason, fault.detail, raw, mmsi)
