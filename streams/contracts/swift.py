"""The four everyday position reports, read from the whole payload as one number.

pyais builds twenty checked fields for each; a track needs nine. `tests/unit/test_swift.py` holds
every value to what pyais reads. Layouts: ITU-R M.1371-5, tables 48 (types 1-3) and 70 (type 18).
"""

from binascii import a2b_base64
from typing import NamedTuple

ARMOUR = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
"""The 64 characters of a payload, six bits each, in order of value."""

CLASS_A = frozenset({1, 2, 3})
CLASS_B = 18
CHARACTERS = 28
"""168 bits, no fill."""

_BASE64 = bytes.maketrans(
    ARMOUR, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)


class SwiftReport(NamedTuple):
    """A position report in AIS units: knots, degrees, the UTC second; as pyais names them."""

    mmsi: int
    repeat: int
    status: int
    speed: float
    lon: float
    lat: float
    course: float
    heading: int
    second: int


def read_swiftly(armoured: bytes, kind: int) -> SwiftReport | None:
    """The report, or `None` for every other type and for any length but 168 bits."""
    if len(armoured) != CHARACTERS:
        return None
    bits = int.from_bytes(a2b_base64(armoured.translate(_BASE64)), "big")
    if kind in CLASS_A:
        status, speed, place, direction = (bits >> 126) & 15, bits >> 108, bits >> 52, bits >> 25
    elif kind == CLASS_B:
        status, speed, place, direction = 15, bits >> 112, bits >> 56, bits >> 29
    else:
        return None
    lat = place & 0x7FF_FFFF
    if lat & 0x400_0000:
        lat -= 0x800_0000
    lon = (place >> 27) & 0xFFF_FFFF
    if lon & 0x800_0000:
        lon -= 0x1000_0000
    # tenths of a minute's thousandth, rounded to a millionth of a degree as pyais does
    return SwiftReport(
        (bits >> 130) & 0x3FFF_FFFF,
        (bits >> 160) & 3,
        status,
        (speed & 1023) / 10.0,
        ((10 * lon + 3) // 6) / 1e6,
        ((10 * lat + 3) // 6) / 1e6,
        ((direction >> 15) & 4095) / 10.0,
        (direction >> 6) & 511,
        direction & 63,
    )
