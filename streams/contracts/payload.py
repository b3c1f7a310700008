"""The payload of an AIS message: from armoured characters to fields, length and digest."""

from hashlib import blake2b
from typing import Any

from pyais.bit_vector import bit_vector
from pyais.messages import MSG_CLASS

from domain.positions import Rejection
from streams.contracts.sentence import BadSentence

_ARMOUR = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
_SIX_BITS = {character: value for value, character in enumerate(_ARMOUR)}
_HEADER_BITS = 38
_PADDING_BITS = 5  # some transponders send whole characters and call none of their bits fill
_FILLS = tuple(str(fill).encode() for fill in range(6))

_LENGTHS = {
    1: (168, 168),
    2: (168, 168),
    3: (168, 168),
    5: (420, 424),
    18: (168, 168),
    19: (312, 312),
    24: (160, 168),
    27: (96, 168),
}
"""Bits, least and most, of the stored types (ITU-R M.1371-5; type 5 is seen cut by 2-4)."""


class Payload:
    """One whole message: its type and bits. Raises `BadSentence(undecodable)`."""

    __slots__ = ("armoured", "bits", "fill", "length", "type")

    def __init__(self, armoured: bytes, fill: int) -> None:
        # pyais reads a character outside the alphabet as zero bits; a zero is a lie here.
        strange = armoured.translate(None, _ARMOUR)
        if strange:
            raise BadSentence(
                Rejection.UNDECODABLE, f"byte 0x{strange[0]:02x} is not in the AIS alphabet"
            )
        self.armoured = armoured
        self.fill = fill
        self.bits = bit_vector(armoured, fill)
        self.length = len(armoured) * 6 - fill
        self.type = _SIX_BITS[armoured[0]]

    @property
    def mmsi(self) -> int | None:
        """The sender's number; `None` when the message ends before it."""
        return self.bits.get(8, 30) if self.length >= _HEADER_BITS else None

    def decode(self) -> Any:  # noqa: ANN401 - pyais has a class for every type and no common one
        """The fields as pyais reads them. Raises `BadSentence(undecodable)` with its reason."""
        kind, length = self.type, self.length
        if length < _HEADER_BITS:
            raise BadSentence(Rejection.UNDECODABLE, f"{length} bits hold no type and MMSI")
        span = _LENGTHS.get(kind)
        if span is not None and not span[0] <= length <= span[1] + _PADDING_BITS:
            wanted = f"{span[0]}" if span[0] == span[1] else f"{span[0]} to {span[1]}"
            raise BadSentence(
                Rejection.UNDECODABLE, f"type {kind} has {wanted} bits, here {length}"
            )
        message_class = MSG_CLASS.get(kind) if kind else None
        if message_class is None:
            raise BadSentence(Rejection.UNDECODABLE, f"message type {kind} does not exist")
        try:
            return message_class.from_vector(self.bits)
        except Exception as fault:  # whatever a payload makes of the decoder, the stream goes on
            raise BadSentence(
                Rejection.UNDECODABLE, f"type {kind}: {fault or type(fault).__name__}"
            ) from fault

    def digest(self, repeat: int) -> int:
        """Signed 64-bit digest of the bits as the vessel sent them.

        Equal for every receiver: tag block, channel and the `repeat` indicator, which a relay
        counts up, do not enter.
        """
        armoured = self.armoured
        if repeat:
            second = _SIX_BITS[armoured[1]] & 0b1111
            armoured = armoured[:1] + _ARMOUR[second : second + 1] + armoured[2:]
        hashed = blake2b(armoured + _FILLS[self.fill], digest_size=8).digest()
        return int.from_bytes(hashed, "big", signed=True)
