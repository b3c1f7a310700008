"""What a checkpoint has to say before it comes on the register, by field."""

import math
from typing import Final

from domain.checkpoints import Checkpoint
from domain.errors import InvalidInput
from domain.registers import is_place

LONGEST_ID: Final = 60
LONGEST_TEXT: Final = 120
"""Characters of an id, and of a name or a waterway."""

RESERVED_ID: Final = "unknown"
"""Stands for the device where no token told who it was."""

_WEST, _EAST, _SOUTH, _NORTH = 116.0, 124.0, 27.0, 36.0
"""Shanghai, Jiangsu and Zhejiang: what lies outside was mistyped or swapped."""
_WIDTH_M: Final = (5.0, 2000.0)
_EVERY_S: Final = (5, 86_400)


def wrong_fields(point: Checkpoint) -> list[InvalidInput]:
    """What is wrong with a point, by field; `[]` when the register can take it."""
    faults: list[InvalidInput] = []

    def expect(right: bool, field: str, expected: str) -> None:
        if not right:
            faults.append(InvalidInput(field, f"expected {expected}"))

    for field, longest in (
        ("checkpoint_id", LONGEST_ID),
        ("name", LONGEST_TEXT),
        ("name_en", LONGEST_TEXT),
        ("waterway", LONGEST_TEXT),
    ):
        text: str = getattr(point, field)
        right = text == text.strip() != "" and text.isprintable() and len(text) <= longest
        expect(right, field, f"1 to {longest} printable characters without outer spaces")
    reserved = point.checkpoint_id.lower() == RESERVED_ID
    expect(not reserved, "checkpoint_id", f"another id: {RESERVED_ID} stands for no device")
    for field, least, most, side in (
        ("lon", _WEST, _EAST, "east"),
        ("lat", _SOUTH, _NORTH, "north"),
    ):
        degrees: float = getattr(point, field)
        expect(
            least <= degrees <= most,
            field,
            f"degrees {side} from {least:g} to {most:g}, where the three provinces lie",
        )
    bearing = point.bearing_deg
    expect(
        math.isfinite(bearing) and 0 <= bearing < 360,
        "bearing_deg",
        "degrees from true north, from 0 to below 360",
    )
    least_m, most_m = _WIDTH_M
    expect(least_m <= point.width_m <= most_m, "width_m", f"metres from {least_m:g} to {most_m:g}")
    expect(
        is_place(point.adcode) and len(point.adcode) == 6,
        "adcode",
        "an adcode of 6 digits, of the district it stands in",
    )
    least_s, most_s = _EVERY_S
    expect(least_s <= point.every_s <= most_s, "every_s", f"seconds from {least_s} to {most_s}")
    return faults
