"""Sentences that the tests make themselves, encoded by pyais."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from typing import Any

from pyais.encode import encode_dict

from domain.positions import Fix, StaticReport
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import (
    Message,
    OtherMessage,
    PositionMessage,
    Rejected,
    Sentence,
    StaticMessage,
)

NOW = datetime(2026, 3, 1, 12, 0, 30, 250_000, tzinfo=UTC)
BARGE = {"type": 1, "mmsi": 413000123, "lon": 120.9, "lat": 31.05, "speed": 4.2, "second": 28}


def with_checksum(body: bytes, start: bytes = b"!") -> bytes:
    """`body` (without start and asterisk) as a sentence whose checksum is right."""
    return start + body + b"*%02X" % reduce(xor, body, 0)


def tagged(line: bytes, fields: bytes) -> bytes:
    """`line` behind a tag block with a right checksum."""
    return b"\\" + fields + b"*%02X" % reduce(xor, fields, 0) + b"\\" + line


def ais(**fields: Any) -> list[bytes]:
    """The sentences of one AIS message; the fields are pyais's, `type` included."""
    fields.setdefault("msg_type", fields.pop("type"))
    sequence = fields.pop("sequence", None)
    lines = encode_dict(fields, sentence_type="VDM", radio_channel="A", seq_id=sequence)
    return [line.encode() for line in lines]


def barge(**fields: Any) -> bytes:
    """One position report of a barge on the Taipu."""
    (line,) = ais(**BARGE | fields)
    return line


def raw_payload(payload: str, fill: int = 0) -> bytes:
    """A one-part sentence around an armoured payload."""
    return with_checksum(f"AIVDM,1,1,,A,{payload},{fill}".encode())


def decoder(**options: Any) -> AisDecoder:
    """A decoder that lives at `NOW` and keeps thirty days."""
    return AisDecoder(
        **{"now": lambda: NOW, "retention": timedelta(days=30), **options},
    )


def sentence(raw: bytes, *, at: datetime = NOW, **place: Any) -> Sentence:
    """`raw` as it arrived."""
    return Sentence("test", at, raw, **place)


def decode(*lines: bytes, flush: bool = True) -> list[Message]:
    """All messages of these lines, in a decoder of their own."""
    one = decoder()
    found = [message for line in lines for message in one.decode(sentence(line))]
    return found + one.flush() if flush else found


ARMOUR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"


def patched(lines: list[bytes], start: int, width: int, value: int) -> list[bytes]:
    """The message of `lines` with other bits at `start`: what no encoder would write."""
    fields = [line[1:-3].split(b",") for line in lines]
    fill = int(fields[-1][6])
    text = b"".join(field[5] for field in fields).decode()
    bits = list("".join(f"{ARMOUR.index(character):06b}" for character in text))
    bits[start : start + width] = f"{value:0{width}b}"
    joined = "".join(bits)
    text = "".join(ARMOUR[int(joined[at : at + 6], 2)] for at in range(0, len(joined), 6))
    return parts(text, fill)


def parts(payload: str, fill: int, sequence: str = "1", size: int = 60) -> list[bytes]:
    """An armoured payload as one sentence or, where it is longer than `size`, several."""
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)]
    last = len(pieces)
    return [
        with_checksum(
            f"AIVDM,{last},{n},{sequence if last > 1 else ''},A,{piece},"
            f"{fill if n == last else 0}".encode()
        )
        for n, piece in enumerate(pieces, 1)
    ]


def fix_of(*lines: bytes) -> Fix:
    """The fix that these lines are, or the test fails."""
    (message,) = decode(*lines)
    assert isinstance(message, PositionMessage), message
    return message.fix


def report_of(*lines: bytes) -> StaticReport:
    """The identity that these lines tell, or the test fails."""
    (message,) = (m for m in decode(*lines) if not isinstance(m, OtherMessage))
    assert isinstance(message, StaticMessage), message
    return message.report


def refusal_of(*lines: bytes) -> Rejected:
    """The one refusal that these lines earn, or the test fails."""
    (message,) = (m for m in decode(*lines) if not isinstance(m, OtherMessage))
    assert isinstance(message, Rejected), message
    assert message.detail
    return message
